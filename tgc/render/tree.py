"""The drawing of a tree: branches with counts, nodes with the beginning of their text and who rejected them."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from tgc.fingerprint import spell
from tgc.render import plain
from tgc.render.table import align, width

if TYPE_CHECKING:
    from tgc.corpus import Grown
    from tgc.corpus.branches import Branch, Counts, Twig

DIGITS = 8
"""How many of an id are shown: they name it among a million nodes, but for 1 in 4,000."""

NARROWEST = 12
"""Columns that a text gets, however deep it hangs."""


def explain(grown: "Grown", columns: int) -> str:
    """What the levels come to, and the drawing, in lines of so many columns of a terminal."""
    rows = [("level", "held", "kept", "rejected"), *(_total(*level) for level in grown.levels)]
    head = [_title(grown), *align(rows, right={1, 2}, indent="  "), ""]
    return "\n".join([*head, *_drawing(grown, columns)])


def as_json(grown: "Grown") -> str:
    """The same for scripts, with whole texts."""
    levels = [{"level": level, **_facts(counts)} for level, counts in grown.levels]
    top = {**_node(grown.top, grown.texts), "level": grown.level} if grown.level else None
    branches = _branches(grown.top, grown.texts)
    return plain.as_json({"recipe": grown.recipe, "levels": levels, "node": top, "branches": branches})


def counted(counts: "Counts") -> str:
    """What became of some nodes.

    >>> from tgc.corpus.branches import Counts
    >>> counted(Counts(1_204, 1_200, (("length", 1), ("refusal", 1))))
    '1,204 held, 1,200 kept, 1 rejected by length, 1 rejected by refusal, 2 below rejected'
    """
    by = [f"{number:,} rejected by {name}" for name, number in counts.rejected]
    return ", ".join([f"{counts.held:,} held", f"{counts.kept:,} kept", *by, *_orphans(counts)])


def _title(grown: "Grown") -> str:
    held = sum(counts.held for _, counts in grown.levels)
    kept = sum(counts.kept for _, counts in grown.levels)
    below = f" · {grown.level} {spell(grown.top.node_id)} and below" if grown.level else ""
    fate = f"{kept:,} kept" if grown.judged else "judged by no filter"
    return f"{grown.recipe}{below} · {held:,} held, {fate}"


def _total(level: str, counts: "Counts") -> tuple[str, str, str, str]:
    by = [f"{name} {number:,}" for name, number in counts.rejected]
    return level, f"{counts.held:,}", f"{counts.kept:,}", ", ".join([*by, *_orphans(counts)]) or "-"


def _orphans(counts: "Counts") -> list[str]:
    """Those that only hang below what was rejected."""
    left = counts.held - counts.kept - sum(number for _, number in counts.rejected)
    return [f"{left:,} below rejected"] if left else []


def _drawing(grown: "Grown", columns: int) -> Iterator[str]:
    if grown.level:
        yield _twig(grown.top, grown.texts, columns, f"{grown.level} ")
    else:
        yield grown.recipe
    yield from _lines(grown.top, grown.texts, columns, "")


def _lines(twig: "Twig", texts: Mapping[int, str], columns: int, margin: str) -> Iterator[str]:
    for branch, (elbow, within) in zip(twig.branches, _margins(len(twig.branches), margin), strict=True):
        yield f"{elbow}{branch.level}: {counted(branch.counts)}"
        margins = _margins(len(branch.twigs) + bool(branch.more), within)
        for inner, (corner, deeper) in zip(branch.twigs, margins, strict=False):
            yield _twig(inner, texts, columns, corner)
            yield from _lines(inner, texts, columns, deeper)
        if branch.more:
            yield f"{margins[-1][0]}… {branch.more:,} more"


def _margins(count: int, margin: str) -> list[tuple[str, str]]:
    """For each of so many things what is put before it, and before what hangs below it."""
    last = [(f"{margin}└─ ", f"{margin}   ")] if count else []
    return [(f"{margin}├─ ", f"{margin}│  ")] * (count - 1) + last


def _twig(twig: "Twig", texts: Mapping[int, str], columns: int, before: str) -> str:
    start = f"{before}{spell(twig.node_id)[:DIGITS]} "
    end = (f"  ✗ {twig.rejected}" if twig.rejected else "") + (
        f"  +{twig.hidden:,} below" if twig.hidden else ""
    )
    room = max(columns - width(start) - width(end), NARROWEST)
    return f"{start}{plain.line(texts.get(twig.node_id, ''), room)}{end}"


def _branches(twig: "Twig", texts: Mapping[int, str]) -> list[dict[str, Any]]:
    return [_branch(branch, texts) for branch in twig.branches]


def _branch(branch: "Branch", texts: Mapping[int, str]) -> dict[str, Any]:
    nodes = [{**_node(twig, texts), "branches": _branches(twig, texts)} for twig in branch.twigs]
    return {"level": branch.level, **_facts(branch.counts), "nodes": nodes, "more": branch.more}


def _node(twig: "Twig", texts: Mapping[int, str]) -> dict[str, Any]:
    facts = {"rejected": twig.rejected, "hidden": twig.hidden}
    return {"node_id": spell(twig.node_id), "text": texts.get(twig.node_id, ""), **facts}


def _facts(counts: "Counts") -> dict[str, Any]:
    return {"held": counts.held, "kept": counts.kept, "rejected": dict(counts.rejected)}
