"""One forward pass, packed: a token of every row, and the pieces read beside them, in a room of fixed size."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from itertools import chain, groupby

import torch
from torch import Tensor
from transformers import PreTrainedModel

from tgc.engine.cuda.attention import Attention, abreast
from tgc.engine.cuda.captured import Runs
from tgc.engine.cuda.step import Asked, Room, Step
from tgc.engine.cuda.tables import Stretch, tabulate
from tgc.engine.forward.attention import attending
from tgc.engine.tree.pages import needed
from tgc.engine.tree.piece import Piece
from tgc.engine.tree.prefix import Segment
from tgc.engine.tree.schedule import Place
from tgc.engine.tree.tokens import gather


class Decoder:
    """Runs a model over pages, as `forward.decoder` does.

    Args:
        pages: how many pages are remembered.
        runs: runs steps.
    """

    def __init__(self, model: PreTrainedModel, pages: int, runs: Runs) -> None:
        self.attention = Attention(pages)
        self._model, self._runs = model, runs
        self._steps: dict[Room, Step] = {}
        self._outs: dict[int, Tensor] = {}
        self._anything = next(model.parameters())
        config = model.config.get_text_config()
        heads = config.num_attention_heads
        self._abreast = abreast(heads, getattr(config, "num_key_value_heads", None) or heads)

    def running(self) -> AbstractContextManager[None]:
        """Have the model attend over pages.

        Raises:
            Unsupported: its attention cannot be replaced.
        """
        return attending(self._model, self.attention)

    def forward(self, places: Sequence[Place], pieces: Sequence[Piece]) -> tuple[Tensor, Tensor]:
        """Float32 logits after each row's last token, and after each that pieces keep: of shape (…, vocabulary).

        They stay until the next pass.

        Args:
            places: rows, in the order of their leaves.
            pieces: parents before children.
        """
        asked = ask(places, pieces, self._abreast)
        room = Room.of(asked)
        if room not in self._steps:
            self._steps[room] = Step(self._model, self.attention, room, self._abreast, self._outs)
        with torch.cuda.device_of(self._anything):  # type: ignore[no-untyped-call]
            self._steps[room].tell(asked)
            logits = self._runs(self._steps[room])
        return logits[: len(places)], logits[len(places) : len(asked.tokens.wanted)]


def ask(places: Sequence[Place], pieces: Sequence[Piece], abreast: int) -> Asked:
    """What a forward pass of these is about."""
    tokens, stretches = gather(places, pieces), _prompts(places)
    stretches += [Stretch(place.pages, len(place.row.tokens), row, 1) for row, place in enumerate(places)]
    stretches += chain.from_iterable(map(_read, pieces, tokens.firsts))
    return Asked(tokens, tabulate(stretches, len(tokens.ids), abreast))


def _prompts(places: Sequence[Place]) -> list[Stretch]:
    """Every segment of the prompts of rows, parents before children, with the rows that begin with it."""
    found, row = dict[Segment, list[int]](), 0
    for leaf, rows in groupby(place.leaf for place in places):
        first, row = row, row + sum(1 for _ in rows)
        for segment in leaf.path:
            found.setdefault(segment, [first, row])[1] = row
    return [
        Stretch(segment.pages, len(segment.tokens), first, last - first)
        for segment, (first, last) in found.items()
    ]


def _read(piece: Piece, first: int) -> list[Stretch]:
    """What the tokens of a piece attend to, of which the first stands there in the pass."""
    readers, width = piece.seen.shape
    before = [Stretch(one.pages, len(one.tokens), first, readers) for one in piece.path]
    return [*before, Stretch(piece.pages[: needed(width)], width, first, readers, piece.seen)]
