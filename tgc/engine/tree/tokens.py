"""The tokens of one forward pass, packed without padding: one of every row, then those of every piece; pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tgc.engine.tree.pages import PAGE
from tgc.engine.tree.piece import Piece

if TYPE_CHECKING:
    from tgc.engine.tree.schedule import Place


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of a pass.

    Attributes:
        ids: what they are.
        positions: where each stands in its text.
        slots: where each is remembered: page x PAGE + place in it.
        wanted: those after which logits are wanted.
        firsts: the first of every piece.
    """

    ids: list[int]
    positions: list[int]
    slots: list[int]
    wanted: list[int]
    firsts: list[int]


def gather(places: Sequence["Place"], pieces: Sequence[Piece]) -> Tokens:
    """The tokens that are read after those that rows have drawn last, which come first."""
    found = Tokens(
        ids=[place.row.tokens[-1] for place in places],
        positions=[place.position for place in places],
        slots=[place.pages[-1] * PAGE + (len(place.row.tokens) - 1) % PAGE for place in places],
        wanted=list(range(len(places))),
        firsts=[],
    )
    for piece in pieces:
        _append(found, piece)
    return found


def _append(found: Tokens, piece: Piece) -> None:
    first, own = len(found.ids), range(piece.first, piece.first + len(piece.tokens))
    found.firsts.append(first)
    found.wanted.extend(first + kept for kept in piece.kept)
    found.ids.extend(piece.tokens)
    found.positions.extend(piece.positions)
    found.slots.extend(piece.pages[place // PAGE] * PAGE + place % PAGE for place in own)
