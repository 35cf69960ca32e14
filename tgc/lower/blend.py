"""Files that are blended into the mix: known by their content, and tried before anything runs."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import islice
from pathlib import Path

from tgc import fingerprint, ir, records, source
from tgc.counts import count
from tgc.dialogue import Conversation
from tgc.errors import Diagnostic, RecipeError, nearest
from tgc.lower.quoted import place
from tgc.lower.rows import refuse_pointer
from tgc.lower.sources.found import Found
from tgc.readers.base import BadRowError, Reader, Row, is_of_images
from tgc.records import BrokenFileError
from tgc.registry import plugins

TRIED = 1_000
"""So many rows are read of a file when its recipe is checked; the others when the mix is made."""

MOST_TOLD = 5
"""So many bad rows are shown of a file."""


@dataclass(slots=True)
class Sifted:
    """The rows of a source as they are read, the bad ones counted.

    Attributes:
        read: how many rows there have been.
        each: how many in each of its files.
        bad: how many could not be read, by reason.
        first: what is to be said of the first of those.
    """

    blend: ir.Blend
    read: int = 0
    each: list[int] = field(default_factory=list)
    bad: dict[str, int] = field(default_factory=dict)
    first: list[Diagnostic] = field(default_factory=list)

    def conversations(self, most: int | None = None) -> Iterator[tuple[int, Conversation]]:
        """What can be read of the rows, or of the first of them, each with its line.

        It is the number of the row where a line may hold many, as in a JSON array, and in all files where a source
        stands for several.

        Raises:
            RecipeError: a file cannot be read any further.
        """
        for file in self.blend.parts:
            before, is_by_line = self.read, not self.blend.files and records.is_by_line(file.path)
            for row in islice(self._rows(file), None if most is None else most - before):
                self.read += 1
                if isinstance(row.found, BadRowError):
                    self._leave_out(file, row, row.found)
                else:
                    yield row.line if is_by_line else self.read, row.found
            self.each.append(self.read - before)

    def _rows(self, file: ir.File) -> Iterator[Row]:
        try:
            yield from self.blend.reader.read(file.path, self.blend.images, file.take)
        except BrokenFileError as error:
            span = place(file.path, error.line, error.column)
            raise RecipeError([Diagnostic("bad-data", str(error), span, error.hint)]) from error
        except OSError as error:
            raise RecipeError([_unreadable(file.path, error)]) from error

    def _leave_out(self, file: ir.File, row: Row, flaw: BadRowError) -> None:
        self.bad[flaw.reason] = self.bad.get(flaw.reason, 0) + 1
        if len(self.first) < MOST_TOLD:
            span = place(file.path, row.line, row.column)
            self.first.append(Diagnostic("bad-row", str(flaw), span, flaw.hint))

    @property
    def problems(self) -> tuple[Diagnostic, ...]:
        """What is to be said of bad rows, unless they are to be skipped and there are others."""
        bad, whole = sum(self.bad.values()), self.read
        if not bad or (self.blend.reader.on_error == "skip" and bad < whole):
            return ()
        shown = str(self.blend.path)
        bad_rows = f"{bad:,} of {count(whole, 'row')} read from `{shown}`"
        message = f"{bad_rows} cannot be taken as `{self.blend.reader.format}`"
        return (Diagnostic("bad-row", message, None, self._remedy), *self.first)

    @property
    def _remedy(self) -> str | None:
        bad = sum(self.bad.values())
        if bad < self.read:
            return "`on_error: skip` leaves bad rows out and counts them"
        if set(self.bad) == {"not JSON"}:
            return "a `.jsonl` file has a row on each line; a list of rows is called `.json`"
        fit = tuple(_fitting(self.blend.parts[0]))
        if not fit or self.blend.reader.format in fit:
            return None
        return f"its first row has the shape of {', '.join(f'`{name}`' for name in fit)}"


def _fitting(file: ir.File) -> Iterator[str]:
    """The readers that would read the first row of a file."""
    rows = list(islice(records.read(file.path), 1))
    for name, cls in plugins("readers").items():
        with suppress(ValueError, RecursionError):  # bad rows, and options that a reader cannot do without
            reader = cls.model_validate({"source": file.path.name, "format": name})
            yield from (name for row in rows if isinstance(reader, Reader) and reader.conversation(row, name))


def found(reader: Reader, path: Path, images: Path | None, files: Sequence[Found] = ()) -> ir.Blend:
    """A source as it is now: its files are hashed, and their first rows are read.

    Args:
        reader: says how.
        path: where the source is.
        images: where the paths of its images begin.
        files: what it stands for; it is a file itself if there are none.

    Raises:
        RecipeError: a file is of another format than its name or the recipe says, or its rows are bad.
    """
    parts = tuple(_part(file) for file in files or (Found(path),))
    if images is None and any(is_of_images(part.path) for part in parts):
        images = path if source.is_directory(path) else path.parent
    digest = parts[0].digest if not files else _sha256(parts)
    sifted = Sifted(ir.Blend(reader, digest, path, images, parts if files else ()))
    for _ in sifted.conversations(TRIED):
        pass
    if not sifted.read:
        raise RecipeError([Diagnostic("empty-values", f"nothing stands in `{path}`")])
    if sifted.problems:
        raise RecipeError(sifted.problems)
    return sifted.blend


def _part(found: Found) -> ir.File:
    path, shown = found.path, str(found.path)
    if not path.is_file():
        raise RecipeError([Diagnostic("missing-file", f"there is no data file `{shown}`")])
    if records.suffix(path) not in records.SUFFIXES:
        hint = nearest(path.suffix, records.SUFFIXES)
        raise RecipeError([Diagnostic("unknown-data-format", f"`{shown}` is in no known format", None, hint)])
    refuse_pointer(path, shown)
    return ir.File(path, fingerprint.of_file(path), found.take)


def _sha256(files: Sequence[ir.File]) -> str:
    """Over the hashes of files, in their order, and how much is taken of each."""
    return sha256("".join(f"{file.digest} {file.take}\n" for file in files).encode()).hexdigest()


def folder(name: str, homes: Sequence[Path]) -> Path:
    """Where a folder of images is; it may be anywhere, for nothing in it is read.

    Raises:
        RecipeError: it is not there.
    """
    place = next((home / name for home in homes if source.is_directory(home / name)), None)
    if place is None:
        hint = nearest(name, _folders(name, homes))
        raise RecipeError([Diagnostic("missing-file", f"there is no folder `{name}`", None, hint)])
    return place


def _folders(name: str, homes: Sequence[Path]) -> Iterator[str]:
    """Those that are where the one of that name would be."""
    for near in ((home / name).parent for home in homes):
        if source.is_directory(near):
            yield from (str(Path(name).parent / inner.name) for inner in near.iterdir() if inner.is_dir())


def _unreadable(path: Path, error: OSError) -> Diagnostic:
    return Diagnostic("missing-file", f"`{path}` cannot be read: {error.strerror}")
