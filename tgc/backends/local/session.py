"""A model in memory that answers requests: chats into tokens, tokens through the engine, tokens into texts."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from math import fsum
from types import TracebackType
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from tgc import schema
from tgc.backends.base import Completion, Failure, Request, Said
from tgc.backends.local.measuring import measured
from tgc.backends.local.weighing import Ballot, weighed
from tgc.chat import Opening, Openings
from tgc.engine.drawing import sequence
from tgc.engine.drawing.stops import StopStrings
from tgc.errors import BackendError
from tgc.likelihood import Likelihood

if TYPE_CHECKING:
    from tgc.engine.drawing.grammar import Forms
    from tgc.engine.drawing.spelled import Spelled
    from tgc.engine.loading.checkpoint import Checkpoint
    from tgc.engine.services.likelihood import Scored

AHEAD = 4
"""Times as many requests to hold as grow side by side: among so many, common beginnings are found."""

FREE = (schema.Text, schema.Line)
"""Shapes of which a beginning is an answer too, if a truncated one; words may end them."""

CUT_OFF = "the answer was cut off at max_tokens before its form was complete"
UNHELD = (schema.Text, schema.Weighed)
"""Shapes that no token is held to."""

UNSPELLED = "the options cannot be weighed: one has more tokens than max_tokens, or none of its own"
STUCK = "the model has no token that would continue the answer in its form"


@dataclass(frozen=True, slots=True)
class Turn:
    """A request in tokens, the strings that end it, and whether what is cut off is lost."""

    sequence: sequence.Sequence
    stops: StopStrings
    whole: bool


class TorchSession:
    """A model in memory; every `step` goes on until a few texts have ended."""

    def __init__(self, loaded: "Checkpoint", batch_size: int, *, exact: bool = True) -> None:
        from tgc.engine.engine import Engine

        self._loaded = loaded
        self._openings = Openings(loaded.tokenizer)
        controls = loaded.ends.union(loaded.tokenizer.all_special_ids)
        with _room_on(loaded.model.device):
            self._engine = Engine(
                loaded.model,
                loaded.pad_id,
                batch_size,
                exact=exact,
                controls=controls,
                context=loaded.context,
            )
        self._stops: dict[tuple[str, ...], StopStrings] = {}
        self._turns: dict[str, Turn] = {}
        self._failed: list[Completion | Failure] = []
        self._untold: list[Request] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.cancel()

    @property
    def room(self) -> int:
        """How many more requests make up what is looked over for common beginnings."""
        held = self._engine.waiting + len(self._failed) + len(self._untold)
        return max(0, AHEAD * self._engine.batch_size - held)

    def submit(self, requests: Sequence[Request]) -> None:
        """Queue requests; one that cannot fit the context window fails at the next `step`.

        Raises:
            BackendError: there is no chat template for a request with a role, it refuses the order of roles, or
                answers cannot be held to the form of theirs.
        """
        drawn = [request for request in requests if not _is_read(request)]
        self._untold += filter(_is_read, requests)
        fitting = list[sequence.Sequence]()
        for request, prompt in self._prompts(drawn):
            turn = self._turn(request, prompt)
            reason = self._misfit(prompt, request.max_tokens)
            if reason is None:
                self._turns[request.key] = turn
                fitting.append(turn.sequence)
            else:
                self._failed.append(Failure(request.key, reason))
        self._engine.submit(fitting)

    def step(self) -> list[Completion | Failure]:
        """Work until a few texts have ended, or say what failed.

        Raises:
            BackendError: the device has no memory for a single sequence.
        """
        from tgc.engine.loading.checkpoint import quiet

        failed, self._failed = self._failed, []
        if failed:
            return failed
        if self._untold:
            return self._read()
        with quiet(), _room_on(self._loaded.model.device):
            outputs = self._engine.step()
        return [self._result(output, self._turns.pop(output.key)) for output in outputs]

    def cancel(self) -> list[str]:
        """Forget what has not begun to grow."""
        cancelled = [sequence.key for sequence in self._engine.cancel()]
        forgotten = [
            key for key in cancelled if self._turns.pop(key, None)
        ]  # none of what `score` left behind
        keys = [*forgotten, *(other.key for other in (*self._failed, *self._untold))]
        self._failed.clear()
        self._untold.clear()
        return keys

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors of shape (len(texts), width): mean of the last hidden states over the tokens.

        A text that is longer than the context counts as far as that goes.

        Raises:
            BackendError: the device has no memory for a single text.
        """
        from tgc.engine.loading.checkpoint import quiet

        with quiet(), _room_on(self._loaded.model.device):
            ids = [self._loaded.tokenizer.encode(text)[: self._loaded.context] for text in texts]
            return self._engine.vectors(map(tuple, ids))

    def score(self, said: Sequence[Said]) -> list[Likelihood | None]:
        """The likelihood of turns that are there already; None where one does not fit the context.

        Raises:
            BackendError: as for `submit` and `step`.
        """
        from tgc.backends.local.scoring import scored

        asked = scored(said, self._openings, self._loaded.head)
        fitting = [one for one in asked if self._fits(len(one.prompt) + len(one.text))]
        found = dict(zip(fitting, self._likelihoods(fitting), strict=True))
        return [_likelihood(found[one]) if one in found else None for one in asked]

    def _read(self) -> list[Completion | Failure]:
        """What is asked of texts that are there already, so much that others can be told to stop in between."""
        most = self._engine.batch_size
        asked, self._untold = self._untold[:most], self._untold[most:]
        return [*measured(self, asked), *self._weigh([one for one in asked if not one.measured])]

    def _weigh(self, requests: Sequence[Request]) -> list[Completion | Failure]:
        ballots, failed = list[Ballot](), list[Failure]()
        for request, prompt in self._prompts(requests):
            options = self._spelled.of(schema.scale(request.answers), request.max_tokens)
            if reason := self._misfit(prompt, request.max_tokens):
                failed.append(Failure(request.key, reason))
            elif options is None:
                failed.append(Failure(request.key, UNSPELLED))
            else:
                ballots.append(Ballot(request, prompt, options))
        return [*weighed(ballots, self._likelihoods), *failed]

    def _likelihoods(self, asked: Iterable["Scored"]) -> list[tuple[float, ...]]:
        from tgc.engine.loading.checkpoint import quiet

        with quiet(), _room_on(self._loaded.model.device):
            return self._engine.likelihoods(asked)

    def _prompts(self, requests: Sequence[Request]) -> Iterator[tuple[Request, tuple[int, ...]]]:
        """Each request with what the model is given for it."""
        prompts = self._openings.tokens(map(opening, requests))
        return ((one, (*self._loaded.head, *prompts[opening(one)])) for one in requests)

    @cached_property
    def _forms(self) -> "Forms":
        from tgc.engine.drawing.grammar import Forms

        return Forms(self._loaded.tokenizer)

    @cached_property
    def _spelled(self) -> "Spelled":
        from tgc.engine.drawing.spelled import Spelled

        vocabulary = self._loaded.model.config.get_text_config().vocab_size
        return Spelled(self._loaded.tokenizer, vocabulary)

    def _turn(self, request: Request, prompt: tuple[int, ...]) -> Turn:
        ending = self._openings.ending(request.role)
        answers = schema.single(request.answers)
        ends = ending.ids | self._loaded.ends
        weighs = self._engine.weighs(len(prompt) + request.max_tokens)
        options = self._spelled.of(answers, request.max_tokens) if weighs else None
        form = None if options or isinstance(answers, UNHELD) else self._forms.of(answers, ends)
        strings = (*request.stop, *ending.strings) if isinstance(answers, FREE) else ()
        stops = self._stops.setdefault(strings, StopStrings(self._loaded.tokenizer, strings))
        asked = sequence.Sequence(
            key=request.key,
            prompt=prompt,
            sampling=request.sampling,
            seed=request.seed,
            max_tokens=request.max_tokens,
            stop_ids=ends,
            stops=stops if strings else None,
            form=form,
            family=None if request.family is None else sequence.Family(*request.family),
            options=options,
        )
        return Turn(asked, stops, whole=not isinstance(answers, FREE))

    def _misfit(self, prompt: tuple[int, ...], most: int) -> str | None:
        if not prompt:
            return "the prompt is empty, and the model has no token to begin with"
        if self._fits(len(prompt) + most):
            return None
        return f"{len(prompt)} prompt tokens + max_tokens {most} exceed the context of {self._loaded.context}"

    def _fits(self, tokens: int) -> bool:
        return self._loaded.context is None or tokens <= self._loaded.context

    def _result(self, output: sequence.Output, turn: Turn) -> Completion | Failure:
        if output.finish_reason == "stuck":
            return Failure(output.key, STUCK)
        if output.finish_reason == "length" and turn.whole:
            return Failure(output.key, CUT_OFF)
        said = output.tokens[:-1] if output.tokens[-1] in turn.sequence.stop_ids else output.tokens
        return Completion(
            key=output.key,
            text=turn.stops.cut(turn.stops.text(said)).strip(),
            finish_reason=output.finish_reason,
            prompt_tokens=len(turn.sequence.prompt),
            completion_tokens=len(output.tokens),
            mean_logprob=round(output.mean_logprob, 6),
        )


def _likelihood(logprobs: tuple[float, ...]) -> Likelihood:
    return Likelihood(len(logprobs), fsum(logprobs) / max(len(logprobs), 1))


@contextmanager
def _room_on(device: object) -> Iterator[None]:
    """Says what to do when there is no room on a device."""
    import torch

    try:
        yield
    except torch.OutOfMemoryError as error:
        raise BackendError(
            f"no memory on {device} for a single text",
            "a smaller `max_tokens`, `dtype: bfloat16` or another device needs less",
        ) from error


def _is_read(request: Request) -> bool:
    """Whether nothing is drawn for it."""
    return request.measured is not None or isinstance(request.answers, schema.Weighed)


def opening(request: Request) -> Opening:
    """What a request asks to be continued."""
    return Opening(request.messages, request.role, request.prefix)
