"""Vectors for filters, by models: what a text was embedded to once is read ever after."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tgc import fingerprint, ir
from tgc.executor.sessions import Sessions
from tgc.warehouse import Embeddings

VERSION = 1
"""Raised when the same model shall make other vectors of the same texts."""

BATCH = 2_048
"""Texts that are embedded and kept at a time: what a kill costs."""


@dataclass(frozen=True, slots=True)
class Embedding:
    """Makes vectors and keeps them; a `sieve.Embed`.

    Attributes:
        directory: where they are kept, in a folder for each model.
        sessions: makes those that are not there yet.
    """

    directory: Path
    sessions: Sessions

    def __call__(
        self, texts: pl.Series, model: ir.Model | None, embedder: ir.Model | None
    ) -> NDArray[np.float32]:
        """Vectors of length 1, rounded as they are kept, so that those made now are those read later.

        Raises:
            BackendError: a model cannot be loaded.
        """
        kept = self._kept(model, embedder)
        keys = np.fromiter(map(fingerprint.word, texts.to_list()), dtype=np.uint64, count=len(texts))
        distinct, firsts = np.unique(keys, return_index=True)
        new = np.flatnonzero(~kept.has(distinct))
        for start in range(0, len(new), BATCH):
            batch = new[start : start + BATCH]
            made = self.sessions.vectors(embedder, model, texts.gather(firsts[batch]).to_list())
            kept.add(distinct[batch], made)
        return kept.of(keys)

    def _kept(self, model: ir.Model | None, embedder: ir.Model | None) -> Embeddings:
        made_by = embedder or model
        assert made_by is not None
        kind = "sentence" if embedder else "states"
        identity = fingerprint.digest("vectors", str(VERSION), kind, made_by.digest)
        return Embeddings(self.directory / identity, made_by.id)
