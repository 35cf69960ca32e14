"""Sessions for worker processes that need no model: they sign what they say with their process."""

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tests.echo import EchoSession
from tgc.backends.base import Completion, Failure, Request, Said, Session
from tgc.backends.workers.serving import Opener
from tgc.dialogue import Message
from tgc.errors import BackendError
from tgc.likelihood import Likelihood
from tgc.sampling import Sampling


class Signed(EchoSession):
    """Answers one request a step, by the id of its process, after so many seconds."""

    def __init__(self, failing: frozenset[str] = frozenset(), seconds: float = 0.0) -> None:
        super().__init__([], failing, 8)
        self._seconds = seconds

    def submit(self, requests: Sequence[Request]) -> None:
        if any(request.role is None for request in requests):
            raise BackendError("no plain text here", "a role is needed")
        super().submit(requests)

    def step(self) -> list[Completion | Failure]:
        time.sleep(self._seconds)
        first, *self._queue = self._queue
        answer = self._answer(first)
        return [replace(answer, text=str(os.getpid())) if isinstance(answer, Completion) else answer]


class Scorer(Signed):
    """Finds a text as unlikely as it is long, by a whole number: the id of its process."""

    def score(self, said: Sequence[Said]) -> list[Likelihood | None]:
        return [Likelihood(len(one.text), -os.getpid()) if one.text else None for one in said]


class Mortal(Signed):
    """Does not survive to be asked how likely a text is."""

    def score(self, said: Sequence[Said]) -> list[Likelihood | None]:
        os._exit(7)


def scorer() -> Session:
    return Scorer()


def mortal() -> Session:
    return Mortal()


def signed() -> Session:
    return Signed()


def slow() -> Session:
    return Signed(seconds=0.05)


def picky() -> Session:
    return Signed(frozenset({"b"}))


def refusing() -> Session:
    raise BackendError("there is no such model", "a model is a directory")


def broken() -> Session:
    raise ZeroDivisionError("ours")


def dying() -> Session:
    os._exit(3)


def crew(*openers: Opener) -> list[tuple[str, Opener]]:
    return [(f"desk:{number}", opener) for number, opener in enumerate(openers)]


@dataclass(frozen=True)
class Chat:
    """Requests that continue one beginning."""

    said: tuple[str, ...]

    def ask(self, count: int, max_tokens: int = 10) -> list[Request]:
        messages = tuple(
            Message("assistant" if turn % 2 else "user", text) for turn, text in enumerate(self.said)
        )
        return [
            Request(
                key=f"{'/'.join(self.said)}#{ordinal}",
                messages=messages,
                role="assistant",
                sampling=Sampling(),
                max_tokens=max_tokens,
                seed=ordinal,
            )
            for ordinal in range(count)
        ]


def chat(*said: str) -> Chat:
    return Chat(said)
