"""Where the tree grows: where `when` holds, and not under nodes that an early filter rejects."""

from collections.abc import Iterable, Iterator

import polars as pl

from tgc import ir, prompts
from tgc.filters.base import SEEN, Filter
from tgc.node import Node, Path


def grows(program: ir.Program, level: ir.Level, path: Path) -> bool:
    """Whether `level` grows under the last node of `path`.

    Raises:
        RecipeError: its `when` cannot be rendered.
    """
    return not rejected(program, level, [path]) and prompts.grows(program, level, path)


def rejected(program: ir.Program, level: ir.Level, paths: Iterable[Path]) -> frozenset[int]:
    """Ids of the nodes that one of the level's early filters rejects, of those at the ends of paths."""
    known = {path[-1].id: path for path in paths if path} if level.early else {}
    if not known:
        return frozenset()
    ends = [known[node_id] for node_id in sorted(known)]
    verdicts = pl.concat(
        [judge.judge(_seen(program, judge, ends)).select("node_id", "kept") for judge in level.early]
    )
    return frozenset(verdicts.filter(~pl.col("kept"))["node_id"])


def _seen(program: ir.Program, judge: Filter, paths: Iterable[Path]) -> pl.DataFrame:
    """What a filter may know of the nodes at the ends of paths."""
    needs = sorted(judge.needs)
    rows = [(*_own(path[-1]), *(_beside(program, name, path) for name in needs)) for path in paths]
    return pl.DataFrame(rows, schema=SEEN | dict.fromkeys(needs, pl.String), orient="row")


def _own(node: Node) -> tuple[int, str, int | None, str | None, float | None]:
    return node.id, node.text, node.tokens, node.finish_reason, node.mean_logprob


def _beside(program: ir.Program, name: str, path: Path) -> str | None:
    """A further column of the last node of a path."""
    match name:
        case "role":
            return program.level(path[-1].level).speaks
        case "value":
            return path[-1].data
        case "asked":
            return next(_turns(program, path), None)
        case _:
            return next((node.text for node in path if node.level == name), None)


def _turns(program: ir.Program, path: Path) -> Iterator[str]:
    """The turns above the last node of a path, the nearest first."""
    return (node.text for node in reversed(path[:-1]) if program.level(node.level).speaks)
