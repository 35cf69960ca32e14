"""What is known of a recipe's nodes without their texts: lengths, hashes, and what tells kinds apart. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from tgc import ir
from tgc.catalog import Corpus
from tgc.mixing.dialogues import endings
from tgc.mixing.dialogues.tongues import tongues

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

TELLING = pl.Schema([("text", pl.String()), ("value", pl.String())])
"""Those beside them where texts tell kinds of conversations apart."""

SPEAKING = pl.Schema([(ir.LANGUAGE, pl.String())])
"""That beside them where languages do."""

BYTES = 4
"""Bytes of UTF-8 to a token, where there is no count: what models of English have in the mean."""


@dataclass(frozen=True, slots=True, eq=False)
class Tree:
    """What is known of all nodes while their texts stay where they are.

    Attributes:
        levels: the nodes of each level (columns of `KNOWN`, or more), in the order in which they are stored.
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
    read, levels = _columns(program), {}
    for level in program.levels:
        here = places.pop((level.name,), pl.DataFrame(schema=KNOWN))
        columns = read.get(level.name)
        levels[level.name] = _read(corpus, here["node_id"], columns) if columns else _unread(here)
    return Tree(levels, corpus)


def _columns(program: ir.Program) -> dict[str, pl.Schema]:
    """What is to be known of the levels whose texts are looked at."""
    telling, speaking = _telling(program.mix), _speaking(program)
    beside = {
        name: (*(TELLING.items() if name in telling else ()), *(SPEAKING.items() if name in speaking else ()))
        for name in telling | speaking | _spoken(program)
    }
    return {name: pl.Schema([*KNOWN.items(), *more]) for name, more in beside.items()}


def _telling(mix: ir.Mix) -> set[str]:
    """The levels by whose texts conversations are told apart."""
    keys = {key.level for margin in mix.margins for key in margin.keys if key.level}
    return keys | {judge.by for judge in (mix.best, mix.pairs) if judge and judge.by}


def _speaking(program: ir.Program) -> set[str]:
    """The levels by whose languages conversations are told apart."""
    return {end.name for end in endings.ends(program)} if program.mix.tells(ir.LANGUAGE) else set()


def _spoken(program: ir.Program) -> set[str]:
    """The levels whose texts are turns of conversations, or are to differ."""
    paths = (program.path_to(end.name) for end in endings.ends(program))
    turns = {level.name for path in paths for level in path if level.speaks}
    of = program.mix.diverse.of if program.mix.diverse else ir.MESSAGES
    return turns if of == ir.MESSAGES else turns | {of}


def _read(corpus: Corpus, node_ids: pl.Series, schema: pl.Schema) -> pl.DataFrame:
    text, written = pl.col("text"), pl.col("completion_tokens")
    guess = (text.str.len_bytes() / BYTES).ceil().cast(pl.Int64)
    estimated = pl.when(written.is_null()).then(guess).otherwise(0)
    known = {"tokens": written.fill_null(guess), "estimated": estimated, "said": text.hash()}
    slices = (part.with_columns(**known) for part in corpus.slices(node_ids))
    told = (part.with_columns(tongues(part["text"]).alias(ir.LANGUAGE)) for part in slices)
    parts = (part.select(*schema).cast(schema) for part in (told if ir.LANGUAGE in schema else slices))
    return pl.concat([pl.DataFrame(schema=schema), *parts])


def _unread(places: pl.DataFrame) -> pl.DataFrame:
    unknown = {name: pl.lit(None) for name in KNOWN if name not in places.columns}
    return places.with_columns(**unknown).select(*KNOWN).cast(KNOWN)
