"""How a token is drawn, as a plain value that recipes, requests and the engine share."""

from dataclasses import asdict, dataclass
from math import inf, log1p
from typing import Literal

Siblings = Literal["independent", "distinct"]

ALWAYS = ("temperature", "top_k", "top_p", "min_p", "repetition_penalty")
"""Fields spelled in every identity; newer ones are where they are set, so that what was generated before holds."""


@dataclass(frozen=True, slots=True)
class Sampling:
    """Parameters of one draw, applied in this order: penalty, temperature, top-k, top-p, min-p, uniform share.

    Attributes:
        temperature: divides the logits; 0 takes the likeliest token.
        top_k: keep the k likeliest tokens; 0 keeps all.
        top_p: keep the smallest set of likeliest tokens whose mass reaches p (nucleus, arXiv 1904.09751).
        min_p: keep tokens at least this fraction as likely as the likeliest (arXiv 2407.01082).
        repetition_penalty: divides positive and multiplies negative logits of tokens seen (arXiv 1909.05858).
        dp_lambda: the share of the distribution so far; the uniform one has the rest (DP-decoding,
            arXiv 2205.13621). 1 is all.
        siblings: whether siblings draw their first tokens each for itself, or without replacement (Gumbel top-k,
            arXiv 1903.06059).
    """

    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0
    min_p: float = 0.0
    repetition_penalty: float = 1.0
    dp_lambda: float = 1.0
    siblings: Siblings = "independent"

    @property
    def spelled(self) -> tuple[str, ...]:
        """What identifies it.

        >>> Sampling(temperature=0.7).spelled
        ('0.7', '0', '1.0', '0.0', '1.0')
        >>> Sampling(siblings="distinct").spelled
        ('1.0', '0', '1.0', '0.0', '1.0', 'siblings', 'distinct')
        """
        given, default = asdict(self), asdict(Sampling())
        always = tuple(str(given.pop(name)) for name in ALWAYS)
        newer = ((name, str(value)) for name, value in given.items() if value != default[name])
        return (*always, *(part for pair in newer for part in pair))

    def epsilon(self, vocabulary: int) -> float:
        """The logarithm of what a token's probability changes by at most, whatever the model was trained on.

        It is that of (λ + (1 - λ) / V) / ((1 - λ) / V), and adds up over tokens.

        >>> round(Sampling(dp_lambda=0.9).epsilon(131_072), 2)
        13.98
        """
        return inf if self.dp_lambda == 1 else log1p(self.dp_lambda * vocabulary / (1 - self.dp_lambda))
