"""Rows as Parquet, streamed, with what `datasets` wants to know of the columns."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from os import SEEK_END
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryFile
from typing import IO, BinaryIO

import polars as pl
from polars.io.plugins import register_io_source

from tgc.dialogue import Conversation
from tgc.formats.base import rows

TEXT = {"dtype": "string", "_type": "Value"}
"""A text, as datasets 3.6 spells it; 4.0 and 5.2 read that too, while 3.6 cannot read what they write."""

MESSAGES = pl.List(pl.Struct({"role": pl.String, "content": pl.String}))


@dataclass(frozen=True, slots=True)
class _Images:
    """How images are kept.

    Attributes:
        column: the type of their column.
        feature: what `datasets` takes it for.
        group: rows that are held at a time, and rows of a row group.
    """

    column: pl.DataType
    feature: object
    group: int

    @property
    def schema(self) -> pl.Schema:
        """All columns."""
        return pl.Schema({"id": pl.String(), "messages": MESSAGES, "images": self.column})

    @property
    def features(self) -> dict[str, object]:
        """What `datasets` takes the columns for."""
        return {"id": TEXT, "messages": [{"role": TEXT, "content": TEXT}], "images": self.feature}


PATHS = _Images(pl.List(pl.Struct({"image": pl.String})), [{"image": TEXT}], 20_000)
NAMED = _Images(pl.List(pl.Struct({"bytes": pl.Binary, "path": pl.String})), [{"_type": "Image"}], 20_000)
HELD = _Images(NAMED.column, NAMED.feature, 100)

SCHEMA, UNREAD = b"ARROW:schema", b"polars:types"
"""The key under which polars says that texts are `large_string`, and what it becomes.

A feature counts for `datasets` only where the type of its column is the very one it stands for, which is `string`;
without the key, that is what Arrow takes the column for.
"""

TAIL = 8
"""Bytes at the end of a file that say how long its footer is."""

Told = tuple[str, list[dict[str, str]], list[object]]
Scan = Callable[[object, object, object, object], Iterator[pl.DataFrame]]


def paths(conversations: Iterable[Conversation], out: BinaryIO) -> None:
    """Images as `{image: path}`, beside texts that say where they stand; empty on rows of text."""
    _write(
        ((row.id, rows.said(row.messages), [*map(_path, row.images)]) for row in conversations), PATHS, out
    )


def named(conversations: Iterable[Conversation], out: BinaryIO) -> None:
    """Images as a feature of `datasets`, which opens them by their paths."""
    _write(((row.id, _said(row), [*map(_named, row.images)]) for row in conversations), NAMED, out)


def held(conversations: Iterable[Conversation], out: BinaryIO) -> None:
    """The same, with the images themselves in the rows.

    Raises:
        OSError: one of them cannot be read.
    """
    _write(((row.id, _said(row), [*_held(row)]) for row in conversations), HELD, out)


def _said(row: Conversation) -> list[dict[str, str]]:
    return rows.said(rows.bare(row.messages))


def _path(image: str) -> object:
    return {"image": image}


def _named(image: str) -> object:
    return {"bytes": None, "path": image}


def _held(row: Conversation) -> Iterator[object]:
    for image in row.images:
        yield {"bytes": Path(row.folder, image).read_bytes(), "path": image}


def _write(told: Iterable[Told], images: _Images, out: BinaryIO) -> None:
    """A file with `images` if any row has some."""
    pictured: set[bool] = set()
    with TemporaryFile() as whole, TemporaryFile() as text:
        _sink(register_io_source(_parts(told, images, pictured), schema=images.schema), images, whole)
        if True not in pictured:
            _sink(pl.scan_parquet(whole).drop("images"), images, text)
        copyfileobj(whole if True in pictured else text, out)


def _parts(told: Iterable[Told], images: _Images, pictured: set[bool]) -> Scan:
    """A few rows at a time, of which it is noted whether any has an image."""

    def parts(*_: object) -> Iterator[pl.DataFrame]:
        given = iter(told)
        while part := list(islice(given, images.group)):
            pictured.add(any(shown for _, _, shown in part))
            yield pl.DataFrame(part, schema=images.schema, orient="row")

    return parts


def _sink(frames: pl.LazyFrame, images: _Images, file: IO[bytes]) -> None:
    features = {name: images.features[name] for name in frames.collect_schema()}
    said = {"huggingface": json.dumps({"info": {"features": features}})}
    frames.sink_parquet(file, row_group_size=images.group, metadata=said)
    _forget_types(file)


def _forget_types(file: IO[bytes]) -> None:
    """Rename the key of the types in the footer, after all that rows say, and go back to the beginning."""
    file.seek(-TAIL, SEEK_END)
    length = int.from_bytes(file.read(4), "little")
    start = file.seek(-TAIL - length, SEEK_END)
    place = file.read(length).rfind(SCHEMA)
    file.seek(start + place)
    file.write(UNREAD)
    file.seek(0)
