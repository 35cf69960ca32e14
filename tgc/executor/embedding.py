"""Vectors for filters, by models: what a text was embedded to once is read ever after."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tgc import fingerprint, ir
from tgc.executor.sessions import Sessions
from tgc.filters.base import WORDS
from tgc.fingerprint import Ids
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
    ) -> NDArray[np.float16]:
        """Vectors of length 1, rounded as they are kept, so that those made now are those read later.

        Raises:
            BackendError: a model cannot be loaded.
            KeyboardInterrupt: the build was told to stop; what was made is kept.
        """
        kept, keys = _kept(self.directory, model, embedder), keys_of(texts)
        distinct, firsts = np.unique(keys, return_index=True)
        new = np.flatnonzero(~kept.has(distinct))
        for start in range(0, len(new), BATCH):
            batch = new[start : start + BATCH]
            made = self.sessions.vectors(embedder, model, texts.gather(firsts[batch]).to_list())
            kept.add(distinct[batch], made)
            if self.sessions.stopping:
                raise KeyboardInterrupt
        return kept.of(keys)


@dataclass(frozen=True, slots=True)
class Known:
    """Reads vectors that were kept, and makes none; a `sieve.Embed`.

    Attributes:
        directory: where they are kept, in a folder for each model.
    """

    directory: Path

    def __call__(
        self, texts: pl.Series, model: ir.Model | None, embedder: ir.Model | None
    ) -> NDArray[np.float16]:
        """The vectors of texts that have one; of others zeros, which are like nothing."""
        kept, keys = _kept(self.directory, model, embedder), keys_of(texts)
        there = kept.has(keys)
        found = kept.of(keys[there])
        vectors = np.zeros((len(keys), max(found.shape[1], 1)), dtype=np.float16)
        if len(found):
            vectors[there] = found
        return vectors


def keys_of(texts: pl.Series) -> Ids:
    """What vectors of texts are kept under: 64 bits of what each says."""
    return np.fromiter(map(fingerprint.word, texts.to_list()), dtype=np.uint64, count=len(texts))


def _kept(directory: Path, model: ir.Model | None, embedder: ir.Model | None) -> Embeddings:
    return Embeddings(directory / _identity(model, embedder), _maker(model, embedder).id)


def folders(program: ir.Program) -> frozenset[str]:
    """Where in the directory of vectors the filters and the mix of a program keep theirs."""
    asked = {level.name: level.ask.model for level in program.levels if level.ask}
    compared = [
        (asked.get(level), check.embedder)
        for check in program.checks
        if check.filter.embedded_by
        for level in check.levels
    ]
    diverse = program.mix.diverse
    if diverse and diverse.embedder != WORDS:
        compared.append((asked.get(diverse.of), diverse.model))
    return frozenset(_identity(*both) for both in compared)


def _identity(model: ir.Model | None, embedder: ir.Model | None) -> str:
    kind = "sentence" if embedder else "states"
    return fingerprint.digest("vectors", str(VERSION), kind, _maker(model, embedder).digest)


def _maker(model: ir.Model | None, embedder: ir.Model | None) -> ir.Model:
    made_by = embedder or model
    assert made_by is not None
    return made_by
