"""A backend that answers from the seed alone, and remembers what it was asked."""

import json
from collections.abc import Sequence
from types import TracebackType
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import PrivateAttr

from tgc import schema
from tgc.backends.base import Backend, Completion, Counter, Failure, Request
from tgc.origin import Origin


class EchoSession:
    """Finishes requests in an order that has nothing to do with the tree's."""

    def __init__(self, asked: list[Request], failing: frozenset[str], room: int) -> None:
        self._asked = asked
        self._failing = failing
        self._room = room
        self._queue: list[Request] = []

    @property
    def room(self) -> int:
        return self._room - len(self._queue)

    def submit(self, requests: Sequence[Request]) -> None:
        self._asked.extend(requests)
        self._queue.extend(requests)

    def step(self) -> list[Completion | Failure]:
        done = sorted(self._queue, key=lambda request: request.key)[:7]
        self._queue = [request for request in self._queue if request not in done]
        return [self._answer(request) for request in done]

    def cancel(self) -> list[str]:
        keys = [request.key for request in self._queue]
        self._queue = []
        return keys

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        rows = [np.random.default_rng(sum(map(ord, text))).standard_normal(8) for text in texts]
        return np.array([row / np.linalg.norm(row) for row in rows], dtype=np.float32)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def _answer(self, request: Request) -> Completion | Failure:
        if any(word in message.content for word in self._failing for message in request.messages):
            return Failure(request.key, "refused by the test")
        if request.measured:
            return Completion(request.key, f"{request.seed % 900 / 100:g}", "stop", 4, 0, -0.5)
        text = said(schema.single(request.answers), request.seed, request.role or "text")
        return Completion(request.key, text, "stop", len(request.messages), 4, -0.5)


def said(shape: schema.Shape | schema.Field, seed: int, speaker: str) -> str:
    """An answer of that shape that the seed alone decides; fields are JSON."""
    number = seed % 1_000_003
    match shape:
        case schema.Choice(options):
            return options[number % len(options)]
        case schema.Range(low, high):
            return str(low + number % (high - low + 1))
        case schema.Weighed():
            return json.dumps(
                {option: 1 + number % place for place, option in enumerate(shape.options, start=2)}
            )
        case schema.Fields(parts):
            return json.dumps({name: field(part, seed, f"{speaker}'s {name}") for name, part in parts})
        case _:
            return f"{speaker} says {number}"


def field(part: schema.Field, seed: int, speaker: str) -> str | float:
    match part:
        case schema.Scalar("int") | schema.Scalar("number"):
            return seed % 101
        case schema.Scalar("bool"):
            return seed % 2 == 0
        case schema.Range():
            return int(said(part, seed, speaker))
        case _:
            return said(part, seed, speaker)


class Echo(Backend):
    """Answers `<role> says <number>`, or what fits the shape asked for, the number from the seed.

    Fails where the chat has a word of `failing`.
    """

    backend: Literal["echo"] = "echo"
    failing: frozenset[str] = frozenset()
    room: int = 32
    _asked: list[Request] = PrivateAttr(default_factory=list)

    @property
    def asked(self) -> list[Request]:
        """Every request so far."""
        return self._asked

    def count(self, origin: Origin, requests: Sequence[Request]) -> list[int]:
        """As many tokens as messages, as `prompt_tokens` of its completions."""
        return [len(request.messages) for request in requests]

    def counter(self, origin: Origin) -> Counter:
        """A token to a word, and one that ends the turn."""
        return lambda texts: [len(text.split()) + 1 for text in texts]

    def open(self, origin: Origin) -> EchoSession:
        return EchoSession(self._asked, self.failing, self.room)
