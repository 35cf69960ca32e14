"""Which pages each token of a forward pass attends to, in numbers that kernels read; pure.

What some tokens make of some pages is a *job*, and what one of them makes of these, a *part*. Jobs are cut by the
text alone: a segment of a prompt, or what a row has drawn, at most SPAN pages of it. Tokens that share pages stand
side by side, so that a job reads its pages once for several; how many does not change what one of them is told.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tgc.engine.tree.pages import PAGE

SPAN = 8
"""Pages that a job has at most."""

FIELDS = 7
"""Numbers of a job: where its pages begin, how many tokens they hold; its first reader, how many there are; its
first part; where what they see begins, or -1 where they see all; and how far apart that is for two readers."""

Ints = NDArray[np.int32]
Flags = NDArray[np.bool_]

ALL = np.zeros(0, dtype=np.bool_)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Remembered tokens, and the tokens of a forward pass that attend to them.

    Attributes:
        tokens: how many the pages hold.
        first: the first of its readers, which stand side by side.
        seen: what each reader attends to, of shape (readers, tokens); None where that is all.
    """

    pages: Sequence[int]
    tokens: int
    first: int
    readers: int
    seen: Flags | None = None


@dataclass(frozen=True, slots=True)
class Tables:
    """What kernels read.

    Attributes:
        jobs: of shape (jobs, FIELDS).
        pages: of all jobs.
        starts: where the parts of each token begin in `parts`; one more than there are tokens.
        parts: those of each token, in the order of its text.
        seen: of all jobs where not all is.
    """

    jobs: Ints
    pages: Ints
    starts: Ints
    parts: Ints
    seen: Flags


def tabulate(stretches: Sequence[Stretch], tokens: int, abreast: int) -> Tables:
    """Tables for so many tokens, of which at most `abreast` share a job.

    Args:
        stretches: those of each token in the order of its text.
        tokens: how many the forward pass has.
        abreast: any number; it costs time, and changes no result.
    """
    jobs = _jobs(stretches, abreast)
    readers = _counted(jobs[:, 2], jobs[:, 3])
    return Tables(
        jobs=jobs.astype(np.int32),
        pages=np.array([page for stretch in stretches for page in stretch.pages], dtype=np.int32),
        starts=np.cumsum([0, *np.bincount(readers, minlength=tokens)], dtype=np.int32),
        parts=np.argsort(readers, kind="stable").astype(np.int32),
        seen=np.concatenate([one.seen.ravel() for one in stretches if one.seen is not None] or [ALL]),
    )


def _jobs(stretches: Sequence[Stretch], abreast: int) -> NDArray[np.int64]:
    """The jobs of each stretch, span by span."""
    pages, tokens, first, readers, seen, apart = _columns(stretches)
    spans, groups = -(-pages // SPAN), -(-readers // abreast)
    which = np.repeat(np.arange(len(stretches)), spans * groups)
    span, group = np.divmod(_counted(np.zeros_like(which[: len(stretches)]), spans * groups), groups[which])
    before, ahead = span * SPAN, group * abreast
    sharing = np.minimum(readers[which] - ahead, abreast)
    return np.stack(
        [
            (np.cumsum(pages) - pages)[which] + before,
            np.minimum(tokens[which] - before * PAGE, SPAN * PAGE),
            first[which] + ahead,
            sharing,
            np.cumsum(sharing) - sharing,
            np.where(apart[which] > 0, seen[which] + ahead * apart[which] + before * PAGE, -1),
            apart[which],
        ],
        axis=1,
    )


def _columns(stretches: Sequence[Stretch]) -> NDArray[np.int64]:
    """Of each stretch: pages, tokens, the first reader, readers, where what they see begins and how far apart."""
    rows, seen = list[tuple[int, ...]](), 0
    for one in stretches:
        apart = 0 if one.seen is None else one.tokens
        rows.append((len(one.pages), one.tokens, one.first, one.readers, seen, apart))
        seen += one.readers * apart
    return np.array(rows, dtype=np.int64).reshape(-1, 6).T


def _counted(starts: NDArray[np.int64], counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """So many whole numbers from each start on.

    >>> _counted(np.array([5, 0]), np.array([2, 3])).tolist()
    [5, 6, 0, 1, 2]
    """
    return np.arange(counts.sum()) + np.repeat(starts - np.cumsum(counts) + counts, counts)
