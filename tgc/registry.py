"""Plug-ins, found by folder and by entry point; there is no list to edit."""

from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import Literal

from pydantic import BaseModel

Kind = Literal["backends", "filters", "formats", "readers"]
TAGS: dict[Kind, str] = {"backends": "backend", "filters": "kind", "formats": "format", "readers": "format"}
"""The field whose default is a plug-in's name."""


@cache
def plugins(kind: Kind) -> dict[str, type[BaseModel]]:
    """Classes by name, sorted: every module of `tgc/<kind>/`, then entry points of the group `tgc.<kind>`.

    A plug-in class is a direct subclass of the folder's base; its name is the default of its tag field.
    """
    folder = Path(__file__).parent / kind
    names = sorted(path.stem for path in folder.glob("*.py") if path.stem not in {"__init__", "base"})
    found = [_plugin(import_module(f"tgc.{kind}.{name}"), kind) for name in names]
    found += [entry.load() for entry in entry_points(group=f"tgc.{kind}")]
    return dict(sorted((str(cls.model_fields[TAGS[kind]].default), cls) for cls in found))


def _plugin(module: object, kind: Kind) -> type[BaseModel]:
    own = [
        value
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, BaseModel)
        and value.__module__ == getattr(module, "__name__", None)
        and TAGS[kind] in value.model_fields
    ]
    (cls,) = own
    return cls
