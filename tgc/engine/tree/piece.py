"""Tokens that one forward pass reads side by side behind what is read already; pure."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tgc.engine.tree.prefix import Segment


@dataclass(frozen=True, slots=True)
class Piece:
    """A segment of prompts, or some of the texts that hang below one.

    Attributes:
        positions: where each token stands, counted from the beginning of the prompt.
        path: the segments before it.
        pages: its own; tokens may be in them already.
        first: the place of its first token in its own pages.
        seen: what of its own pages each token attends to, of shape (tokens, first + tokens).
        kept: the tokens after which logits are wanted.
    """

    tokens: tuple[int, ...]
    positions: tuple[int, ...]
    path: tuple[Segment, ...]
    pages: tuple[int, ...]
    first: int
    seen: NDArray[np.bool_]
    kept: tuple[int, ...]


def whole(segment: Segment) -> Piece:
    """All of a segment, with logits after its last token."""
    count = len(segment.tokens)
    return Piece(
        tokens=segment.tokens,
        positions=tuple(range(segment.start, segment.end)),
        path=segment.path[:-1],
        pages=segment.pages,
        first=0,
        seen=np.tri(count, dtype=np.bool_),
        kept=(count - 1,),
    )
