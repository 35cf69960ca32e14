"""Where the tokens of one forward pass belong, as tensors."""

from dataclasses import dataclass

from torch import Tensor

NEVER = -1e30
"""A score whose weight is zero beside any other; finite, for a page that nobody reads has no other."""


@dataclass(frozen=True, slots=True)
class Singles:
    """Pages that are read where they are, each by one row, in runs of adjacent ones.

    Attributes:
        runs: the first page of each, and the one after the last.
        owners: of shape (pages,): the rows.
        bias: of shape (pages, 1, PAGE): 0 where a token is, NEVER where none is.
    """

    runs: tuple[tuple[int, int], ...]
    owners: Tensor
    bias: Tensor


@dataclass(frozen=True, slots=True)
class Lot:
    """Stretches of as many pages each, that as many rows read.

    Attributes:
        pages: of shape (stretches, pages).
        rows: of shape (stretches, rows): whose queries are put to each.
        bias: of shape (stretches, 1, tokens of all pages); as of single pages.
    """

    pages: Tensor
    rows: Tensor
    bias: Tensor


@dataclass(frozen=True, slots=True)
class Sums:
    """How rows add up their parts; lines of a part are its key heads.

    Attributes:
        lines: of shape (3, parts): where the lines of each begin, as a multiple of the number of key heads and
            what is added to that, and how far apart they are.
        owners: of shape (parts,): the row that has each; of one that is nobody's, any.
        parts: of shape (columns, rows): which of all parts is the row's.
        absent: where it has none, of shape (columns, rows, 1, 1).
        order: of shape (uses,): the parts that are somebody's, those of a row in the order of its text.
        rows: of shape (uses,): whose they are.
    """

    lines: Tensor
    owners: Tensor
    parts: Tensor
    absent: Tensor
    order: Tensor
    rows: Tensor


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
        slots: of shape (tokens,): page x PAGE + place in it, of page 0 where nobody reads.
        least: queries that every page of a prompt is put at least.
    """

    slots: Tensor
    rows: int
    least: int
    texts: Singles
    alone: Singles
    lots: tuple[Lot, ...]
    sums: Sums
    readings: tuple[Reading, ...]
