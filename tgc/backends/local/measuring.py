"""Requests for the likelihood of turns that are there already, answered by a session that can tell it."""

from collections.abc import Iterator, Sequence
from math import inf, isnan
from typing import assert_never

from tgc.backends.base import Completion, Failure, Request, Said, Scoring
from tgc.likelihood import Likelihood, Measure, ifd

DIGITS = 6
"""Significant digits of a measure."""

NO_NUMBER = "the model gives the text a likelihood that is not a number"
UNFIT = "with what is before it the text exceeds the context"


def measured(session: Scoring, requests: Sequence[Request]) -> list[Completion | Failure]:
    """What is made of the likelihood of each turn, alone and where it was said; infinity where it has no tokens.

    Raises:
        BackendError: as for `Scoring.score`.
    """
    turns = [Said(request.messages, request.role, text) for request, (_, text) in _asked(requests)]
    bare = [Said((), None, text) for _, (measure, text) in _asked(requests) if measure == "ifd"]
    found = session.score([*turns, *bare])
    alone = iter(found[len(turns) :])
    return [
        _result(request, measure, after, next(alone) if measure == "ifd" else after)
        for (request, (measure, _)), after in zip(_asked(requests), found, strict=False)
    ]


def _asked(requests: Sequence[Request]) -> Iterator[tuple[Request, tuple[Measure, str]]]:
    return ((request, request.measured) for request in requests if request.measured)


def _result(
    request: Request, measure: Measure, after: Likelihood | None, alone: Likelihood | None
) -> Completion | Failure:
    if after is None or alone is None:
        return Failure(request.key, UNFIT)
    number = _number(measure, after, alone)
    if isnan(number):
        return Failure(request.key, NO_NUMBER)
    return Completion(request.key, f"{number:.{DIGITS}g}", "stop", after.tokens, 0, after.mean_logprob)


def _number(measure: Measure, after: Likelihood, alone: Likelihood) -> float:
    match measure:
        case "ifd":
            return ifd(after, alone) if alone.mean_logprob else inf
        case "perplexity":
            return after.perplexity if after.tokens else inf
        case _:
            assert_never(measure)
