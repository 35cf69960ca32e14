"""How siblings differ, and at what cost: `python benchmarks/diversity.py [--branch N] [--seeds N]`.

Questions of the embedded model on its eight topics, by four ways of asking: independent siblings; distinct ones
(Gumbel top-k over their first tokens); twice as many of which MMR keeps half; and both together. Prints of each
how many texts were asked for, the share of siblings that repeat none before them, how many first words there are
for each sibling, the share of words that two siblings have in common, and how likely the model finds its texts.
"""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING

import tgc

if TYPE_CHECKING:
    import polars as pl

RECIPE = """\
name: diversity
seed: {seed}
model: builtin:atlas
sampling: {{temperature: {temperature}, top_p: {top_p}, siblings: {siblings}}}
tree:
  topic: {{values: [animals, astronomy, chemistry, geography, history, inventions, literature, music]}}
  question:
    role: user
    system: "The topic of this conversation is {{{{ topic }}}}."
    branch: {branch}
    max_tokens: 32
    {picked}
emit: []
"""
MMR = "distinct: {by: mmr, oversample: 2.0}"
WAYS = {
    "independent": ("independent", ""),
    "distinct": ("distinct", ""),
    "mmr": ("independent", MMR),
    "distinct + mmr": ("distinct", MMR),
}
SAMPLINGS = ((0.7, 0.95), (1.0, 0.95), (1.0, 1.0))
"""Temperature and top-p."""

KEPT = """
select parent_id, text, mean_logprob
from nodes
where level = 'question'
    and node_id not in (select node_id from verdicts where filter = 'distinct' and not kept)
"""
ASKED = "select count(*) as asked from nodes where level = 'question'"


@dataclass(frozen=True, slots=True)
class Figures:
    """What is measured of a build: texts asked for, and means over parents and over nodes."""

    asked: float
    new: float
    openings: float
    alike: float
    logprob: float


def main() -> None:
    """Print a line for each sampling and way of asking."""
    parser = argparse.ArgumentParser(description=__doc__.partition(":")[0])
    parser.add_argument("--branch", type=int, default=16)
    parser.add_argument("--seeds", type=int, default=4)
    given = parser.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores, mean of {given.seeds} seeds")
    print(f"builtin:atlas, 8 parents, {given.branch} siblings each")
    print("temperature  top_p  siblings        asked  new texts  first words  alike  log-prob a token")
    for temperature, top_p in SAMPLINGS:
        for way in WAYS:
            found = [built(way, temperature, top_p, given.branch, seed + 1) for seed in range(given.seeds)]
            print(f"{temperature:<11}  {top_p:<5}  {way:<14}  {line(mean(found))}", flush=True)


def line(found: Figures) -> str:
    """The figures as text."""
    shares = f"{found.new:>9.1%}  {found.openings:>11.1%}  {found.alike:>5.1%}"
    return f"{found.asked:>5.0f}  {shares}  {found.logprob:>16.3f}"


def mean(found: list[Figures]) -> Figures:
    """The means of figures."""
    return Figures(
        asked=fmean(one.asked for one in found),
        new=fmean(one.new for one in found),
        openings=fmean(one.openings for one in found),
        alike=fmean(one.alike for one in found),
        logprob=fmean(one.logprob for one in found),
    )


def built(way: str, temperature: float, top_p: float, branch: int, seed: int) -> Figures:
    """Build a tree and look at its siblings."""
    siblings, picked = WAYS[way]
    said = RECIPE.format(
        seed=seed, temperature=temperature, top_p=top_p, siblings=siblings, branch=branch, picked=picked
    )
    with tempfile.TemporaryDirectory() as home:
        for folder in ("recipes", "warehouse"):
            (Path(home) / folder).mkdir()
        recipe = Path(home) / "recipes" / "diversity.yaml"
        recipe.write_text(said, encoding="utf-8")
        tgc.build(recipe)
        with tgc.open(home) as warehouse:
            return figures(warehouse.sql(KEPT), warehouse.sql(ASKED).item())


def figures(nodes: pl.DataFrame, asked: int) -> Figures:
    """What siblings are like."""
    parents = [texts["text"].to_list() for _, texts in nodes.group_by("parent_id")]
    return Figures(
        asked=asked,
        new=fmean(len(set(texts)) / len(texts) for texts in parents),
        openings=fmean(len({text.partition(" ")[0] for text in texts}) / len(texts) for texts in parents),
        alike=fmean(common(texts) for texts in parents),
        logprob=fmean(nodes["mean_logprob"].to_list()),
    )


def common(texts: list[str]) -> float:
    """The mean Jaccard similarity of two texts' words."""
    bags = [frozenset(text.lower().split()) for text in texts]
    return fmean(len(one & other) / max(len(one | other), 1) for one, other in combinations(bags, 2))


if __name__ == "__main__":
    main()
