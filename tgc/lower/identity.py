"""The fingerprint of a level: each aspect of `fingerprint.TABLE` that is identity, and their digest."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from tgc import ir, recipe, schema
from tgc.fingerprint import VERSION, Parts, digest
from tgc.lower.outline import Draft, key_of
from tgc.template import Template


@dataclass(frozen=True, slots=True)
class Above:
    """What is above a level: its parent's fingerprint, empty at the root, and the ancestors' names from it."""

    fingerprint: str
    names: tuple[str, ...]


def parts(draft: Draft, opening: ir.Opening | None, above: Above, written: recipe.Recipe) -> Parts:
    """The identity of each aspect of a level, by its name in the table.

    Args:
        draft: the level.
        opening: how its dialogue opens, by its own words or inherited.
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
        ("system", _system(opening, above, written.vars)),
        ("model", draft.model.digest),
        ("sampling", " ".join(draft.sampling.spelled)),
        ("max_tokens", str(draft.asks.max_tokens)),
        ("stop", json.dumps(sorted(set(draft.asks.stop)))),
    )
    return tuple(sorted((*common, *asked, *_shaped(draft, draft.asks))))


def condition(draft: Draft, above: Above, written: recipe.Recipe) -> str:
    """What decides where a level grows: its `when` with what that names; empty for everywhere."""
    return _template(draft.when, above, written.vars) if draft.when else ""


def fingerprint(of: Parts) -> str:
    """32 hex digits over the parts of a level and the version of their meaning."""
    return digest("level", str(VERSION), *(text for part in of for text in part))


def _kind(draft: Draft) -> str:
    kind = key_of(draft.says)
    if isinstance(draft.says, recipe.Score) and draft.says.measure:
        kind = f"{kind} {draft.says.measure}"
    return f"{kind} {draft.speaks}" if draft.speaks else kind


def _shaped(draft: Draft, says: recipe.Generating) -> Iterator[tuple[str, str]]:
    if says.shape != schema.Text():
        yield "answers", schema.spell(says.shape)
    if draft.examples is not None and says.examples is not None:
        yield "examples", _pool(draft.examples, says.examples.k)


def _pool(pool: tuple[ir.Value, ...], count: int) -> str:
    return digest(str(count), *sorted(value.content for value in pool))


def _system(opening: ir.Opening | None, above: Above, given: Mapping[str, object]) -> str:
    if opening is None:
        return ""
    said = _template(opening.template, replace(above, names=above.names[: opening.depth]), given)
    pool = opening.examples
    return digest(said, _pool(pool.pool, pool.count)) if pool and _shows(opening.template) else said


def _shows(template: Template) -> bool:
    return "examples" in template.names


def _template(template: Template, above: Above, given: Mapping[str, object]) -> str:
    # Levels may be renamed, so a name stands for the level it finds: how deep that one is.
    meant = {**given, **{name: {"depth": depth} for depth, name in enumerate(above.names)}}
    used = {name: meant[name] for name in template.names if name in meant}
    return digest(template.identity, json.dumps(used, sort_keys=True, ensure_ascii=False))
