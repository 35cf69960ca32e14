"""What `datasets` makes of JSON: columns with one type each, by what stands in the first megabytes of a file."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from tgc.formats.base import Flaw
from tgc.records import Record

CHUNK = 10 << 20
"""So many bytes of JSON lines say which columns there are (datasets 3.6, 4.0 and 5.2)."""

KINDS = (
    (bool, "true or false"),
    (int | float, "a number"),
    (str, "a text"),
    (list, "a list"),
    (dict, "a mapping"),
)
"""What JSON holds, and how it is told."""

Seen = dict[str, tuple[str, int]]


@dataclass(slots=True)
class Columns:
    """The keys of rows: where each first holds something, of which kind, and where it is of another kind.

    `last` is the line of the last row.
    """

    path: Path
    kinds: Seen = field(default_factory=dict)
    others: Seen = field(default_factory=dict)
    last: int = 0

    def see(self, record: Record) -> None:
        """Take in a row."""
        self.last = record.line
        if not isinstance(record.datum, Mapping):
            return
        for key, value in _cells(record.datum):
            kind = _kind(value)
            known, _ = self.kinds.setdefault(key, (kind, record.line))
            if kind != known:
                self.others.setdefault(key, (kind, record.line))

    def flaws(self) -> Iterator[tuple[int, Flaw]]:
        """What `datasets` cannot load, each with the line on which it stumbles."""
        if self.path.suffix == ".parquet":
            return
        for key, (kind, line) in self.others.items():
            first, _ = self.kinds[key]
            hint = f"all rows have `{key}` of one type, for `datasets` before 5 fails on others"
            yield line, Flaw("mixed-types", f"`{key}` is {kind} here, and {first} above", hint)
        if self.path.suffix == ".jsonl":
            yield from self._late()

    def _late(self) -> Iterator[tuple[int, Flaw]]:
        latest = max((line for _, line in self.kinds.values()), default=1)
        if latest == 1 or self.path.stat().st_size <= CHUNK or _offset(self.path, latest) <= CHUNK:
            return
        for key, (_, line) in self.kinds.items():
            if line > 1 and _offset(self.path, line) > CHUNK:
                message = f"`{key}` holds nothing before, and `datasets` looks at 10 MB to find its columns"
                hint = "a row with it comes first, or the file is a `.json` array"
                yield line, Flaw("late-column", message, hint)


def _cells(row: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """What stands under keys, and a level below: a column of lists or mappings has types, too."""
    for key, value in row.items():
        yield from ((key, value),) if value is not None and value != [] else ()
        for inner in value if isinstance(value, list) else (value,):
            if isinstance(inner, Mapping):
                below = inner.items()
                yield from ((f"{key}.{name}", one) for name, one in below if one is not None and one != [])


def _kind(value: object) -> str:
    return next((name for kind, name in KINDS if isinstance(value, kind)), "something else")


def _offset(path: Path, line: int) -> int:
    """The byte at which a line begins."""
    with path.open("rb") as file:
        return sum(len(text) for text in islice(file, line - 1))
