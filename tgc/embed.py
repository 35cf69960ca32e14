"""Sentence vectors by a sentence-transformers model, for levels that name an embedder."""

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tgc.errors import BackendError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer


def vectors(name: str, revision: str | None, texts: Sequence[str]) -> NDArray[np.float32]:
    """Unit vectors of shape (len(texts), width), by a model's local directory or hub id at a revision.

    Raises:
        BackendError: sentence-transformers is not installed, or the model cannot be loaded.
    """
    found = _load(name, revision).encode(list(texts), normalize_embeddings=True, show_progress_bar=False)
    return np.asarray(found, dtype=np.float32)


@lru_cache(maxsize=1)
def _load(name: str, revision: str | None) -> "SentenceTransformer":
    try:
        from sentence_transformers import SentenceTransformer
    except ImportError as error:
        raise BackendError(
            f"the embedder `{name}` needs the package sentence-transformers",
            "`pip install 'tgc[embed]'`; without an embedder, the generating model's own vectors serve",
        ) from error
    try:
        return SentenceTransformer(name, revision=revision, trust_remote_code=False)
    except (OSError, ValueError) as error:
        raise BackendError(
            f"the embedder `{name}` cannot be loaded: {error}",
            "an embedder is a directory or a hub id of a sentence-transformers model",
        ) from error
