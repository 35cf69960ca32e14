"""The comments at the top of a query: what its answer shows, and what can be set in it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

Value = str | int | float | bool
"""What can be bound to a parameter; a text becomes what its place in the query wants."""

_SETTING = re.compile(r"\$(?P<name>\w+)(?: = (?P<default>.*?))?: (?P<says>.+)")


@dataclass(frozen=True, slots=True)
class Setting:
    """A parameter `$name` of a query; one without a default has to be given."""

    name: str
    default: str | None
    says: str


@dataclass(frozen=True, slots=True)
class Header:
    """What a query says of itself: its first line, and its parameters."""

    says: str
    settings: tuple[Setting, ...]


def header(query: str) -> Header:
    r"""The header of a query; one without comments says nothing.

    >>> query = "-- Texts with a word.\n-- $word: what to look for\n-- $most = 10: how many\nselect …"
    >>> header(query).says
    'Texts with a word.'
    >>> header(query).settings[1]
    Setting(name='most', default='10', says='how many')
    """
    lines = list(_comments(query))
    settings = (match for line in lines if (match := _SETTING.fullmatch(line)))
    return Header(next(iter(lines), ""), tuple(Setting(**match.groupdict()) for match in settings))


def with_defaults(query: str, given: Mapping[str, Value]) -> dict[str, Value]:
    r"""What is given, and the defaults of the query's header for what is not.

    >>> with_defaults("-- $word: what to look for\n-- $most = 10: how many\nselect …", {"word": "tree"})
    {'most': '10', 'word': 'tree'}
    """
    defaults = {setting.name: setting.default for setting in header(query).settings}
    return {name: default for name, default in defaults.items() if default is not None} | dict(given)


def _comments(query: str) -> Iterator[str]:
    for line in query.splitlines():
        if not line.startswith("--"):
            return
        yield line.removeprefix("--").strip()
