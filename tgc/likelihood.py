"""How likely a model finds a text, and what is made of that."""

from dataclasses import dataclass
from math import exp, inf
from typing import Literal, get_args

Measure = Literal["ifd", "perplexity"]
"""What can be made of the likelihood of a turn."""

MEASURES: tuple[str, ...] = get_args(Measure)


@dataclass(frozen=True, slots=True)
class Likelihood:
    """Of a text, under a model's own distribution (temperature 1, nothing filtered).

    Attributes:
        tokens: how many it has, what ends it not included.
        mean_logprob: of these tokens, natural log; 0 where there are none.
    """

    tokens: int
    mean_logprob: float

    @property
    def perplexity(self) -> float:
        """Between how many tokens the model hesitated each time, on average.

        >>> round(Likelihood(tokens=3, mean_logprob=-0.6931).perplexity, 2)
        2.0
        """
        try:
            return exp(-self.mean_logprob)
        except OverflowError:
            return inf


def ifd(after: Likelihood, alone: Likelihood) -> float:
    """Instruction-Following Difficulty of an answer: what is left of its loss when its question comes before it.

    That is the ratio of mean negative log-probabilities (Li et al., arXiv 2308.12032). At 1 or above
    the question is of no help.

    >>> ifd(after=Likelihood(7, -0.5), alone=Likelihood(7, -2.0))
    0.25
    """
    return after.mean_logprob / alone.mean_logprob
