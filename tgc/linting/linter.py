"""One file, read once for all clients: what is found is counted by rule, and the first rows are named."""

from codecs import BOM_UTF8
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path

from tgc import records
from tgc.formats.base import Flaw, Format
from tgc.linting.columns import Columns
from tgc.linting.pictures import Pictures
from tgc.linting.prompts import Tokens
from tgc.records import BrokenFileError, Record

Checks = tuple[Tokens | Pictures, ...]

MOST_SHOWN = 10
"""So many rows are named of each that break a rule of a client."""

FEW = 1_000
"""So many bytes at the end of a file are looked at."""

GAP = Flaw("blank-line", "a blank line stands before", "the client takes every line for a row")
MARK = Flaw("byte-order-mark", "it begins with a byte order mark", "the client reads UTF-8 without one")
DEEP = Flaw("broken-row", "nested too deeply", "a row is as deep as its turns and their parts")
TAIL = replace(GAP, message="blank lines stand at the end")
EMPTY = Flaw("no-rows", "it has no rows", "there is something to learn from")
NO_ROW = Flaw("row-shape", "a row should be a mapping", "one JSON object is one row")


@dataclass(frozen=True, slots=True)
class Finding:
    """Where a rule of a client is broken: on which line (of Parquet, row), and the id of the row if it has one."""

    client: str
    flaw: Flaw
    line: int
    row: str = ""
    column: int = 1


@dataclass(slots=True)
class Report:
    """What a file is, for some clients.

    Attributes:
        rows: how many it has.
        counts: how many rows break a rule, by client and rule.
        findings: the first of each, in the order of the file.
    """

    path: Path
    rows: int = 0
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)

    def add(self, finding: Finding) -> None:
        """Count a finding, and keep it if there are not many like it."""
        key = (finding.client, finding.flaw.rule)
        self.counts[key] += 1
        if self.counts[key] <= MOST_SHOWN:
            self.findings.append(finding)

    def tell(self, client: Format, flaws: Iterable[tuple[int, Flaw]]) -> None:
        """Count what is wrong with a file for a client, each with its line."""
        for line, flaw in flaws:
            self.add(Finding(client.format, flaw, line))


def lint(path: Path, clients: Sequence[Format], *checks: Tokens | Pictures) -> Report:
    """What each client would make of a file whose name ends as one of `records.SUFFIXES`; streaming.

    Args:
        path: the file.
        clients: formats, for what their clients want.
        checks: what else rows are held against.

    Raises:
        OSError: it cannot be opened.
    """
    report, columns = Report(path), Columns(path)
    for client in clients:
        report.tell(client, ((1, flaw) for flaw in _named(path, client)))
    _read_through(report, columns, clients, checks)
    stumbles = tuple(columns.flaws())
    for client in clients:
        report.tell(client, _whole(report, columns, client))
        report.tell(client, stumbles if client.inferred else ())
    report.findings.sort(key=lambda finding: finding.line)
    return report


def _read_through(report: Report, columns: Columns, clients: Sequence[Format], checks: Checks) -> None:
    """Look at all rows, or at those before the file breaks off."""
    try:
        for record, gap in _records(report.path):
            report.rows += 1
            columns.see(record)
            for client in clients:
                for flaw in _broken(record, client, checks, gap=gap):
                    report.add(Finding(client.format, flaw, record.line, _id(record), record.column))
    except BrokenFileError as error:
        for client in clients:
            report.add(Finding(client.format, _cut(error), error.line, column=error.column))


def _whole(report: Report, columns: Columns, client: Format) -> Iterator[tuple[int, Flaw]]:
    """What is wrong with a file when all of its rows have been read."""
    if not report.rows and (client.format, "broken-row") not in report.counts:
        yield 1, EMPTY
    if not client.gaps and report.path.suffix == ".jsonl" and _trails(report.path):
        yield max(columns.last, 1), TAIL


def _named(path: Path, client: Format) -> Iterator[Flaw]:
    """What is wrong with a file before any of its rows."""
    if not client.inferred and path.suffix != ".parquet" and _begins(path, BOM_UTF8):
        yield MARK
    if path.suffix not in client.reads:
        ends = " or ".join(f"`{suffix}`" for suffix in client.reads)
        yield Flaw(
            "file-name", f"it does not read `{path.suffix}`", f"the client reads files that end in {ends}"
        )


def _begins(path: Path, mark: bytes) -> bool:
    with path.open("rb") as file:
        return file.read(len(mark)) == mark


def _trails(path: Path) -> bool:
    """Whether more than the end of its last row stands at the end of a file, as far as a few bytes tell."""
    with path.open("rb") as file:
        file.seek(max(path.stat().st_size - FEW, 0))
        tail = file.read()
    rest = tail[len(tail.rstrip()) :]
    return rest.count(b"\n") > 1 or bool(rest.strip(b"\r\n"))


def _records(path: Path) -> Iterator[tuple[Record, bool]]:
    """The records of a file, each with whether a blank line stands before it."""
    last = 0
    for record in records.read(path):
        yield record, path.suffix == ".jsonl" and record.line > last + 1
        last = record.line


def _cut(error: BrokenFileError) -> Flaw:
    return Flaw(
        "broken-row",
        f"{error}; nothing is read from here on",
        error.hint or "a file is read to its end",
    )


def _broken(record: Record, client: Format, checks: Checks, *, gap: bool) -> Iterator[Flaw]:
    if gap and not client.gaps:
        yield GAP
    if record.flaw is not None:
        yield Flaw("broken-row", record.flaw, "every row is JSON")
    elif not isinstance(record.datum, Mapping):
        yield NO_ROW
    else:
        yield from _read(record.datum, client, checks)


def _id(record: Record) -> str:
    name = record.datum.get("id") if isinstance(record.datum, Mapping) else None
    return str(name) if isinstance(name, str | int | float) else ""


def _read(row: Mapping[str, object], client: Format, checks: Checks) -> tuple[Flaw, ...]:
    try:
        return tuple(_flaws(row, client, checks))
    except RecursionError:
        return (DEEP,)


def _flaws(row: Mapping[str, object], client: Format, checks: Checks) -> Iterator[Flaw]:
    """How a row breaks rules, each rule once."""
    spelled = client.spelled(row)
    broken = {flaw.rule: flaw for flaw in reversed(spelled.flaws)}
    if spelled.conversation is not None:
        said = client.seen(spelled.conversation)
        found = (*client.flaws(said), *chain.from_iterable(check.flaws(said) for check in checks))
        broken = {flaw.rule: flaw for flaw in found} | broken
    yield from broken.values()
