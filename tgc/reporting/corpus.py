"""How long the texts of a corpus are, how much they differ, and what its upper part looks like. Pure."""

from collections.abc import Sequence

import polars as pl

from tgc.reporting.values import Bin, Lengths, Novelty, Patch, Stage, Variety

LEVELS = 40
"""So many levels are told."""

POINTS = 64
"""So many places among siblings are told, evenly spaced."""


def lengths(quartiles: pl.DataFrame, histogram: pl.DataFrame) -> tuple[Lengths, ...]:
    """Of each level that a model wrote, from the queries `lengths` and `histogram`."""
    bins = histogram.partition_by("level", as_dict=True, maintain_order=True)
    return tuple(
        Lengths(**row, bins=_bins(bins[row["level"],]))
        for row in quartiles.drop("recipe")[:LEVELS].iter_rows(named=True)
    )


def _bins(histogram: pl.DataFrame) -> tuple[Bin, ...]:
    return tuple(Bin(*row) for row in histogram.select("at_least", "below", "nodes").iter_rows())


def varieties(
    texts: pl.DataFrame, siblings: pl.DataFrame, novelty: pl.DataFrame, stages: Sequence[Stage]
) -> tuple[Variety, ...]:
    """Of each level that a model wrote, from `texts` and the queries `siblings` and `novelty`."""
    likeness = dict(siblings.select("level", "likeness").iter_rows())
    places = novelty.partition_by("level", as_dict=True, maintain_order=True)
    duplicates = {stage.level: _duplicates(stage) for stage in stages}
    return tuple(
        Variety(
            level=level,
            nodes=nodes,
            texts=different,
            likeness=likeness.get(level),
            duplicates=duplicates.get(level, ()),
            novelty=_novelty(places.get((level,), novelty.clear())),
        )
        for level, nodes, different in texts.select("level", "nodes", "texts")[:LEVELS].iter_rows()
    )


def _duplicates(stage: Stage) -> tuple[tuple[str, int], ...]:
    return tuple((loss.filter, loss.duplicates) for loss in stage.losses if loss.duplicates)


def _novelty(places: pl.DataFrame) -> tuple[Novelty, ...]:
    said = places.select("ordinal", "new_texts", "new_words", "new_pairs").with_columns(
        pl.col("new_words", "new_pairs").fill_null(0.0)
    )
    return tuple(Novelty(*row) for row in said.gather_every(-(-said.height // POINTS) or 1).iter_rows())


def patches(map: pl.DataFrame) -> tuple[Patch, ...]:  # noqa: A002 - of the corpus
    """The upper part of a tree, the largest first and what is not told one by one last, from `map`."""
    tops = map.partition_by("top_id", as_dict=True, maintain_order=True)
    return _ordered([_top(nodes) for nodes in tops.values()])


def _top(nodes: pl.DataFrame) -> Patch:
    inner = nodes.drop_nulls("next_id").height > 0
    name, several = nodes.select("top", "tops").row(0)
    return Patch(
        name=name,
        several=several,
        nodes=int(nodes["nodes"].sum()),
        kept=int(nodes["kept"].sum()),
        rows=int(nodes["rows"].sum()),
        patches=_ordered([Patch(*row) for row in nodes.select(*INNER).iter_rows()]) if inner else (),
    )


INNER = ("next", "nexts", "nodes", "kept", "rows")


def _ordered(patches: Sequence[Patch]) -> tuple[Patch, ...]:
    return tuple(sorted(patches, key=lambda patch: (patch.name is None, -patch.nodes)))
