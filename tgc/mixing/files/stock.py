"""What the user's files hold: every row that can go into a mix, read once and kept aside until it is written."""

import os
from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import accumulate, chain, islice
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO

import numpy as np
import polars as pl

from tgc import fingerprint, ir
from tgc.dialogue import Conversation
from tgc.errors import RecipeError
from tgc.lower.blend import Sifted
from tgc.mixing.dialogues.tokens import Count, estimate, tokens
from tgc.mixing.files.album import Album
from tgc.mixing.files.left_out import LeftOut
from tgc.mixing.files.shelf import packed, unpacked
from tgc.mixing.violations import Violations

COLUMNS = ("line", "word", "turns", "tokens", "supervised_tokens", "images", "start", "size")
"""Of a row: its line, 64 bits of what it says, turns, tokens, those of answers, images, and where it is kept."""

AT_ONCE = 250
"""So many rows are read before their tokens are counted: what they say stays in a processor's cache."""

PART = 5_000
"""So many rows are held as Python objects at a time."""

NOT_KEPT = "a row is not valid Unicode, or nested too deeply"

_Fit = tuple[int, Conversation, bytes]


@dataclass(frozen=True, slots=True, eq=False)
class Stock:
    """The rows of a file that a mix can take, in the order of the file.

    Attributes:
        rows: columns `COLUMNS`, all UInt64.
        read: how many rows the file has.
        bad: those that could not be read, by reason.
        refused: those that an output of the recipe refuses, by reason.
        album: where the rows are kept, and the images that they hold.
        estimated: whether tokens are, for want of a tokenizer or of a need to count.
        each: how many rows were read of each of its files.
        left_out: the rows that it has besides, and that are not in `rows`.
    """

    blend: ir.Blend
    rows: pl.DataFrame
    read: int
    bad: dict[str, int]
    refused: dict[str, int]
    album: Album
    estimated: bool
    each: tuple[int, ...] = ()
    left_out: LeftOut = field(default_factory=LeftOut)

    @property
    def available(self) -> int:
        """How many rows a mix may have of it, repeated ones included."""
        most = self.rows.height * self.blend.reader.repeat
        return most if self.blend.reader.cap is None else min(most, self.blend.reader.cap)

    def conversation(self, start: int, size: int) -> Conversation:
        """The row that is kept there."""
        kept = os.pread(self.album.shelf.fileno(), size, start)
        return self.album.at_home(unpacked(kept, self.blend.reader.source, str(self.blend.images or "")))

    def parts(self) -> Iterator[tuple[pl.DataFrame, list[Conversation]]]:
        """The rows, so many at a time, each part with what they say."""
        for rows in self.rows.iter_slices(PART):
            places = rows.select("start", "size").iter_rows()
            yield rows, [self.conversation(start, size) for start, size in places]


@contextmanager
def stocked(program: ir.Program, directory: Path, count: Count | None = None) -> Iterator[tuple[Stock, ...]]:
    """The rows of all files that a recipe blends in, in a file without a name under `directory` until the end.

    Args:
        program: says which files.
        directory: where there is room for their rows.
        count: of the tokens; they are estimated if it is not given.

    Raises:
        RecipeError: files cannot be read, or rows of them, unless these are to be skipped; all of them at once.
    """
    if not program.mix.blend:
        yield ()
        return
    directory.mkdir(parents=True, exist_ok=True)
    files = [Sifted(blend) for blend in program.mix.blend]
    with TemporaryFile(dir=directory) as shelf:
        found = [Violations(program.emit) for _ in files]
        taken = zip(files, found, strict=True)
        album = Album(directory, shelf)
        stocks = tuple(_take_in(program.mix, file, violations, album, count) for file, violations in taken)
        problems = [*chain.from_iterable(file.problems for file in files)]
        problems += chain.from_iterable(violations.problems for violations in found)
        if problems:
            raise RecipeError(problems)
        shelf.flush()
        yield stocks


def _take_in(mix: ir.Mix, file: Sifted, found: Violations, album: Album, count: Count | None) -> Stock:
    columns = {name: array("Q") for name in COLUMNS}
    fit = _fit(mix, file, found, album)
    while some := list(islice(fit, AT_ONCE)):
        for name, values in _told(some, count or estimate, album.shelf).items():
            columns[name].extend(values)
    rows = pl.DataFrame({name: np.frombuffer(column, np.uint64) for name, column in columns.items()})
    each, estimated = tuple(file.each), count is None
    return Stock(file.blend, rows, file.read, file.bad, found.dropped, album, estimated, each)


def _fit(mix: ir.Mix, file: Sifted, found: Violations, album: Album) -> Iterator[_Fit]:
    """The rows that every output takes, each with its line and as it is kept; the others are counted.

    What a row rejects is kept in a mix of pairs alone.
    """
    name = file.blend.path.name
    for line, given in file.conversations():
        conversation = album.without(given if mix.pairs else given.plain)
        reason, kept = found.reason(conversation, f"{name}:{line}"), packed(conversation)
        if reason is None and kept is not None:
            yield line, conversation, kept
        elif reason is None:
            found.drop(NOT_KEPT)


def _told(some: Sequence[_Fit], count: Count, shelf: BinaryIO) -> dict[str, Iterable[int]]:
    """What is to be known of some rows, in `COLUMNS`; they are put on the shelf."""
    lines, conversations, kept = zip(*some, strict=True)
    counts = list(tokens(conversations, count))
    sizes, start = [len(row) for row in kept], shelf.tell()
    shelf.write(b"".join(kept))
    return {
        "line": lines,
        "word": map(_word, conversations),
        "turns": map(_turns, conversations),
        "tokens": [whole for whole, _ in counts],
        "supervised_tokens": [supervised for _, supervised in counts],
        "images": [len(conversation.images) for conversation in conversations],
        "start": accumulate(sizes[:-1], initial=start),
        "size": sizes,
    }


def _word(conversation: Conversation) -> int:
    texts = [part for message in conversation.said for part in (message.role, message.content)]
    return fingerprint.word("\0".join((*texts, *conversation.images)))


def _turns(conversation: Conversation) -> int:
    return [message.role for message in conversation.messages].count("assistant")
