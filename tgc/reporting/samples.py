"""Conversations as they are, whole, with what filters said of their turns. Pure."""

import polars as pl

from tgc.fingerprint import spell
from tgc.reporting.values import Sample, Turn, Verdict

Samples = tuple[Sample, ...]

LETTERS = 80_000
"""All samples together are no longer; where they were, the longest texts are cut."""


def samples(rows: pl.DataFrame) -> tuple[Samples, Samples]:
    """Those that were kept and those that were rejected, from the query `samples`, in its order."""
    most = longest(rows.unique(["leaf_id", "node_id"])["text"].str.len_chars().to_list(), LETTERS)
    paths = rows.partition_by("rejected_by", "leaf_id", maintain_order=True)
    found = [_sample(path, most) for path in paths]
    kept = tuple(sample for sample in found if sample.rejected_by is None)
    return kept, tuple(sample for sample in found if sample.rejected_by is not None)


def longest(lengths: list[int], budget: int) -> int:
    """The greatest length to which texts may be cut so that together they are within a budget.

    >>> longest([3, 5, 100], 208), longest([3, 5, 100], 20), longest([10, 10], 9)
    (100, 12, 4)
    """
    left = sorted(lengths)
    for place, length in enumerate(left):
        share = budget // (len(left) - place)
        if length > share:
            return share
        budget -= length
    return max(lengths, default=0)


def _sample(path: pl.DataFrame, most: int) -> Sample:
    nodes = path.partition_by("node_id", maintain_order=True)
    given = path.filter("given").unique("node_id", maintain_order=True)
    leaf, rejected_by = path.select("leaf_id", "rejected_by").row(0)
    turns = tuple(_turn(node, most) for node in nodes if not node["given"][0] or node["node_id"][0] == leaf)
    return Sample(spell(leaf), tuple(text[:most] for text in given["text"]), turns, rejected_by)


def _turn(node: pl.DataFrame, most: int) -> Turn:
    node_id, level, role, text, letters = node.select("node_id", "level", "role", "text", "letters").row(0)
    shown = text[:most]
    verdicts = (Verdict(*said) for said in node.drop_nulls("filter").select("filter", "reason").iter_rows())
    return Turn(role or level, spell(node_id), shown, letters - len(shown), tuple(verdicts))
