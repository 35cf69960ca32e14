"""What two programs say differently of their filters, mix and outputs, in words. Pure."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from itertools import count
from typing import assert_never

from tgc import ir

Said = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Setting:
    """A change that touches no node: of `filters`, `mix`, `blend`, `emit` or `name`."""

    part: str
    what: str
    change: str


def changes(before: ir.Program, after: ir.Program, renamed: Mapping[str, str]) -> tuple[Setting, ...]:
    """All such changes, in the order of the pipeline; levels are compared by their later names.

    Args:
        before: the earlier program.
        after: the later one.
        renamed: later names of levels by their earlier ones.
    """
    return (
        *_each("name", {"name": before.name}, {"name": after.name}),
        *_filters(before, after, renamed),
        *_each("mix", _mix(before, renamed), _mix(after, {})),
        *_found("blend", _blended(before), _blended(after)),
        *_outputs(before, after),
    )


def _filters(before: ir.Program, after: ir.Program, renamed: Mapping[str, str]) -> Iterator[Setting]:
    old, new = _checks(before, renamed), _checks(after, {})
    yield from _found("filters", old, new)
    order = [name for name in old if name in new]
    if order != [name for name in new if name in old]:
        yield Setting("filters", "order", f"{', '.join(order)} → {', '.join(new)}")


def _outputs(before: ir.Program, after: ir.Program) -> Iterator[Setting]:
    return _found("emit", _emitted(before), _emitted(after))


def _found(part: str, old: Mapping[str, Said], new: Mapping[str, Said]) -> Iterator[Setting]:
    """What was added, removed or changed among things with names."""
    for name in dict.fromkeys((*old, *new)):
        if name not in new:
            yield Setting(part, name, "removed")
        elif name not in old:
            yield Setting(part, name, "added")
        else:
            changed = [f"{option.what} {option.change}" for option in _each(part, old[name], new[name])]
            if changed:
                yield Setting(part, name, ", ".join(changed))


def _each(part: str, old: Said, new: Said) -> Iterator[Setting]:
    for key in dict.fromkeys((*old, *new)):
        if old.get(key) != new.get(key):
            yield Setting(part, key, f"{_spelled(old.get(key))} → {_spelled(new.get(key))}")


def _checks(program: ir.Program, renamed: Mapping[str, str]) -> dict[str, Said]:
    """The options of every filter by its name; the second of a kind goes by `kind#2`."""
    found: dict[str, Said] = {}
    for check in program.checks:
        options = check.filter.model_dump(mode="json", exclude={"kind", "level"})
        by = {"by": renamed.get(check.by, check.by)} if check.by else {}
        levels = [renamed.get(level, level) for level in check.levels]
        found[_free(check.filter.kind, found)] = {**options, "levels": levels, **by}
    return found


def _blended(program: ir.Program) -> dict[str, Said]:
    """The options of every file that is blended in by its name, and its content; the second goes by `name#2`."""
    found: dict[str, Said] = {}
    for blend in program.mix.blend:
        options = blend.reader.model_dump(mode="json", exclude={"source"})
        found[_free(blend.reader.source, found)] = {**options, "content": blend.digest[:12]}
    return found


def _free(name: str, taken: Mapping[str, Said]) -> str:
    """The name, with a number if it is taken."""
    numbered = (name if number == 1 else f"{name}#{number}" for number in count(1))
    return next(one for one in numbered if one not in taken)


def _mix(program: ir.Program, renamed: Mapping[str, str]) -> Said:
    mix = program.mix
    split = asdict(mix.split) | {"by": renamed.get(mix.split.by, mix.split.by)} if mix.split else None
    return {
        "size": mix.size,
        "tokens": mix.tokens,
        "balance": _balance(mix, renamed),
        "split": split,
        "turns": {str(turns): share for turns, share in mix.turns},
        "refill": {renamed.get(name, name): most for name, most in mix.refill},
        "best": {renamed.get(mix.best.by, mix.best.by): mix.best.keep} if mix.best else None,
        "diverse": _diverse(mix.diverse, renamed) if mix.diverse else None,
        "dedupe": {mix.dedupe.name: mix.dedupe.keep} if mix.dedupe else None,
        "share_of": mix.share_of,
        "blocks": mix.blocks,
        "pairs": _pairs(mix.pairs, renamed) if mix.pairs else None,
        "seed": program.seed,
    }


def _pairs(pairs: ir.Pairs, renamed: Mapping[str, str]) -> Said:
    names = {key: renamed.get(name, name) for key, name in asdict(pairs).items() if isinstance(name, str)}
    return asdict(pairs) | names


def _diverse(given: ir.Diverse, renamed: Mapping[str, str]) -> Said:
    by = {"digest": given.model.digest[:12]} if given.model else {}
    of = renamed.get(given.of, given.of)
    return {"of": of, "embedder": given.embedder, "method": given.method, **by}


def _balance(mix: ir.Mix, renamed: Mapping[str, str]) -> object:
    """Margins as a recipe writes them: a list where one is even, else by key."""
    if len(mix.balance) <= 1 and all(margin.spread == ir.Weights() for margin in mix.balance):
        return [_key(key, renamed) for margin in mix.balance for key in margin.keys]
    return {_key(margin.keys[0], renamed): _spread(margin.spread) for margin in mix.balance}


def _key(key: ir.Key, renamed: Mapping[str, str]) -> str:
    return ir.Key(renamed.get(key.level, key.level) if key.level else None, key.field).name


def _spread(spread: ir.Weights | ir.Temperature) -> object:
    match spread:
        case ir.Temperature(value):
            return {"temperature": value}
        case ir.Weights((), _):
            return "even"
        case ir.Weights(named, others):
            return {**dict(named), "others": others}
        case _:
            assert_never(spread)


def _emitted(program: ir.Program) -> dict[str, Said]:
    return {output.path: output.model_dump(mode="json", exclude={"path"}) for output in program.emit}


def _spelled(value: object) -> str:
    """A value as a recipe would say it.

    >>> _spelled(["a", "b"]), _spelled(None), _spelled(100), _spelled({"a": 0.5})
    ('[a, b]', '-', '100', '{a: 0.5}')
    """
    match value:
        case None | []:
            return "-"
        case str():
            return value
        case list() | tuple():
            return f"[{', '.join(map(_spelled, value))}]"
        case dict():
            items = ", ".join(f"{key}: {_spelled(item)}" for key, item in value.items())
            return f"{{{items}}}" if items else "-"
        case _:
            return json.dumps(value)
