"""Vars of a recipe given anew on the command line: as if the recipe said so, but shown as they were typed."""

from collections.abc import Mapping
from dataclasses import replace

from tgc.errors import UsageError, nearest
from tgc.source.document import Document
from tgc.source.extent import Extent, Source
from tgc.source.parser import compose, sound
from tgc.source.yaml12 import Loc

OPTION = "--vars"


def override(document: Document, variables: Mapping[str, str]) -> Document:
    """The recipe with other values for some of its `vars`; each is read as if it stood after `name:`.

    Raises:
        RecipeError: a value is not YAML.
        UsageError: the recipe has no such var.
    """
    declared = document.get("vars") if document.has("vars") else {}
    if not isinstance(declared, dict):
        return document
    for name, text in variables.items():
        if name not in declared:
            raise UsageError(f"`{document.path}` has no `{name}` under `vars`", nearest(name, declared))
        document = replace(_said(name, text).over(document, lambda _: False), path=document.path)
    return document


def _said(name: str, text: str) -> Document:
    """What was typed, as a document of its own; the key of the var is left where the recipe has it."""
    typed = f"{OPTION} {name}="
    given = sound(compose(Source(OPTION, typed + text), "vars: ".rjust(len(typed)) + text))
    inner = {loc: extent for loc, extent in given.keys.items() if len(loc) > 1}
    value = {"vars": {name: given.get("vars")}}
    return Document(OPTION, value, _placed(given.values, name), _placed(inner, name))


def _placed(extents: Mapping[Loc, Extent], name: str) -> dict[Loc, Extent]:
    return {("vars", name, *loc[1:]): extent for loc, extent in extents.items() if loc}
