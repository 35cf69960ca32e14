"""Models on demand: a backend's sessions, opened when the first request for a model comes."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Self

import numpy as np
from numpy.typing import NDArray

from tgc import embed, ir
from tgc.backends.base import Backend, Session
from tgc.executor.watch import Watch


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
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def __iter__(self) -> Iterator[Session]:
        return iter(self._open.values())

    def of(self, model: ir.Model) -> Session:
        """The session of a model, opened now if it is the first time.

        Raises:
            BackendError: the model cannot be loaded.
        """
        if model.digest not in self._open:
            self._watch.loading(model.id)
            session = self._backend.open(model.source, model.revision)
            self._open[model.digest] = self._stack.enter_context(session)
        return self._open[model.digest]

    def vectors(self, embedder: ir.Model | None, model: ir.Model, texts: list[str]) -> NDArray[np.float32]:
        """Unit vectors of texts, by a sentence-transformers model or by the generating model itself."""
        if embedder is None:
            return self.of(model).embed(texts)
        return embed.vectors(embedder.source, embedder.revision, texts)
