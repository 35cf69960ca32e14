"""What makes the vectors that filters compare texts by."""

from typing import Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tgc import ir

Vectors = NDArray[np.float16]


class Embed(Protocol):
    """Makes vectors of texts, or knows them already."""

    def __call__(self, texts: pl.Series, model: ir.Model | None, embedder: ir.Model | None) -> Vectors:
        """Rows of length 1: by `embedder`, a sentence-transformers model, or else by what wrote the texts.

        Raises:
            BackendError: neither can be had.
        """
        ...


def unknown(texts: pl.Series, model: ir.Model | None, embedder: ir.Model | None) -> Vectors:  # noqa: ARG001 - an `Embed`
    """Rows of zeros, which are like no other: where texts are only compared with what they will be."""
    return np.zeros((len(texts), 1), dtype=np.float16)
