"""Generates on this machine with torch and transformers: any causal language model, on a CPU or on GPUs."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from types import TracebackType
from typing import TYPE_CHECKING, Annotated, Literal, Self, cast

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, PositiveInt

from tgc import schema
from tgc.backends.base import Backend, Completion, Failure, Request, Session, Shown
from tgc.chat import Opening, Openings
from tgc.engine import sequence
from tgc.engine.schedule import arrange
from tgc.engine.stops import StopStrings
from tgc.errors import BackendError
from tgc.origin import Origin

if TYPE_CHECKING:
    from tgc.engine.checkpoint import Checkpoint
    from tgc.engine.grammar import Forms
    from tgc.engine.model import Model

AHEAD = 4
"""Batches worth of requests to hold: among so many, lengths can be matched."""

FREE = (schema.Text, schema.Line)
"""Shapes of which a beginning is an answer too, if a truncated one; words may end them."""

CUT_OFF = "the answer was cut off at max_tokens before its form was complete"
STUCK = "the model has no token that would continue the answer in its form"


class TorchBackend(Backend):
    """Options of a profile with `backend: torch`; the number of threads is torch's, by `OMP_NUM_THREADS`.

    Attributes:
        device: as torch spells it, or a list, with a process for each; `auto` is every CUDA device there is, else
            MPS, else the CPU.
        dtype: `auto` is float32 on a CPU, the checkpoint's own elsewhere.
        batch_size: sequences that grow side by side on a device; `auto` is 64 on a CPU, 256 elsewhere.
    """

    backend: Literal["torch"] = "torch"
    device: str | Annotated[tuple[str, ...], Field(min_length=1)] = "auto"
    dtype: Literal["auto", "float32", "bfloat16", "float16"] = "auto"
    batch_size: PositiveInt | Literal["auto"] = "auto"

    def open(self, origin: Origin) -> Session:
        """Load a model on every device; only safetensors, never code.

        Raises:
            BackendError: the model cannot be loaded, or there is no such device.
        """
        from tgc.backends.workers import Workers

        names = _devices(self.device)
        if len(names) == 1:
            return _load(self, origin, names[0])
        return Workers([(name, partial(_load_beside, self, origin, name, len(names))) for name in names])

    def devices(self) -> tuple[str, ...]:
        """The names of the GPUs, or what kind of device it is.

        Raises:
            BackendError: there is no such device.
        """
        import torch

        from tgc.engine import checkpoint

        names = _devices(self.device)
        alone = len(names) == 1  # what workers have filled is not touched from here, for that takes memory
        places = [checkpoint.device(name) if alone else torch.device(name) for name in names]
        return tuple(
            torch.cuda.get_device_name(place) if place.type == "cuda" else place.type for place in places
        )

    def count(self, origin: Origin, requests: Sequence[Request]) -> list[int]:
        """The exact prompt tokens of each request; loads the tokenizer and no weights.

        Raises:
            BackendError: the tokenizer cannot be loaded, has no chat template for a request with a role, or its
                template refuses the order of roles.
        """
        from tgc.engine import checkpoint

        openings = Openings(checkpoint.tokenizer(origin))
        asked = [_opening(request) for request in requests]
        with checkpoint.quiet():
            lengths = openings.lengths(asked)
        return [lengths[opening] for opening in asked]

    def show(self, origin: Origin, requests: Sequence[Request]) -> list[Shown]:
        """What the model would be given for each request; loads the tokenizer and no weights.

        Raises:
            BackendError: as for `count`.
        """
        from tgc.engine import checkpoint

        openings = Openings(checkpoint.tokenizer(origin))
        asked = [_opening(request) for request in requests]
        with checkpoint.quiet():
            ids = openings.tokens(asked)
        pieces = openings.tokenizer.convert_ids_to_tokens
        return [
            Shown(openings.text(opening), tuple(zip(ids[opening], pieces(list(ids[opening])), strict=True)))
            for opening in asked
        ]


@dataclass(frozen=True, slots=True)
class Turn:
    """A request in tokens, the strings that end it, and whether what is cut off is lost."""

    sequence: sequence.Sequence
    stops: StopStrings
    whole: bool


class TorchSession:
    """A model in memory; every `step` runs one batch to its end."""

    def __init__(self, loaded: "Checkpoint", batch_size: int) -> None:
        from tgc.engine.engine import Engine

        self._loaded = loaded
        self._openings = Openings(loaded.tokenizer)
        self._engine = Engine(cast("Model", loaded.model), loaded.pad_id, batch_size)
        self._stops: dict[tuple[str, ...], StopStrings] = {}
        self._waiting: dict[str, Turn] = {}
        self._failed: list[Completion | Failure] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._waiting.clear()

    @property
    def room(self) -> int:
        """How many more requests make up what is looked over for batches."""
        return max(0, AHEAD * self._engine.batch_size - len(self._waiting) - len(self._failed))

    def submit(self, requests: Sequence[Request]) -> None:
        """Queue requests; one that cannot fit the context window fails at the next `step`.

        Raises:
            BackendError: there is no chat template for a request with a role, it refuses the order of roles, or
                answers cannot be held to the form of theirs.
        """
        prompts = self._openings.tokens(map(_opening, requests))
        for request in requests:
            turn = self._turn(request, prompts[_opening(request)])
            reason = self._misfit(turn.sequence)
            if reason is None:
                self._waiting[request.key] = turn
            else:
                self._failed.append(Failure(request.key, reason))

    def step(self) -> list[Completion | Failure]:
        """Run one batch to its end, or say what failed.

        Raises:
            BackendError: the device has no memory for a single sequence.
        """
        failed, self._failed = self._failed, []
        if failed:
            return failed
        queue = arrange(turn.sequence for turn in self._waiting.values())
        outputs = self._run(queue[: self._engine.batch_size])
        return [self._result(output, self._waiting.pop(output.key)) for output in outputs]

    def cancel(self) -> list[str]:
        """Forget all that is queued: between two steps nothing is under way."""
        keys = [*self._waiting, *(failed.key for failed in self._failed)]
        self._waiting.clear()
        self._failed.clear()
        return keys

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors of shape (len(texts), width): mean of the last hidden states over the tokens."""
        from tgc.engine.vectors import vectors

        ids = [self._loaded.tokenizer.encode(text)[: self._loaded.context] for text in texts]
        return vectors(self._loaded.model, ids, self._engine.batch_size)

    @cached_property
    def _forms(self) -> "Forms":
        from tgc.engine.grammar import Forms

        return Forms(self._loaded.tokenizer)

    def _turn(self, request: Request, prompt: tuple[int, ...]) -> Turn:
        ending = self._openings.ending(request.role)
        answers = schema.single(request.answers)
        ends = ending.ids | self._loaded.ends
        form = None if isinstance(answers, schema.Text) else self._forms.of(answers, ends)
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
        )
        return Turn(asked, stops, whole=not isinstance(answers, FREE))

    def _misfit(self, asked: sequence.Sequence) -> str | None:
        prompt, context = len(asked.prompt), self._loaded.context
        if not prompt:
            return "the prompt is empty, and the model has no token to begin with"
        if context is None or prompt + asked.max_tokens <= context:
            return None
        return f"{prompt} prompt tokens + max_tokens {asked.max_tokens} exceed the context of {context}"

    def _run(self, batch: list[sequence.Sequence]) -> list[sequence.Output]:
        import torch

        from tgc.engine.checkpoint import quiet

        try:
            with quiet():
                return self._engine.run(batch)
        except torch.OutOfMemoryError as error:
            raise BackendError(
                f"no memory on {self._loaded.model.device} for a single sequence",
                "a smaller `max_tokens`, `dtype: bfloat16` or another device needs less",
            ) from error

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
            mean_logprob=output.mean_logprob,
        )


def _opening(request: Request) -> Opening:
    return Opening(request.messages, request.role, request.prefix)


def _devices(given: str | tuple[str, ...]) -> tuple[str, ...]:
    import torch

    if given != "auto":
        return (given,) if isinstance(given, str) else given
    return tuple(f"cuda:{index}" for index in range(torch.cuda.device_count())) or ("auto",)


def _load(backend: TorchBackend, origin: Origin, device: str) -> TorchSession:
    from tgc.engine import checkpoint

    place = checkpoint.device(device)
    on_cpu = place.type == "cpu"
    dtype = "float32" if on_cpu and backend.dtype == "auto" else backend.dtype
    batch_size = (64 if on_cpu else 256) if backend.batch_size == "auto" else backend.batch_size
    return TorchSession(checkpoint.load(origin, place, dtype), batch_size)


def _load_beside(backend: TorchBackend, origin: Origin, device: str, workers: int) -> TorchSession:
    """In a process of its own, one of so many that share the cores."""
    import torch

    from tgc.engine import checkpoint

    torch.set_num_threads(max(1, torch.get_num_threads() // workers))
    if checkpoint.device(device).type == "cuda":
        torch.cuda.set_device(device)
    return _load(backend, origin, device)
