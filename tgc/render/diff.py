"""What changes between two revisions of a recipe, as text."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from tgc.comparison import Diff, LevelDiff, Rows
from tgc.counts import count
from tgc.render.amount import at_most, lasting
from tgc.render.table import align

if TYPE_CHECKING:
    from tgc.versions import Difference

HEADER = ("level", "kept", "added", "held", "orphaned", "tokens", "why")


def explain(difference: "Difference") -> str:
    """The screen of a difference; one line when there is none."""
    before, after, diff = difference.before, difference.after, difference.diff
    title = f"{difference.recipe} · {before.revision} → {after.revision}"
    renamed = [f"{before.path} is now {after.path}"] if difference.renamed else []
    if not diff.differs:
        return "\n".join([*renamed, f"{title}: no difference, {count(_kept(diff), 'node')} kept"])
    levels = align([HEADER, *map(_level, diff.levels)], right={1, 2, 3, 4, 5}, indent="  ")
    settings = align(_settings(diff), indent="  ") if diff.settings else []
    rows = [_rows(diff.rows)] if diff.rows else []
    return "\n".join([title, *renamed, *levels, *settings, nodes(diff), *rows, total(diff)])


def nodes(diff: Diff) -> str:
    """What becomes of the tree."""
    added, held, orphaned, kept = (sum(counts) for counts in zip(*map(_counts, diff.levels), strict=True))
    already = f" ({held:,} of them held already)" if held else ""
    return f"Nodes: {added:,} added{already}, {orphaned:,} orphaned, {kept:,} kept."


def total(diff: Diff) -> str:
    """What it costs."""
    more = f", up to {diff.refill:,} more to refill the mix" if diff.refill else ""
    if not diff.generated:
        return f"Diff: nothing to generate{more}."
    return f"Diff: up to {diff.generated:,} to generate ({at_most(diff.tokens)} tokens, {_time(diff)}){more}."


def as_json(difference: "Difference") -> str:
    """The same for scripts."""
    diff = difference.diff
    said = {
        "recipe": difference.recipe,
        "before": asdict(difference.before),
        "after": asdict(difference.after),
        "differs": diff.differs,
        "levels": [asdict(level) for level in diff.levels],
        "settings": [asdict(setting) for setting in diff.settings],
        "rows": asdict(diff.rows) if diff.rows else None,
        "generated": diff.generated,
        "refill": diff.refill,
        "max_tokens": diff.tokens,
        **asdict(diff.time),
    }
    return json.dumps(said, ensure_ascii=False, indent=2)


def _time(diff: Diff) -> str:
    return lasting(diff.time.seconds, diff.time.gpu_hours)


def _level(level: LevelDiff) -> tuple[str, ...]:
    counts = (level.kept, level.added, level.held, level.orphaned)
    was = f"was `{level.was}`" if level.was else ""
    return (
        level.name,
        *(f"{count:,}" if count else "-" for count in counts),
        at_most(level.tokens) if level.tokens else "-",
        ", ".join(filter(None, (level.why, was))),
    )


def _settings(diff: Diff) -> list[tuple[str, str, str]]:
    return [(setting.part, setting.what, setting.change) for setting in diff.settings]


def _rows(rows: Rows) -> str:
    said = f"{rows.entering:,} enter, {rows.leaving:,} leave, {rows.staying:,} stay"
    return f"Mix: of the rows whose nodes are held, {said}."


def _counts(level: LevelDiff) -> tuple[int, int, int, int]:
    return level.added, level.held, level.orphaned, level.kept


def _kept(diff: Diff) -> int:
    return sum(level.kept for level in diff.levels)
