"""How long `search('…')` takes over a million texts: `python benchmarks/warehouse/search.py [TEXTS]`.

Texts are of 135 words in the mean, drawn by Zipf's law from 50,000, in the warehouse's own tables. Asked for
are words of which few, some, and nearly all texts have one, beside a plain `ilike` for the same word.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from tgc.catalog import FAILURES, NODES, PICKS
from tgc.warehouse import Warehouse

if TYPE_CHECKING:
    from collections.abc import Iterator

WORDS, LENGTH, BATCH = 50_000, 135, 50_000
LETTERS = np.array(list("etaoinshrdlucmfwypvbgkjqxz"))
RARE, COMMON = 5_000, 300
"""Places of words in the vocabulary, by how often they are drawn; the first is in nearly every text."""


def main() -> None:
    """Fill a warehouse, ask, and print seconds."""
    parser = argparse.ArgumentParser(description=__doc__.partition(":")[0])
    parser.add_argument("texts", nargs="?", type=int, default=1_000_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as home, Warehouse.open(Path(home) / "tgc.duckdb") as warehouse:
        vocabulary = fill(warehouse, given.texts)
        for label, query, words in questions(vocabulary):
            report(warehouse, label, query, words)
    print(
        f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.1f} GB, filling included"
    )


def fill(warehouse: Warehouse, texts: int) -> list[str]:
    """Append that many texts; the words that they are made of, the most frequent first."""
    rng = np.random.default_rng(0)
    vocabulary = ["".join(rng.choice(LETTERS, size=rng.integers(3, 10))) for _ in range(WORDS)]
    size = 0
    for batch in batches(np.array(vocabulary, dtype=object), texts, rng):
        size += int(batch["text"].str.len_bytes().sum())
        warehouse.append("search", batch, pl.DataFrame(schema=PICKS), pl.DataFrame(schema=FAILURES))
    print(f"{texts:,} texts, {size / 1e6:,.0f} MB")
    return vocabulary


def batches(vocabulary: np.ndarray, texts: int, rng: np.random.Generator) -> Iterator[pl.DataFrame]:
    """Frames of nodes (columns of `NODES`)."""
    for start in range(0, texts, BATCH):
        ends = np.cumsum(rng.poisson(LENGTH, size=min(BATCH, texts - start)))
        words = vocabulary[(rng.zipf(1.2, size=ends[-1]) - 1) % WORDS]
        said = [" ".join(part) for part in np.split(words, ends[:-1])]
        ids = pl.Series("node_id", np.arange(start, start + len(said), dtype=np.uint64) + 1)
        rows = {"parent_id": 0, "level": "answer", "ordinal": 0, "depth": 0, "role": "assistant"}
        empty = [name for name in NODES if name not in {"node_id", "text", *rows}]
        yield pl.DataFrame({"node_id": ids, "text": said}).with_columns(
            **{name: pl.lit(value) for name, value in rows.items()},
            **{name: pl.lit(None) for name in empty},
        )


def questions(vocabulary: list[str]) -> Iterator[tuple[str, str, str]]:
    """What is asked: a name, the query, and the words."""
    first, common, rare = vocabulary[0], vocabulary[COMMON], vocabulary[RARE]
    ranked = "select node_id, score from search($words) limit 10"
    yield "ilike, a rare word", "select count(*) from nodes where text ilike '%' || $words || '%'", rare
    yield "search, a rare word", ranked, rare
    yield "search, a rare and a common word", ranked, f"{rare} {common}"
    yield "search, a phrase", ranked, f'"{first} {common}"'
    yield "search, a word of nearly every text", ranked, first


def report(warehouse: Warehouse, label: str, query: str, words: str) -> None:
    """Print how long an answer takes, and how many texts there are to be ranked."""
    started, worked = time.perf_counter(), time.process_time()
    warehouse.sql(query, words=words)
    seconds, work = time.perf_counter() - started, time.process_time() - worked
    found = warehouse.sql("select count(*) from search($words)", words=words).item()
    print(f"{label:36} {seconds:6.2f} s, {work:6.2f} s of CPU  {found:9,} texts found", flush=True)


if __name__ == "__main__":
    main()
