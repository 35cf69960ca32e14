"""Rows that outputs cannot hold: left out and counted, or told of all together, as the recipe wants it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from tgc.counts import count
from tgc.dialogue import Conversation
from tgc.errors import Diagnostic, RecipeError
from tgc.formats.base import Flaw, Format

MOST_NAMED = 5
"""So many rows are named that break a rule."""

Broken = tuple[str, Flaw]
"""The name of a format, and how a row breaks a rule of it."""

Refusal = tuple[Format, Flaw]


@dataclass(slots=True)
class Violations:
    """The rows that outputs refuse, as they are found; those that count are named, as they are first found.

    Attributes:
        dropped: how many are left out, by reason.
        failing: how many are an error, by what is wrong with them.
        names: the first of those.
    """

    outputs: Sequence[Format]
    dropped: dict[str, int] = field(default_factory=dict)
    failing: dict[Broken, int] = field(default_factory=dict)
    names: dict[Broken, list[str]] = field(default_factory=dict)

    def reason(self, conversation: Conversation, name: str) -> str | None:
        """Why a row is in no file; None where all outputs take it."""
        broken = self.broken(conversation)
        return self.count(broken, name) if broken else None

    def broken(self, conversation: Conversation) -> list[Refusal]:
        """The outputs that refuse a row, and why."""
        return [(output, flaw) for output in self.outputs if (flaw := output.refusal(conversation))]

    def count(self, found: Sequence[Refusal], name: str) -> str:
        """Count a row that outputs refuse, and say why it is in no file."""
        output, flaw = next((pair for pair in found if pair[0].on_violation == "drop"), found[0])
        if output.on_violation == "drop":
            self.drop(reason := f"{output.format}: {flaw.message}")
            return reason
        self._fail((output.format, flaw), name)
        return flaw.message

    def drop(self, reason: str) -> None:
        """Count a row that is left out."""
        self.dropped[reason] = self.dropped.get(reason, 0) + 1

    @property
    def problems(self) -> tuple[Diagnostic, ...]:
        """What is to be said of rows that are an error."""
        return tuple(self._told())

    def _fail(self, broken: Broken, name: str) -> None:
        self.failing[broken] = self.failing.get(broken, 0) + 1
        names = self.names.setdefault(broken, [])
        if len(names) < MOST_NAMED:
            names.append(name)

    def _told(self) -> Iterator[Diagnostic]:
        for broken, number in self.failing.items():
            (client, flaw), names = broken, ", ".join(f"`{name}`" for name in self.names[broken])
            more = ", …" if number > len(self.names[broken]) else ""
            rows = f"{count(number, 'row')} cannot be written as `{client}`"
            message = f"{rows}: {flaw.message} ({flaw.rule}), in {names}{more}"
            repairs = ", `escape` repairs them" if flaw.mends else ""
            hint = f"{flaw.hint}; `on_violation: drop` leaves such rows out{repairs}"
            yield Diagnostic("refused-row", message, None, hint)


def refusals(outputs: Sequence[Format], rows: Iterable[tuple[int, Conversation]]) -> dict[int, str]:
    """Why rows are left out, by their places; those that come first are named, in whatever order rows are given.

    Raises:
        RecipeError: rows are to be written that an output refuses, and may not be left out.
    """
    found = Violations(outputs)
    broken = {place: (row.id, flaws) for place, row in rows if (flaws := found.broken(row))}
    reasons = {place: found.count(flaws, name) for place, (name, flaws) in sorted(broken.items())}
    if found.failing:
        raise RecipeError(found.problems)
    return reasons
