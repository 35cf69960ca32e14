"""How long a judge of four options takes that weighs them, beside one that draws its answer under a grammar.

    python -m benchmarks.engine.judge

Each of 4 questions has 16 answers; a rubric and the question come before them, so a prompt's beginning is shared
by its siblings. The two take turns, and the medians of several rounds count, in time of the CPU.
"""

from __future__ import annotations

import time
from random import Random
from statistics import median
from typing import TYPE_CHECKING

from tgc import assets
from tgc.backends.base import Request
from tgc.backends.torch import TorchBackend
from tgc.dialogue import Message
from tgc.origin import Origin
from tgc.sampling import Sampling
from tgc.schema import Choice

if TYPE_CHECKING:
    from tgc.backends.local.session import TorchSession

QUESTIONS, ANSWERS, ROUNDS = 4, 16, 3

OPTIONS = Choice(("poor", "fair", "good", "very good"))

RUBRIC = "A good answer is right, says why, and is no longer than it must be. " * 12

WORDS = (
    "the",
    "capital",
    "river",
    "France",
    "law",
    "music",
    "number",
    "is",
    "was",
    "who",
    "wrote",
    "because",
)


class Unspelled:
    """Knows no options, so that all are left to a grammar."""

    def of(self, *shape: object) -> None:
        """None."""


def requests() -> list[Request]:
    """To judge every answer to every question."""
    dice = Random(4)
    asked = [Message("user", _prose(dice, 24)) for _ in range(QUESTIONS)]
    pairs = [(one, Message("assistant", _prose(dice, 40))) for one in asked for _ in range(ANSWERS)]
    return [
        Request(
            key=f"{index:032x}",
            messages=(Message("system", RUBRIC), *pair, Message("user", "How good is this answer?")),
            role="assistant",
            sampling=Sampling(),
            max_tokens=8,
            seed=dice.getrandbits(63),
            answers=OPTIONS,
        )
        for index, pair in enumerate(pairs)
    ]


def seconds(spelled: Unspelled | None) -> float:
    """What judging takes, in a session of its own; with another way to spell options, where there is one."""
    session = TorchBackend().on("auto", Origin(str(assets.model("atlas"))))
    if spelled is not None:
        session.__dict__["_spelled"] = spelled
    _judged(session, requests()[:1])
    start = time.process_time()
    _judged(session, requests())
    return time.process_time() - start


def main() -> None:
    """Take turns, and print the medians."""
    ways: dict[str, list[float]] = {"weighed": [], "grammar": []}
    for _ in range(ROUNDS):
        ways["weighed"].append(seconds(None))
        ways["grammar"].append(seconds(Unspelled()))
    for name, taken in ways.items():
        print(f"{name}  {QUESTIONS * ANSWERS / median(taken):7.1f} judgements per CPU second")
    print(f"weighed is {median(ways['grammar']) / median(ways['weighed']):.2f} times as fast")


def _prose(dice: Random, words: int) -> str:
    return " ".join(dice.choice(WORDS) for _ in range(words))


def _judged(session: TorchSession, asked: list[Request]) -> None:
    session.submit(asked)
    while session.step():
        pass


if __name__ == "__main__":
    main()
