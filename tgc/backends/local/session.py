"""A model in memory that answers requests: chats into tokens, tokens through the engine, tokens into texts."""

from collections.abc import Iterator, Sequence
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
from tgc.chat import Opening, Openings
from tgc.engine.drawing import sequence
from tgc.engine.drawing.stops import StopStrings
from tgc.errors import BackendError
from tgc.likelihood import Likelihood

if TYPE_CHECKING:
    from tgc.engine.drawing.grammar import Forms
    from tgc.engine.drawing.spelled import Spelled
    from tgc.engine.loading.checkpoint import Checkpoint

AHEAD = 4
"""Times as many requests to hold as grow side by side: among so many, common beginnings are found."""

FREE = (schema.Text, schema.Line)
"""Shapes of which a beginning is an answer too, if a truncated one; words may end them."""

CUT_OFF = "the answer was cut off at max_tokens before its form was complete"
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
        self._measured: list[Request] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.cancel()

    @property
    def room(self) -> int:
        """How many more requests make up what is looked over for common beginnings."""
        held = self._engine.waiting + len(self._failed) + len(self._measured)
        return max(0, AHEAD * self._engine.batch_size - held)

    def submit(self, requests: Sequence[Request]) -> None:
        """Queue requests; one that cannot fit the context window fails at the next `step`.

        Raises:
            BackendError: there is no chat template for a request with a role, it refuses the order of roles, or
                answers cannot be held to the form of theirs.
        """
        drawn = [request for request in requests if not request.measured]
        self._measured += [request for request in requests if request.measured]
        prompts, fitting = self._openings.tokens(map(opening, drawn)), list[sequence.Sequence]()
        for request in drawn:
            turn = self._turn(request, (*self._loaded.head, *prompts[opening(request)]))
            reason = self._misfit(turn.sequence)
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
        if self._measured:
            asked, self._measured = self._measured, []
            return measured(self, asked)
        with quiet(), _room_on(self._loaded.model.device):
            outputs = self._engine.step()
        return [self._result(output, self._turns.pop(output.key)) for output in outputs]

    def cancel(self) -> list[str]:
        """Forget what has not begun to grow."""
        forgotten = [sequence.key for sequence in self._engine.cancel()]
        for key in forgotten:
            del self._turns[key]
        keys = [*forgotten, *(other.key for other in (*self._failed, *self._measured))]
        self._failed.clear()
        self._measured.clear()
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
        from tgc.engine.loading.checkpoint import quiet

        asked = scored(said, self._openings, self._loaded.head)
        fitting = [one for one in asked if self._fits(len(one.prompt) + len(one.text))]
        with quiet(), _room_on(self._loaded.model.device):
            found = dict(zip(fitting, self._engine.likelihoods(fitting), strict=True))
        return [_likelihood(found[one]) if one in found else None for one in asked]

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
        form = None if options or isinstance(answers, schema.Text) else self._forms.of(answers, ends)
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

    def _misfit(self, asked: sequence.Sequence) -> str | None:
        prompt, most = len(asked.prompt), asked.max_tokens
        if not prompt:
            return "the prompt is empty, and the model has no token to begin with"
        if self._fits(prompt + most):
            return None
        return f"{prompt} prompt tokens + max_tokens {most} exceed the context of {self._loaded.context}"

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


def opening(request: Request) -> Opening:
    """What a request asks to be continued."""
    return Opening(request.messages, request.role, request.prefix)
