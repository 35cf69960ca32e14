"""How fast a file like LLaVA's mix665k is blended in, and how much memory it takes: `benchmarks/blend/rows.py`.

Writes an array of as many rows and bytes as llava_v1_5_mix665k.json has, as many of them of text (LLaVA#546), and
mixes it with a tenth of generated conversations. Every case runs in a process of its own; beside it stands what is
done without tgc: load both with `json`, shuffle, dump. Memory is the peak of the whole process; Linux only.
"""

import argparse
import json
import os
import platform
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import polars as pl

from tgc import ir
from tgc.catalog import NODES, Gathered
from tgc.formats.llava import Llava as LlavaFormat
from tgc.lower.blend import found
from tgc.mixing import Selection, blend, stocked
from tgc.mixing.emit import emit
from tgc.mixing.selection import STRATA
from tgc.mixing.voices import Voices
from tgc.readers.llava import Llava

ROWS, TEXTS = 665_298, 40_688
WORDS = (
    "a",
    "the",
    "of",
    "what",
    "colour",
    "person",
    "street",
    "table",
    "in",
    "left",
    "image",
    "is",
    "wearing",
)
CASES = ("hash", "tgc", "json")


def main() -> None:
    """Measure one case, if one is named, and print it as JSON; else print a table of all."""
    parser = argparse.ArgumentParser(description=__doc__.partition(":")[0])
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--case", choices=CASES)
    parser.add_argument("--home", type=Path)
    given = parser.parse_args()
    if given.case:
        print(json.dumps(measured(given.case, given.home)))
        return
    with tempfile.TemporaryDirectory() as home:
        written(Path(home), given.rows)
        table(Path(home), given.rows)


def table(home: Path, rows: int) -> None:
    """Print a line per case."""
    size = (home / "mix.json").stat().st_size / 2**20
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    print(f"{rows:,} rows, {size:,.0f} MiB; {machine}")
    print(f"{'case':<6} {'seconds':>8} {'of CPU':>8} {'rows/s':>9} {'peak MiB':>9}")
    for case in CASES:
        command = [sys.executable, __file__, "--case", case, "--home", str(home)]
        said = json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
        speed = rows / said["seconds"]
        figures = f"{said['seconds']:>8.1f} {said['cpu']:>8.1f} {speed:>9,.0f} {said['peak']:>9,.0f}"
        print(f"{case:<6} {figures}", flush=True)


def measured(case: str, home: Path) -> dict[str, float]:
    """Seconds, seconds of CPU, and the peak of memory in MiB."""
    started, worked = time.perf_counter(), time.process_time()
    {"hash": hashed, "tgc": blended, "json": loaded}[case](home)
    seconds, cpu = time.perf_counter() - started, time.process_time() - worked
    return {
        "seconds": seconds,
        "cpu": cpu,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def hashed(home: Path) -> None:
    """What checking a recipe does with the file."""
    found(Llava(source="mix.json"), home / "mix.json", None)


def blended(home: Path) -> None:
    """What making a mix does with it."""
    rows = pl.read_parquet(home / "generated.parquet")
    nodes = Gathered(pl.read_parquet(home / "nodes.parquet"))
    voices = Voices(nodes, {"answer": ((0, "user"), (1, "assistant"))})
    selection = Selection(rows, voices, None, None, pl.DataFrame(schema=STRATA), {})
    source = ir.Blend(Llava(source="mix.json"), "", home / "mix.json")
    mix = ir.Mix(None, (), None, blend=(source,))
    recipe = ir.Program("blend", Path(), home, "", 7, (), (), (), mix, (LlavaFormat(path="mix.json"),))
    with stocked(recipe, home / "out") as stocks:
        emit(recipe, blend(recipe, selection, stocks), home / "out")


def loaded(home: Path) -> None:
    """The same by hand."""
    rows = json.loads((home / "mix.json").read_bytes())
    rows += json.loads((home / "generated.json").read_bytes())
    random.Random(7).shuffle(rows)
    with (home / "shuffled.json").open("w", encoding="utf-8") as out:
        json.dump(rows, out, ensure_ascii=False)


def written(home: Path, rows: int) -> None:
    """The file, and a tenth as many conversations of a tree."""
    dice = random.Random(7)
    with (home / "mix.json").open("w", encoding="utf-8") as out:
        for number in range(rows):
            out.write(("[\n" if number == 0 else ",\n") + json.dumps(row(dice, number, rows), indent=2))
        out.write("\n]\n")
    said = [{"role": role, "content": sentence(dice, 40)} for role in ("user", "assistant")]
    frame = pl.DataFrame({"leaf_id": range(1, rows // 10)}, schema={"leaf_id": pl.UInt64}).with_columns(
        source=pl.lit("blend"),
        split=pl.lit("train"),
        turns=pl.lit(1),
        tokens=pl.lit(80),
        estimated=pl.lit(0),
        supervised_tokens=pl.lit(40),
        level=pl.lit("answer"),
        path=pl.lit(pl.Series([[1, 2]], dtype=pl.List(pl.UInt64))).first(),
    )
    frame.write_parquet(home / "generated.parquet")
    texts = [{"node_id": place + 1, "text": turn["content"]} for place, turn in enumerate(said)]
    pl.DataFrame(texts, schema=NODES).write_parquet(home / "nodes.parquet")
    turns = [{"from": "human", "value": said[0]["content"]}, {"from": "gpt", "value": said[1]["content"]}]
    plain = [{"id": str(number), "conversations": turns} for number in range(1, rows // 10)]
    (home / "generated.json").write_text(json.dumps(plain), encoding="utf-8")


def row(dice: random.Random, number: int, rows: int) -> dict[str, object]:
    """A row of about 1.5 KiB."""
    turns: list[dict[str, str]] = []
    for _ in range(dice.randint(1, 5)):
        turns += [
            {"from": "human", "value": sentence(dice, 12)},
            {"from": "gpt", "value": sentence(dice, dice.randint(5, 120))},
        ]
    image = f"coco/train2017/{number:012}.jpg"
    if number >= rows * (1 - TEXTS / ROWS):
        return {"id": str(number), "conversations": turns}
    turns[0]["value"] = f"<image>\n{turns[0]['value']}"
    return {"id": str(number), "image": image, "conversations": turns}


def sentence(dice: random.Random, words: int) -> str:
    """So many words of a few."""
    return " ".join(dice.choices(WORDS, k=words))


if __name__ == "__main__":
    main()
