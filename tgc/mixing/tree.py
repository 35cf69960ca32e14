"""What is known of a recipe's nodes without their texts: lengths, hashes, and what tells kinds apart. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from tgc import ir
from tgc.catalog import Corpus
from tgc.mixing import endings

KNOWN = pl.Schema(
    [
        ("node_id", pl.UInt64()),
        ("parent_id", pl.UInt64()),
        ("ordinal", pl.Int64()),
        ("tokens", pl.Int64()),  # generated, or estimated
        ("estimated", pl.Int64()),  # of texts that no model wrote
        ("said", pl.UInt64()),  # 64 bits of the text
    ]
)
"""Columns of what is known of the nodes of a level."""

TELLING = pl.Schema([*KNOWN.items(), ("text", pl.String()), ("value", pl.String())])
"""The same where texts tell kinds of conversations apart."""

BYTES = 4
"""Bytes of UTF-8 to a token, where there is no count: what models of English have in the mean."""


@dataclass(frozen=True, slots=True, eq=False)
class Tree:
    """What is known of all nodes while their texts stay where they are.

    Attributes:
        levels: the nodes of each level (columns of `KNOWN` or `TELLING`), in the order in which they are stored.
        corpus: where those are.
    """

    levels: Mapping[str, pl.DataFrame]
    corpus: Corpus

    def scores(self, level: str) -> pl.DataFrame:
        """The mean `score` that a level gave each node (`node_id`) to which it answered with numbers."""
        number = pl.col("text").cast(pl.Float64, strict=False)
        judged = self.levels[level].sort("node_id").group_by("parent_id").agg(score=number.mean())
        return judged.rename({"parent_id": "node_id"})


def grown(program: ir.Program, corpus: Corpus) -> Tree:
    """The tree of a recipe, of whose texts a slice at a time is looked at."""
    places = corpus.outline().partition_by("level", as_dict=True, include_key=False)
    telling, spoken = _telling(program.mix), _spoken(program)
    levels = {}
    for level in program.levels:
        here = places.pop((level.name,), pl.DataFrame(schema=KNOWN))
        if level.name in telling:
            levels[level.name] = _read(corpus, here["node_id"], TELLING)
        elif level.name in spoken:
            levels[level.name] = _read(corpus, here["node_id"], KNOWN)
        else:
            levels[level.name] = _unread(here)
    return Tree(levels, corpus)


def _telling(mix: ir.Mix) -> set[str | None]:
    """The levels by whose texts conversations are told apart."""
    keys = {key.level for margin in mix.margins for key in margin.keys}
    return keys | {mix.best.by if mix.best else None, mix.pairs.by if mix.pairs else None}


def _spoken(program: ir.Program) -> set[str | None]:
    """The levels whose texts are turns of conversations, or are to differ."""
    paths = (program.path_to(end.name) for end in endings.ends(program))
    return {level.name for path in paths for level in path if level.speaks} | {program.mix.diverse}


def _read(corpus: Corpus, node_ids: pl.Series, schema: pl.Schema) -> pl.DataFrame:
    text, written = pl.col("text"), pl.col("completion_tokens")
    guess = (text.str.len_bytes() / BYTES).ceil().cast(pl.Int64)
    estimated = pl.when(written.is_null()).then(guess).otherwise(0)
    known = {"tokens": written.fill_null(guess), "estimated": estimated, "said": text.hash()}
    parts = (part.with_columns(**known).select(*schema).cast(schema) for part in corpus.slices(node_ids))
    return pl.concat([pl.DataFrame(schema=schema), *parts])


def _unread(places: pl.DataFrame) -> pl.DataFrame:
    unknown = {name: pl.lit(None) for name in KNOWN if name not in places.columns}
    return places.with_columns(**unknown).select(*KNOWN).cast(KNOWN)
