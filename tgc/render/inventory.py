"""What there is to use in a recipe, as text, straight from the classes and files that define it."""

from collections.abc import Iterable
from inspect import getdoc
from pathlib import Path
from typing import Literal

from pydantic import BaseModel

from tgc import recipe, registry
from tgc.registry import TAGS, Kind
from tgc.render.table import align

Thing = Literal["levels", "filters", "formats", "backends", "recipes", "queries"]
LEVELS = {"values": recipe.Values, "role": recipe.Turn, "prompt": recipe.Prompt, "map": recipe.Map}


def classes(thing: Kind | Literal["levels"]) -> str:
    """Plug-ins, or kinds of level: name, what it is, options."""
    found = LEVELS if thing == "levels" else registry.plugins(thing)
    tag = "" if thing == "levels" else TAGS[thing]
    rows = [(name, _first_line(getdoc(cls) or ""), _options(cls, {tag, name})) for name, cls in found.items()]
    return _section(thing, rows)


def files(thing: Literal["recipes", "queries"], paths: dict[str, Path]) -> str:
    """Recipes or named queries: name, and what its first line says."""
    return _section(
        thing, [(name, _first_line(path.read_text(encoding="utf-8"))) for name, path in paths.items()]
    )


def _section(title: str, rows: Iterable[tuple[str, ...]]) -> str:
    return "\n".join([title, *align(list(rows), indent="  ")])


def _options(cls: type[BaseModel], without: set[str]) -> str:
    return ", ".join(name for name in cls.model_fields if name not in without)


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0].lstrip("#- ").removeprefix("What: ").rstrip(".")
