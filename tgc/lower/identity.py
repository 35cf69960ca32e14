"""The fingerprint of a level: each aspect of `fingerprint.TABLE` that is identity, and their digest."""

import json
from collections.abc import Mapping
from dataclasses import astuple, dataclass

from tgc import recipe
from tgc.fingerprint import VERSION, digest
from tgc.lower.outline import Draft
from tgc.recipe.section import KINDS
from tgc.template import Template

Parts = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Above:
    """What is above a level: its parent's fingerprint, empty at the root, and the ancestors' names from it."""

    fingerprint: str
    names: tuple[str, ...]


def parts(draft: Draft, system: Template | None, above: Above, written: recipe.Recipe) -> Parts:
    """The identity of each aspect of a level, by its name in the table.

    Args:
        draft: the level.
        system: the template that opens its dialogue, its own or inherited.
        above: what its templates may refer to by name.
        written: the recipe, for its seed and `vars`.
    """
    common: Parts = (("kind and role", _kind(draft)), ("ancestors", above.fingerprint))
    if draft.template is not None:
        common = (*common, ("template", _template(draft.template, above, written.vars)))
    if draft.asks is None or draft.model is None:
        return tuple(sorted(common))
    asked = (
        ("seed", str(written.seed)),
        ("system", _template(system, above, written.vars) if system else ""),
        ("model", draft.model.digest),
        ("sampling", " ".join(map(str, astuple(draft.sampling)))),
        ("max_tokens", str(draft.asks.max_tokens)),
        ("stop", json.dumps(sorted(set(draft.asks.stop)))),
    )
    return tuple(sorted((*common, *asked)))


def fingerprint(of: Parts) -> str:
    """32 hex digits over the parts of a level and the version of their meaning."""
    return digest("level", str(VERSION), *(text for part in of for text in part))


def _kind(draft: Draft) -> str:
    kind = next(kind for kind in KINDS if kind in type(draft.says).model_fields)
    return f"{kind} {draft.speaks}" if draft.speaks else kind


def _template(template: Template, above: Above, given: Mapping[str, object]) -> str:
    # Levels may be renamed, so a name stands for the level it finds: how deep that one is.
    meant = {**given, **{name: {"depth": depth} for depth, name in enumerate(above.names)}}
    used = {name: meant[name] for name in template.variables if name in meant}
    return digest(template.identity, json.dumps(used, sort_keys=True, ensure_ascii=False))
