"""Which level hangs under which: the order of the tree, with parents before children."""

from collections.abc import Iterator, Mapping

from tgc.errors import Diagnostic, nearest
from tgc.recipe import Reading

Parents = dict[str, str | None]


def arrange(reading: Reading) -> tuple[Parents, tuple[Diagnostic, ...]]:
    """Every level's parent, parents first: the one above, or the one it names; None at the root.

    A level that names no level hangs under the one above; a level that hangs under itself is put at the root.
    """
    named = _named(reading)
    loops = [name for name in named if _is_cut(name, named)]
    cut = {name: None if name in loops else parent for name, parent in named.items()}
    problems = (*_unknown(reading), *(_cycle(reading, name) for name in loops))
    return {name: cut[name] for name in sorted(cut, key=lambda name: len(ancestors(name, cut)))}, problems


def ancestors(name: str, parents: Mapping[str, str | None]) -> tuple[str, ...]:
    """What is above a level, nearest first; ends where it would come round to a level again.

    >>> ancestors("c", {"a": None, "b": "a", "c": "b"})
    ('b', 'a')
    """
    found: list[str] = []
    above = parents[name]
    while above is not None and above not in found:
        found.append(above)
        above = parents[above]
    return tuple(found)


def _named(reading: Reading) -> Parents:
    tree = reading.recipe.tree
    above: str | None = None
    parents: Parents = {}
    for name, level in tree.items():
        parents[name] = level.under if level.under in tree else above
        above = name
    return parents


def _is_cut(name: str, parents: Parents) -> bool:
    above = ancestors(name, parents)
    return name in above and name == next(level for level in parents if level in above)


def _unknown(reading: Reading) -> Iterator[Diagnostic]:
    tree = reading.recipe.tree
    for name, level in tree.items():
        if level.under is not None and level.under not in {*tree, *reading.lost}:
            span = reading.document.at("tree", name, "under")
            yield Diagnostic(
                "unknown-level", f"there is no level `{level.under}`", span, nearest(level.under, tree)
            )


def _cycle(reading: Reading, name: str) -> Diagnostic:
    above = ancestors(name, _named(reading))
    loop = (name, *above[: above.index(name) + 1])
    blamed = next(level for level in loop if reading.document.has("tree", level, "under"))
    span = reading.document.at("tree", blamed, "under")
    message = "levels hang under each other: " + " under ".join(f"`{level}`" for level in loop)
    return Diagnostic("cycle", message, span, "one of them hangs under another level, or comes first")
