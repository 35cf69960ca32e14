"""Models on demand: a backend's sessions, opened when the first request for a model comes."""

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tgc import embed, ir
from tgc.backends.base import Backend, Completion, Counter, Failure, Request, Session
from tgc.catalog import WORK
from tgc.errors import BackendError
from tgc.executor.watch import Watch
from tgc.mixing.dialogues.tokens import target


@dataclass(slots=True)
class Work:
    """What one model was had to do: the seconds it took to generate, loading left out, and how much that was."""

    model: str
    seconds: float = 0.0
    requests: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0

    def count(self, seconds: float, results: Iterable[Completion | Failure]) -> None:
        """That much longer, for these results."""
        done = [result for result in results if isinstance(result, Completion)]
        self.seconds += seconds
        self.requests += len(done)
        self.prompt_tokens += sum(result.prompt_tokens for result in done)
        self.completion_tokens += sum(result.completion_tokens for result in done)


class Sessions:
    """One session per model; closed together, last opened first.

    Args:
        backend: opens the sessions.
        watch: told which model is about to be loaded.
    """

    def __init__(self, backend: Backend, watch: Watch) -> None:
        self._backend = backend
        self._watch = watch
        self._open: dict[str, Session] = {}
        self._work: dict[str, Work] = {}
        self._embedders: set[str] = set()
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def __iter__(self) -> Iterator[Session]:
        return iter(self._open.values())

    @property
    def stopping(self) -> bool:
        """Whether to start nothing more."""
        return self._watch.stopping

    def of(self, model: ir.Model) -> Session:
        """The session of a model, opened now if it is the first time.

        Raises:
            BackendError: the model cannot be loaded.
        """
        if model.digest not in self._open:
            self._watch.loading(model.id)
            session = self._backend.open(model.origin)
            self._open[model.digest] = self._stack.enter_context(session)
            self._work[model.digest] = Work(model.id)
        return self._open[model.digest]

    def submit(self, model: ir.Model, requests: Sequence[Request]) -> None:
        """Queue requests to a model.

        Raises:
            BackendError: the model cannot be loaded, or cannot do what is asked.
        """
        session, started = self.of(model), time.monotonic()
        session.submit(requests)
        self._work[model.digest].count(time.monotonic() - started, ())

    def step(self) -> Iterator[Completion | Failure]:
        """What finishes when every model works a little."""
        for digest, session in list(self._open.items()):
            started = time.monotonic()
            results = session.step()
            self._work[digest].count(time.monotonic() - started, results)
            yield from results

    @property
    def work(self) -> pl.DataFrame:
        """What each model was had to do, by its id (columns of `WORK`)."""
        rows = [work for work in self._work.values() if work.requests]
        return pl.DataFrame(rows, schema=WORK)

    @property
    def profile(self) -> str:
        """The backend as `Backend.spelled` has it."""
        return self._backend.spelled

    @property
    def devices(self) -> tuple[str, ...]:
        """The devices that the backend says it generates on."""
        return self._backend.devices() or ()

    def counter(self, program: ir.Program) -> Counter | None:
        """What counts the tokens of files, where shares of a mix are of tokens and the backend can know them.

        Raises:
            BackendError: the tokenizer cannot be loaded.
        """
        model = target(program) if program.mix.blend and program.mix.share_of != "rows" else None
        return self._backend.counter(model.origin) if model else None

    def vectors(
        self, embedder: ir.Model | None, model: ir.Model | None, texts: list[str]
    ) -> NDArray[np.float32]:
        """Unit vectors of texts, by a sentence-transformers model or by the generating model itself.

        Raises:
            BackendError: the model cannot be loaded.
        """
        if embedder is not None:
            self._tell(embedder)
            return embed.vectors(embedder.origin.source, embedder.origin.revision, texts)
        assert model is not None
        return self.of(model).embed(texts)

    def _tell(self, embedder: ir.Model) -> None:
        if embedder.digest not in self._embedders:
            self._embedders.add(embedder.digest)
            self._watch.loading(embedder.id)


class Closed(Sessions):
    """Sessions for what is to be done without asking a model; an embedder may be, for it writes nothing."""

    def of(self, model: ir.Model) -> Session:
        """None.

        Raises:
            BackendError: always.
        """
        message = f"`{model.id}` has not made the vectors of all texts that are compared"
        raise BackendError(message, "`tgc build` asks it for them; `tgc mix` asks no model")
