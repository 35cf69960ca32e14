"""A project whose warehouse holds a large synthetic tree: `python benchmarks/warehouse/generate.py HOME [NODES]`.

The tree is one that a recipe asks for, so a plan of it finds everything held. Texts are runs of words that are
drawn by Zipf's law from one long text, keys are random, and both follow from the node's id: the same on every run.
A topic's nodes are appended together, parents before children, as a build that grows one subtree after another
leaves them.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from tgc import fingerprint, lower, planner, project, source
from tgc.catalog import FAILURES, NODES, PICKS
from tgc.planner import changes
from tgc.warehouse import Warehouse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from tgc import ir
    from tgc.fingerprint import Ids

    Places = NDArray[np.int64]

NODES_PER_TOPIC = 10_001
BATCH_TOPICS = 50
NAME = "scale"
RECIPE = """\
name: scale
model: builtin:atlas
limits: {{nodes: 1_000_000_000}}
tree:
  topic: {{values: topics.txt}}
  question: {{role: user, branch: 100, max_tokens: 32}}
  answer: {{role: assistant, branch: 9, max_tokens: 160}}
  followup: {{role: user, branch: 2, max_tokens: 32}}
  reply: {{role: assistant, branch: 4, max_tokens: 160}}
filters:
  - {{kind: length, min_tokens: 4}}
mix: {{size: {rows}}}
emit:
  - {{format: llava, path: mix.json}}
"""
WORDS = {"topic": 2, "question": 12, "answer": 70, "followup": 12, "reply": 78}
"""How many words a text of a level has in the mean."""


def main() -> None:
    """Make the project, and say how large it has become."""
    parser = argparse.ArgumentParser(description=__doc__.partition(":")[0])
    parser.add_argument("home", type=Path)
    parser.add_argument("nodes", nargs="?", type=int, default=10_000_000)
    given = parser.parse_args()
    started = time.perf_counter()
    size = generate(given.home, given.nodes)
    seconds = time.perf_counter() - started
    print(f"{size / 1e6:,.0f} MB of text in {project.Project(given.home).database} after {seconds:.0f} s")


def generate(home: Path, nodes: int) -> int:
    """Make a project of about so many nodes; the bytes of their texts."""
    prepare(home, max(1, nodes // NODES_PER_TOPIC))
    program, size = compiled(home), 0
    with Warehouse.open(project.Project(home).database) as warehouse:
        records = {level.name: changes.record(level) for level in program.levels}
        run_id = warehouse.start(NAME, program.text, {}, records, (None, None))
        for batch in batches(program, run_id):
            size += int(batch["text"].str.len_bytes().sum())
            warehouse.append(NAME, batch, pl.DataFrame(schema=PICKS), pl.DataFrame(schema=FAILURES))
        warehouse.finish(run_id, "done", nodes, 0, 0, 0, 1.0)
    return size


def prepare(home: Path, topics: int) -> None:
    """Write the recipe and its topics."""
    (home / "recipes").mkdir(parents=True)
    (home / "recipes" / "topics.txt").write_text("\n".join(f"topic {i:05}" for i in range(topics)), "utf-8")
    (home / "recipes" / "scale.yaml").write_text(RECIPE.format(rows=min(200_000, topics * 1000)), "utf-8")


def compiled(home: Path) -> ir.Program:
    """The program of the project's recipe."""
    text = (home / "recipes" / "scale.yaml").read_text("utf-8")
    document = source.parse(text, str(home / "recipes" / "scale.yaml"))
    return lower.from_document(document, lower.Around(home, ())).program


def batches(program: ir.Program, run_id: int) -> Iterator[pl.DataFrame]:
    """The nodes of the whole tree (columns of `NODES`), some topics at a time."""
    prose = Prose(np.random.default_rng(0))
    topics = planner.slots(program.levels[0], np.zeros(1, dtype=np.uint64)).ids
    for start in range(0, len(topics), BATCH_TOPICS):
        some = topics[start : start + BATCH_TOPICS]
        subtrees = pl.concat(subtree(program, some, start, prose)).sort("topic", "depth", maintain_order=True)
        yield subtrees.with_columns(recipe=pl.lit(NAME), run_id=pl.lit(run_id, pl.Int64)).select(*NODES)


def subtree(program: ir.Program, topics: Ids, first: int, prose: Prose) -> Iterator[pl.DataFrame]:
    """The nodes under some topics, level by level, each with the number of its `topic`."""
    numbers: Places = np.arange(len(topics), dtype=np.int64) + first
    named = pl.Series([f"topic {number:05}" for number in numbers])
    yield asked(program.levels[0], topics, np.zeros_like(topics), numbers, numbers).with_columns(text=named)
    parents = topics
    for level in program.levels[1:]:
        slots = planner.slots(level, parents)
        numbers = np.repeat(numbers, len(slots) // len(parents))
        texts = prose.texts(slots.ids, WORDS[level.name])
        counts = texts.str.len_bytes().cast(pl.Int64) // 4
        frame = asked(level, slots.ids, slots.parents, slots.ordinals.astype(np.int64), numbers)
        yield frame.with_columns(text=texts, completion_tokens=counts, **drawn(slots.ids))
        parents = slots.ids


def asked(level: ir.Level, ids: Ids, parents: Ids, ordinals: Places, topics: Places) -> pl.DataFrame:
    """Nodes without what a model says of them."""
    spoken = level.speaks is not None
    return (
        pl.DataFrame({"node_id": ids, "parent_id": parents, "ordinal": ordinals, "topic": topics})
        .with_columns(
            *(
                pl.lit(None, kind).alias(name)
                for name, kind in NODES.items()
                if name not in {"node_id", "parent_id", "ordinal"}
            ),
        )
        .with_columns(
            level=pl.lit(level.name),
            depth=pl.lit(level.depth, pl.Int64),
            role=pl.lit(level.speaks, pl.String),
            prompt_tokens=pl.lit(level.depth * 64 if spoken else None, pl.Int64),
            finish_reason=pl.lit("stop" if spoken else None, pl.String),
            model=pl.lit("builtin:atlas" if spoken else None, pl.String),
        )
    )


def drawn(ids: Ids) -> dict[str, pl.Series]:
    """What follows from a request: its key, and how likely the text was."""
    heads = fingerprint.children("head", ids, ids)
    tails = fingerprint.children("tail", ids, ids)
    shares = (tails >> np.uint64(11)).astype(np.float64) / 2**53
    return {
        "request_key": pl.Series([*map(fingerprint.spell, heads.tolist())]),
        "mean_logprob": pl.Series(np.log(shares * 0.9 + 0.1)).round(6),
    }


class Prose:
    """A long text of words drawn by Zipf's law, of which every text is a part."""

    def __init__(self, draw: np.random.Generator, words: int = 8_000_000, vocabulary: int = 30_000) -> None:
        known = spellings(draw, vocabulary)
        shares = 1 / np.arange(1, vocabulary + 1)
        chosen = draw.choice(vocabulary, words, p=shares / shares.sum())
        self._text = " ".join(known[word] for word in chosen.tolist())
        lengths = np.array([len(word) + 1 for word in known])
        self._starts = np.concatenate([[0], np.cumsum(lengths[chosen])])

    def texts(self, ids: Ids, words: int) -> pl.Series:
        """For every id a text of half to one and a half times so many words."""
        counts = words // 2 + (fingerprint.children("count", ids, ids) % np.uint64(words)).astype(np.int64)
        first = (fingerprint.children("first", ids, ids) % np.uint64(len(self._starts) - 2 * words)).astype(
            np.int64
        )
        begins, ends = self._starts[first], self._starts[first + counts] - 1
        return pl.Series([self._text[a:b] for a, b in zip(begins.tolist(), ends.tolist(), strict=True)])


def spellings(draw: np.random.Generator, count: int) -> list[str]:
    """Words that differ, the first of them short."""
    letters = np.array(list("etaoinshrdlucmfwygpbvk"))
    lengths = np.clip((np.log2(np.arange(count) + 2) * 0.6 + draw.normal(0, 1.5, count)).astype(int), 2, 14)
    return ["".join(draw.choice(letters, length)) for length in lengths.tolist()]


if __name__ == "__main__":
    main()
