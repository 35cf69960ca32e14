"""Where the tree grows: where `when` holds, and not under nodes that an early filter rejects."""

from collections.abc import Iterable

import polars as pl

from tgc import ir, prompts
from tgc.catalog import NODES
from tgc.node import Node, Path

SEEN = {name: NODES[name] for name in ("node_id", "text")} | {
    "tokens": NODES["completion_tokens"],
    **{name: NODES[name] for name in ("finish_reason", "mean_logprob")},
}
"""What a filter may know of a node."""


def grows(program: ir.Program, level: ir.Level, path: Path) -> bool:
    """Whether `level` grows under the last node of `path`.

    Raises:
        RecipeError: its `when` cannot be rendered.
    """
    return not rejected(level, path[-1:]) and prompts.grows(program, level, path)


def rejected(level: ir.Level, parents: Iterable[Node]) -> frozenset[int]:
    """Ids of the nodes that one of the level's early filters rejects, of those it may hang under."""
    known = {node.id: node for node in parents} if level.early else {}
    if not known:
        return frozenset()
    nodes = _seen(known[node_id] for node_id in sorted(known))
    verdicts = pl.concat([judge.judge(nodes).select("node_id", "kept") for judge in level.early])
    return frozenset(verdicts.filter(~pl.col("kept"))["node_id"])


def _seen(nodes: Iterable[Node]) -> pl.DataFrame:
    rows = [(node.id, node.text, node.tokens, node.finish_reason, node.mean_logprob) for node in nodes]
    return pl.DataFrame(rows, schema=SEEN, orient="row")
