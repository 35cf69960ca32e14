"""What is found in files of rows, as diagnostics, as JSON, and in one line a file."""

import json
from collections.abc import Iterable, Iterator, Sequence

from tgc.counts import count
from tgc.errors import Diagnostic, Span
from tgc.linting import MOST_SHOWN, Finding, Report


def diagnostics(reports: Sequence[Report]) -> tuple[Diagnostic, ...]:
    """The first rows that break each rule of each client, and how many more do."""
    return tuple(diagnostic for report in reports for diagnostic in _diagnostics(report))


def summary(report: Report, clients: Iterable[str]) -> str:
    """How many rows a file has, and how many break which rule."""
    return f"{report.path}: {count(report.rows, 'row')}; {', '.join(_clients(report, clients))}"


def as_json(reports: Sequence[Report]) -> str:
    """A JSON array of objects with path, rows, counts by client and rule, and the first findings."""
    return json.dumps([_fields(report) for report in reports], indent=2, ensure_ascii=False)


def _diagnostics(report: Report) -> Iterator[Diagnostic]:
    for finding in report.findings:
        span = Span(str(report.path), finding.line, finding.column, 0, "")
        yield Diagnostic(finding.flaw.rule, _message(finding), span, finding.flaw.hint)
    for (client, rule), number in report.counts.items():
        if number > MOST_SHOWN:
            message = f"`{client}`: so do {count(number - MOST_SHOWN, 'row')} more of `{report.path}`"
            yield Diagnostic(rule, message)


def _message(finding: Finding) -> str:
    row = f", in row `{finding.row}`" if finding.row else ""
    return f"`{finding.client}`: {finding.flaw.message}{row}"


def _clients(report: Report, clients: Iterable[str]) -> Iterator[str]:
    for client in clients:
        broken = [f"{rule} {number:,}" for (name, rule), number in report.counts.items() if name == client]
        yield f"`{client}`: {', '.join(broken) or 'nothing found'}"


def _fields(report: Report) -> dict[str, object]:
    counts: dict[str, dict[str, int]] = {}
    for (client, rule), number in report.counts.items():
        counts.setdefault(client, {})[rule] = number
    findings = [
        {
            "client": finding.client,
            "rule": finding.flaw.rule,
            "line": finding.line,
            "column": finding.column,
            "row": finding.row or None,
            "message": finding.flaw.message,
            "hint": finding.flaw.hint,
        }
        for finding in report.findings
    ]
    return {"path": str(report.path), "rows": report.rows, "counts": counts, "findings": findings}
