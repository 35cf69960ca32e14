"""Requests for how likely each option of an answer is, of which none is drawn."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from math import exp, fsum, isfinite
from typing import TYPE_CHECKING

from tgc import schema
from tgc.backends.base import Completion, Failure, Request

if TYPE_CHECKING:
    from tgc.engine.drawing.choices import Options
    from tgc.engine.services.likelihood import Scored

DIGITS = 6
"""Significant digits of a probability."""

UNLIKELY = "the model gives no option any probability"

Likelihoods = Callable[[Iterable["Scored"]], list[tuple[float, ...]]]
"""The log-probability of every token of each text."""


@dataclass(frozen=True, slots=True)
class Ballot:
    """A request with its prompt in tokens, and the options for what comes after it."""

    request: Request
    prompt: tuple[int, ...]
    options: "Options"


def weighed(ballots: Sequence[Ballot], likelihoods: Likelihoods) -> list[Completion | Failure]:
    """The probability of each option, given that the answer begins with one of them, as JSON."""
    asked = [_scored(ballot) for ballot in ballots]
    found = iter(likelihoods(chain.from_iterable(asked)))
    return [
        _result(ballot, list(islice(found, len(own)))) for ballot, own in zip(ballots, asked, strict=True)
    ]


def _scored(ballot: Ballot) -> list["Scored"]:
    from tgc.engine.services.likelihood import Scored

    return [Scored(ballot.prompt, text) for texts in ballot.options.spellings for text in texts]


def _result(ballot: Ballot, logprobs: Sequence[tuple[float, ...]]) -> Completion | Failure:
    from tgc.engine.drawing.choices import weigh

    tree = ballot.options.tree
    by_token = dict(chain.from_iterable(map(zip, tree.texts, logprobs)))
    weights = weigh(ballot.options, [by_token[place] for place in range(len(tree.asked))])
    if not isfinite(max(weights)):
        return Failure(ballot.request.key, UNLIKELY)
    text = _spelled(ballot.request.answers, weights)
    return Completion(ballot.request.key, text, "stop", len(ballot.prompt), 0, None)


def _spelled(answers: schema.Shape, weights: Sequence[float]) -> str:
    assert isinstance(answers, schema.Weighed)
    masses = [exp(weight - max(weights)) for weight in weights]
    shares = (float(f"{mass / fsum(masses):.{DIGITS}g}") for mass in masses)
    return json.dumps(dict(zip(answers.options, shares, strict=True)), ensure_ascii=False)
