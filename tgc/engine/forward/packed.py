"""Where the tokens of one forward pass belong, as tensors."""

from dataclasses import dataclass

from torch import Tensor

NEVER = -1e30
"""A score whose weight is zero beside any other; finite, for a page that nobody reads has no other."""

LANES = 32
"""Numbers that a CPU computes at once; what is left over at the end of a tensor, exp2 rounds in another way."""


@dataclass(frozen=True, slots=True)
class Run:
    """Adjacent pages that are read in one go, each by one row.

    Attributes:
        owners: of shape (pages,): the rows.
        bias: of shape (pages, 1, 1, PAGE): 0 where a token is, NEVER where none is.
    """

    start: int
    stop: int
    owners: Tensor
    bias: Tensor


@dataclass(frozen=True, slots=True)
class Shared:
    """Pages that several rows have.

    Attributes:
        pages: of shape (times,); `bias` as for runs.
        rows: of shape (times, rows): whose queries are put to each.
    """

    pages: Tensor
    rows: Tensor
    bias: Tensor


@dataclass(frozen=True, slots=True)
class Reading:
    """A segment that is read: tokens first to last of what is packed, over the pages of its whole path.

    Attributes:
        mask: of shape (tokens, tokens of all pages): what each token may attend to.
    """

    first: int
    last: int
    pages: Tensor
    mask: Tensor


@dataclass(frozen=True, slots=True)
class Packed:
    """Where the tokens of one forward pass belong: first one of each row, then those of segments.

    Attributes:
        pages: of shape (tokens,): where each token is remembered; page 0 of one that nobody reads.
        offsets: of shape (tokens,): its place in that page.
        least: queries that every page of a prompt is put at least.
        parts: of shape (columns, lanes): which of all parts is the row's; there are as many as `lanes` says.
        absent: where it has none, of the same shape.
    """

    pages: Tensor
    offsets: Tensor
    rows: int
    least: int
    texts: tuple[Run, ...]
    alone: tuple[Run, ...]
    shared: Shared | None
    parts: Tensor
    absent: Tensor
    readings: tuple[Reading, ...]


def lanes(rows: int) -> int:
    """So many rows, and more up to a multiple of LANES."""
    return -(-rows // LANES) * LANES
