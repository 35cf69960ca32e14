"""How fast near-duplicates are removed, and which: `near_duplicates.py [--rivals PYTHON]`.

Prints a table for documents of 1.1 KB of which a fifth are copies, exact or edited; one for texts of few
templates, of which none repeats another; and one for many documents and one for short texts, by tools that take
so many. What is similar is found by joining the sets of 5-grams, which is slow and sure: *found* is the share of
similar pairs of which a tool leaves one text at most, *right* the share of what it removes that is in such a pair.

Every case runs in a process of its own. Rivals run with the interpreter given, have imported everything before the
clock starts, and are left out where they are not installed. In `tgc-first` numba compiles everything, elsewhere it
loads that from disk; both count. A table of no texts is left out.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import corpora
import near_cases
import polars as pl

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ROOT = Path(__file__).parents[2]
OURS = ("tgc", "tgc-first", "tgc-plain")
RIVALS = tuple(case for case in near_cases.CASES if case not in OURS)
FAST = ("tgc", "rensa", "rensa-batch", "rensa-hashed")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition(":")[0])
    parser.add_argument(
        "--rivals", default=sys.executable, help="python of an environment with the other tools"
    )
    parser.add_argument("--home", type=Path, help="where texts are kept for the next time")
    parser.add_argument("--cases", nargs="+", default=[*OURS, *RIVALS])
    parser.add_argument("--few", type=int, default=20_000)
    parser.add_argument("--alike", type=int, default=4000)
    parser.add_argument("--many", type=int, default=1_000_000)
    parser.add_argument("--short", type=int, default=10_000_000)
    given = parser.parse_args()
    load = ", ".join(f"{load:.1f}" for load in os.getloadavg())
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, load before {load}"
    )
    with tempfile.TemporaryDirectory() as home:
        bench = Bench(given.home or Path(home), given.rivals, given.cases)
        bench.table("documents, a fifth of them copies", given.few, lambda: corpora.documents(given.few)[0])
        bench.table("texts of 20 templates, none a copy", given.alike, lambda: corpora.templated(given.alike))
        bench.table("documents", given.many, lambda: corpora.documents(given.many)[0], FAST)
        bench.table("short texts", given.short, lambda: corpora.sentences(given.short), ("tgc",))


class Bench:
    """Runs cases; `home` is where texts and answers are put."""

    def __init__(self, home: Path, rivals: str, cases: Sequence[str]) -> None:
        self._home = home
        self._rivals = rivals
        self._cases = cases

    def table(self, title: str, count: int, make: Callable[[], pl.Series], large: Sequence[str] = ()) -> None:
        """Print a row for every case, of those that take a large number of texts if they are named."""
        if not count:
            return
        given = self._home / f"{title.replace(' ', '-')}-{count}.ipc"
        if not given.exists():
            make().to_frame("text").write_ipc(given)
        texts = pl.read_ipc(given)["text"]
        similar = None if large else pairs(texts)
        print(f"\n{count:,} {title}, of {texts.str.len_bytes().mean():,.0f} bytes", end="")
        print("" if similar is None else f"; {similar.height:,} similar pairs")
        del texts
        heads = {
            "seconds": 9,
            "of CPU": 8,
            "texts/s": 10,
            "peak MiB": 10,
            "removed": 10,
            "found": 8,
            "right": 8,
        }
        print(f"{'case':<13}" + "".join(f"{head:>{width}}" for head, width in heads.items()))
        for case in self._cases:
            if not large or case in large:
                self._row(case, given, count, similar)

    def _row(self, case: str, given: Path, texts: int, similar: pl.DataFrame | None) -> None:
        removed = self._home / "removed.ipc"
        python = sys.executable if case in OURS else self._rivals
        command = [
            python,
            near_cases.__file__,
            case.removesuffix("-first"),
            given,
            removed,
        ]
        known = {
            "PYTHONPATH": str(ROOT),
            **({"NUMBA_CACHE_DIR": f"{self._home}/{os.getpid()}"} if case == "tgc-first" else {}),
        }
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, env={**os.environ, **known}
        )
        if done.returncode:
            print(f"{case:<13} {done.stderr.strip().splitlines()[-1]}", flush=True)
            return
        said = json.loads(done.stdout.splitlines()[-1])
        gone = pl.read_ipc(removed)["text"]
        speed = f"{said['seconds']:>9.1f}{said['cpu']:>8.1f}{texts / said['seconds']:>10,.0f}"
        figures = f"{speed}{said['peak']:>10,.0f}{len(gone):>10,}"
        print(f"{case:<13}{figures}{'' if similar is None else judged(gone, similar)}", flush=True)


def pairs(texts: pl.Series) -> pl.DataFrame:
    """The pairs of texts at least that similar, by joining all their 5-grams."""
    sets = pl.DataFrame({"shingle": list(map(near_cases.shingles, texts))}).with_row_index("text")
    members = sets.explode("shingle").unique()
    sizes = members.group_by("text").len()
    both = members.join(members, on="shingle", suffix="_2").filter(pl.col("text") < pl.col("text_2"))
    shared = both.group_by("text", "text_2").len("shared").join(sizes, on="text")
    shared = shared.join(sizes, left_on="text_2", right_on="text", suffix="_2")
    all_of_both = pl.col("len") + pl.col("len_2") - pl.col("shared")
    similar = shared.filter(pl.col("shared") / all_of_both >= near_cases.THRESHOLD)
    return similar.select(pl.col("text", "text_2").cast(pl.Int64))


def judged(gone: pl.Series, similar: pl.DataFrame) -> str:
    """The shares found and right."""
    apart = similar.select(
        (pl.col("text").is_in(gone.implode()) | pl.col("text_2").is_in(gone.implode())).mean()
    )
    one_of_two = pl.concat([similar["text"], similar["text_2"].rename("text")]).unique()
    right = gone.is_in(one_of_two.implode()).mean()
    return "".join(f"{'-' if share is None else f'{share:.3f}':>8}" for share in (apart.item(), right))


if __name__ == "__main__":
    main()
