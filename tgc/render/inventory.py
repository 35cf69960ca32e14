"""What there is to use in a recipe, as text, straight from the classes and files that define it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from inspect import getdoc
from pathlib import Path
from textwrap import wrap

from pydantic import BaseModel

from tgc import recipe, registry
from tgc.project import Project
from tgc.registry import TAGS, Kind

WIDTH = 80
FOR_EDITORS = "# yaml-language-server:"
LEVELS: Mapping[str, type[BaseModel]] = {
    "values": recipe.Values,
    "role": recipe.Turn,
    "prompt": recipe.Prompt,
    "text": recipe.Text,
    "score": recipe.Score,
    "map": recipe.Map,
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing by name: what it is, in a sentence, and its options."""

    name: str
    says: str
    options: tuple[str, ...] = ()


Entries = Mapping[str, Sequence[Entry]]


def entries(project: Project) -> Entries:
    """Kinds of level, plug-ins, recipes and named queries."""
    return {
        "levels": [_class(name, cls, name) for name, cls in LEVELS.items()],
        "filters": _plugins("filters"),
        "formats": _plugins("formats"),
        "readers": _plugins("readers"),
        "backends": _plugins("backends"),
        "recipes": _files(project.recipes),
        "queries": [_query(name, path) for name, path in project.files("warehouse/queries", "sql").items()],
    }


def every(entries: Entries) -> str:
    """All lists, names only."""
    width = max(map(len, entries))
    return "\n".join(
        _lines(title.ljust(width), ", ".join(entry.name for entry in found), width)
        for title, found in entries.items()
    )


def one(found: Sequence[Entry]) -> str:
    """A list, each thing with what it is and its options."""
    width = max(len(entry.name) for entry in found)
    return "\n".join(_entry(entry, width) for entry in found)


def _entry(entry: Entry, width: int) -> str:
    options = f"options: {', '.join(entry.options)}" if entry.options else ""
    return "\n".join(filter(None, [_lines(entry.name, entry.says, width), _lines("", options, width)]))


def _lines(head: str, text: str, width: int) -> str:
    indent = " " * (width + 2)
    return "\n".join(wrap(text, WIDTH, initial_indent=head.ljust(width + 2), subsequent_indent=indent))


def _plugins(kind: Kind) -> list[Entry]:
    return [_class(name, cls, TAGS[kind]) for name, cls in registry.plugins(kind).items()]


def _class(name: str, cls: type[BaseModel], tag: str) -> Entry:
    sentence = (getdoc(cls) or "").partition("\n\n")[0]
    return Entry(name, " ".join(sentence.split()), tuple(field for field in cls.model_fields if field != tag))


def _query(name: str, path: Path) -> Entry:
    from tgc.warehouse.header import header

    said = header(path.read_text(encoding="utf-8"))
    return Entry(name, said.says, tuple(setting.name for setting in said.settings))


def _files(paths: Mapping[str, Path]) -> list[Entry]:
    return [Entry(name, _head(path)) for name, path in paths.items()]


def _head(path: Path) -> str:
    """What the first comment of a file says, if it is one for people."""
    lines = path.read_text(encoding="utf-8").splitlines()
    first = next((line for line in lines if not line.startswith(FOR_EDITORS)), "")
    return first.lstrip("#- ").removeprefix("What: ")
