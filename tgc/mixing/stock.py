"""What the user's files hold: every row that can go into a mix, read once and kept aside until it is written."""

import json
import os
from array import array
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO

import numpy as np
import polars as pl

from tgc import fingerprint, ir
from tgc.dialogue import Conversation, Message
from tgc.errors import RecipeError
from tgc.formats.base import Format
from tgc.lower.blend import Sifted
from tgc.mixing.conversations import BYTES

COLUMNS = ("line", "word", "turns", "tokens", "images", "start", "size")
"""Of a row: its line, 64 bits of what it says, its turns, tokens as estimated, images, and where it is kept."""

NOT_UNICODE = "a text is not valid Unicode"

_AS_KEPT = json.JSONEncoder(ensure_ascii=False, default=str).encode


@dataclass(frozen=True, slots=True, eq=False)
class Stock:
    """The rows of a file that a mix can take, in the order of the file.

    Attributes:
        rows: columns `COLUMNS`, all UInt64.
        read: how many rows the file has.
        bad: those that could not be read, by reason.
        refused: those that an output of the recipe refuses, by reason.
        shelf: where the rows are kept.
    """

    blend: ir.Blend
    rows: pl.DataFrame
    read: int
    bad: dict[str, int]
    refused: dict[str, int]
    shelf: BinaryIO

    @property
    def available(self) -> int:
        """How many rows a mix may have of it, repeated ones included."""
        most = self.rows.height * self.blend.reader.repeat
        return most if self.blend.reader.cap is None else min(most, self.blend.reader.cap)

    def conversation(self, start: int, size: int) -> Conversation:
        """The row that is kept there."""
        kept = json.loads(os.pread(self.shelf.fileno(), size, start))
        messages = tuple(Message(role, content) for role, content in kept["messages"])
        source = self.blend.reader.source
        return Conversation(kept["id"], messages, tuple(kept["images"]), source, kept["extras"])


@contextmanager
def stocked(program: ir.Program, directory: Path) -> Iterator[tuple[Stock, ...]]:
    """The rows of all files that a recipe blends in, in a file without a name under `directory` until the end.

    Raises:
        RecipeError: files cannot be read, or rows of them, unless these are to be skipped; all of them at once.
    """
    if not program.mix.blend:
        yield ()
        return
    directory.mkdir(parents=True, exist_ok=True)
    files = [Sifted(blend) for blend in program.mix.blend]
    with TemporaryFile(dir=directory) as shelf:
        stocks = tuple(_take_in(file, program.emit, shelf) for file in files)
        problems = [problem for file in files for problem in file.problems]
        if problems:
            raise RecipeError(problems)
        shelf.flush()
        yield stocks


def _take_in(file: Sifted, outputs: Sequence[Format], shelf: BinaryIO) -> Stock:
    columns = {name: array("Q") for name in COLUMNS}
    refused: dict[str, int] = {}
    start = shelf.tell()
    for line, conversation in file.conversations():
        reason = next((reason for output in outputs if (reason := output.refuse(conversation))), None)
        kept = _kept(conversation)
        if reason is None and kept is not None:
            size = shelf.write(kept)
            row = {"line": line, **_said(conversation), "start": start, "size": size}
            for name, value in row.items():
                columns[name].append(value)
            start += size
        else:
            reason = reason or NOT_UNICODE
            refused[reason] = refused.get(reason, 0) + 1
    rows = pl.DataFrame({name: np.frombuffer(column, np.uint64) for name, column in columns.items()})
    return Stock(file.blend, rows, file.read, file.bad, refused, shelf)


def _kept(conversation: Conversation) -> bytes | None:
    """A row as it is kept; None where no file can hold it."""
    kept = {
        "id": conversation.id,
        "messages": [(message.role, message.content) for message in conversation.messages],
        "images": conversation.images,
        "extras": conversation.extras,
    }
    try:
        return _AS_KEPT(kept).encode()
    except UnicodeEncodeError:
        return None


def _said(conversation: Conversation) -> dict[str, int]:
    """What is to be known of a row, but for where it is kept."""
    turns = conversation.turns
    texts = [part for message in conversation.messages for part in (message.role, message.content)]
    return {
        "word": fingerprint.word("\0".join((*texts, *conversation.images))),
        "turns": sum(turn.role == "assistant" for turn in turns),
        "tokens": sum(ceil(len(message.content.encode()) / BYTES) for message in conversation.messages),
        "images": len(conversation.images),
    }
