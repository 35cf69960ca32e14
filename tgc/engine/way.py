"""What runs a model's forward passes, and draws tokens by them."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from torch import Tensor
from transformers import PreTrainedModel

from tgc.engine.drawing.advance import advance
from tgc.engine.drawing.row import Row
from tgc.engine.forward.attention import Attention
from tgc.engine.forward.decoder import Decoder
from tgc.engine.tree.piece import Piece

if TYPE_CHECKING:
    from tgc.engine.tree.schedule import Place


class Runner(Protocol):
    """Runs forward passes of a model over what it remembers."""

    @property
    def attention(self) -> Attention:
        """What the model attends by while it is run."""
        ...

    def running(self) -> AbstractContextManager[None]:
        """Have the model attend over pages while it is run.

        Raises:
            Unsupported: its attention cannot be replaced.
        """
        ...

    def forward(self, places: Sequence["Place"], pieces: Sequence[Piece]) -> tuple[Tensor, Tensor]:
        """Float32 logits after each row's last token, and after each that pieces keep; until the next pass.

        Args:
            places: rows, in the order of their leaves.
            pieces: parents before children.
        """
        ...


@dataclass(frozen=True, slots=True)
class Way:
    """How a model is run.

    Attributes:
        runner: makes what runs a model, over so many pages and with so many rows in a matrix product at least.
        advance: draws a token for every row, from float32 logits of shape (rows, vocabulary).
    """

    runner: Callable[[PreTrainedModel, int, int], Runner]
    advance: Callable[[list[Row], Tensor], None]


PLAIN = Way(Decoder, advance)
"""By operations of torch, on any device."""
