"""A Program as text: what a recipe means, with every name resolved and every default filled."""

import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from typing import Any, assert_never

from tgc import ir, planner, schema
from tgc.counts import count
from tgc.filters.base import Filter
from tgc.formats.base import Format
from tgc.readers.base import Reader
from tgc.template import Template

NAMED = {"kind", "format", "level", "path", "source"}
"""Options that are said elsewhere."""

MOST_VALUES = 6
SHORT = 12
"""Digits of a digest that are shown; enough to see that it changed."""


def explain(program: ir.Program) -> str:
    """Levels with what they do and what identifies them, then what becomes of their nodes."""
    given = ", ".join(f"{name}: {_json(value)}" for name, value in program.vars)
    head = [_line(f"{program.name} · seed {program.seed}", f"vars {given}" if given else "")]
    levels = [line for level in program.levels for line in ("", *_level(program, level))]
    return "\n".join([*head, *levels, "", *_outputs(program)])


def as_json(program: ir.Program) -> str:
    """The same for scripts, whole: `levels`, `filters`, `mix` and `emit`."""
    return json.dumps(
        {
            "recipe": program.name,
            "seed": program.seed,
            "vars": dict(program.vars),
            "levels": [_facts(level) for level in program.levels],
            "filters": [
                {**_options(check.filter), "judges": check.levels, "by": check.by} for check in program.checks
            ],
            "mix": _whole(program.mix),
            "emit": [_options(output) for output in program.emit],
        },
        indent=2,
        ensure_ascii=False,
    )


def _level(program: ir.Program, level: ir.Level) -> Iterator[str]:
    under = f" under {level.parent}" if level.parent else ""
    yield f"{level.name}{under} · {_does(level.does)} · {level.fingerprint[:SHORT]}"
    yield _row("nodes", _nodes(level))
    if isinstance(level.does, ir.Values):
        yield _row("values", _listed([value.text for value in level.does.items]))
    if level.template:
        yield _row("template", _template(level.template))
    yield from _asked(level.ask) if level.ask else ()
    if level.when:
        yield _row("when", level.when.text)
    if level.early:
        yield _row("early", ", ".join(judge.kind for judge in level.early))
    if level.decided is not None:
        yield _row("decided", _decided(program, level, level.decided))
    if level.speaks:
        yield _row("speaks", level.speaks)
    if level.tags:
        yield _row("tags", ", ".join(level.tags))
    if judges := [check.filter.kind for check in program.checks if level.name in check.levels]:
        yield _row("judged by", ", ".join(judges))
    parts = (f"{name} {_short(digest)}" for name, digest in level.parts if digest)
    yield _row("identity", ", ".join(parts))


def _decided(program: ir.Program, level: ir.Level, count: int) -> str:
    """What decides what is asked, ordinals apart."""
    return f"by {program.path_to(level.name)[count - 1].name}" if count else "for all at once"


def _asked(ask: ir.Ask) -> Iterator[str]:
    drawn = ", ".join(f"{name} {_spelled(value)}" for name, value in asdict(ask.sampling).items())
    revision = ask.model.origin.revision
    yield _row("model", f"{ask.model.id}{f' at {revision}' if revision else ''}")
    yield _row("sampling", f"{drawn}, at most {count(ask.max_tokens, 'token')}")
    if ask.stop:
        yield _row("stop", ", ".join(map(_json, ask.stop)))
    if ask.system:
        yield _row("system", _template(ask.system.template))
    if ask.answers != schema.Text():
        yield _row("answers", schema.spell(ask.answers))
    if ask.examples:
        yield _row("examples", f"{ask.examples.count} of {len(ask.examples.pool):,}")


def _spelled(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:g}"


def _whole(mix: ir.Mix) -> dict[str, Any]:
    files = [{**_options(blend.reader), "sha256": blend.digest} for blend in mix.blend]
    diverse = replace(mix.diverse, model=None) if mix.diverse else None
    return {**asdict(replace(mix, blend=(), diverse=diverse)), "blend": files}


def _outputs(program: ir.Program) -> Iterator[str]:
    for check in program.checks:
        by = f" by {check.by}" if check.by else ""
        yield _line(
            f"filter {check.filter.kind}", f"judges {', '.join(check.levels)}{by}", _said(check.filter)
        )
    yield _mix(program.mix)
    for blend in program.mix.blend:
        what, content = blend.reader, f"content {blend.digest[:SHORT]}"
        yield _line(f"blend {what.source}", what.format, _said(what), content)
    for output in program.emit:
        yield _line(f"emit {output.path}", output.format, _said(output))


def _mix(mix: ir.Mix) -> str:
    sizes = ((mix.size, "rows"), (mix.tokens, "tokens"))
    bounds = [f"{size:,} {unit}" for size, unit in sizes if size is not None] or ["all rows"]
    shares = [f"{_spread(margin.spread)} over {margin.name}{_bins(margin)}" for margin in mix.margins]
    held_out = f"{mix.split.name} {mix.split.share:g} by {mix.split.by}" if mix.split else ""
    unit = "" if mix.share_of == "rows" else f"shares of {mix.share_of.replace('_', ' ')}"
    blocks = f"blocks of {mix.blocks:,}" if mix.blocks else ""
    repeats = f"without {mix.dedupe.name} repeats, {mix.dedupe.keep} first" if mix.dedupe else ""
    return _line("mix", *bounds, *_preferred(mix), *shares, held_out, repeats, unit, blocks)


def _preferred(mix: ir.Mix) -> Iterator[str]:
    """How far the mix is refilled, and what is taken first."""
    yield from (f"refilled up to {most:,} of {level}" for level, most in mix.refill)
    if mix.best:
        yield f"best {mix.best.keep:,} by {mix.best.by}"
    if mix.pairs:
        yield f"pairs of {mix.pairs.chosen} over {mix.pairs.rejected}"
    if mix.diverse:
        yield _diverse(mix.diverse)


def _diverse(given: ir.Diverse) -> str:
    return f"diverse by {given.of}, {given.method.replace('_', ' ')} of {given.embedder}"


def _bins(margin: ir.Margin) -> str:
    met = [f"{edge:g}" for key in margin.keys for edge in key.edges]
    return f" in bins from {', '.join(met)}" if met else ""


def _spread(spread: ir.Weights | ir.Temperature) -> str:
    match spread:
        case ir.Weights(()):
            return "even"
        case ir.Weights(named, others):
            return ", ".join(f"{name} {weight:g}" for name, weight in (*named, ("others", others)))
        case ir.Temperature(value):
            return f"temperature {value:g}"
        case _:
            assert_never(spread)


def _does(does: ir.Does) -> str:
    match does:
        case ir.Values():
            return "values"
        case ir.Turn(role):
            return f"the {role}'s turn"
        case ir.Prompt():
            return "prompt"
        case ir.Text():
            return "text"
        case ir.Score(measure=measure):
            return f"score {measure}" if measure else "score"
        case ir.Map():
            return "map"
        case _:
            assert_never(does)


def _nodes(level: ir.Level) -> str:
    per = f" per {level.parent}" if level.parent else ""
    how = level.distinct
    if how is None:
        return f"{level.branch:,}{per}"
    embedder = f", embedded by {how.embedder}" if how.embedder else ""
    picked = f"picked by mmr of {planner.draws(level):,}, diversity {how.diversity:g}{embedder}"
    return f"{level.branch:,}{per}, {picked}"


def _template(template: Template) -> str:
    uses = f" uses {', '.join(template.variables)}" if template.variables else " uses nothing"
    includes = f", includes {', '.join(dict(template.partials))}" if template.partials else ""
    return f"{_json(template.name) if template.name == template.text else template.name}{uses}{includes}"


def _facts(level: ir.Level) -> dict[str, Any]:
    """A level as JSON; what only this machine knows, such as where a model lies, is left out."""
    ask, how, does = level.ask, level.distinct, level.does
    return {
        "name": level.name,
        "under": level.parent,
        "does": _does(does),
        "branch": level.branch,
        "distinct": asdict(how) if how else None,
        "speaks": level.speaks,
        "when": level.when and level.when.text,
        "early": [judge.model_dump(mode="json") for judge in level.early],
        "decided": level.decided,
        "tags": level.tags,
        "values": [asdict(value) for value in does.items] if isinstance(does, ir.Values) else None,
        "template": asdict(level.template) if level.template else None,
        "ask": _request(ask) if ask else None,
        "fingerprint": level.fingerprint,
        "identity": dict(level.parts),
    }


def _request(ask: ir.Ask) -> dict[str, Any]:
    return {
        "model": {"id": ask.model.id, "revision": ask.model.origin.revision, "digest": ask.model.digest},
        "sampling": asdict(ask.sampling),
        "max_tokens": ask.max_tokens,
        "stop": ask.stop,
        "system": asdict(ask.system.template) if ask.system else None,
        "answers": json.loads(schema.spell(ask.answers)),
        "examples": {"count": ask.examples.count, "of": len(ask.examples.pool)} if ask.examples else None,
    }


def _options(plugin: Filter | Format | Reader) -> dict[str, Any]:
    return plugin.model_dump(mode="json", exclude_none=True)


def _said(plugin: Filter | Format | Reader) -> str:
    given = plugin.model_dump(mode="json", exclude_defaults=True, exclude=NAMED)
    return ", ".join(f"{name} {_json(value)}" for name, value in given.items())


def _listed(texts: list[str]) -> str:
    more = f", … ({len(texts):,})" if len(texts) > MOST_VALUES else ""
    return f"{', '.join(texts[:MOST_VALUES])}{more}"


def _short(digest: str) -> str:
    return digest[:SHORT] if len(digest) == 2 * 16 else digest


def _row(name: str, text: str) -> str:
    return f"  {name:<10}{text}"


def _line(*parts: str) -> str:
    return " · ".join(filter(None, parts))


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
