"""How a token is drawn, as a plain value that recipes, requests and the engine share."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sampling:
    """Parameters of one draw, applied in this order: penalty, temperature, top-k, top-p, min-p.

    Attributes:
        temperature: divides the logits; 0 takes the likeliest token.
        top_k: keep the k likeliest tokens; 0 keeps all.
        top_p: keep the smallest set of likeliest tokens whose mass reaches p (nucleus, arXiv 1904.09751).
        min_p: keep tokens at least this fraction as likely as the likeliest (arXiv 2407.01082).
        repetition_penalty: divides positive and multiplies negative logits of tokens seen (arXiv 1909.05858).
    """

    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0
    min_p: float = 0.0
    repetition_penalty: float = 1.0
