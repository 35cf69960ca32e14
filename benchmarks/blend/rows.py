"""How fast a file like LLaVA's mix665k is blended with another, and in how much memory: `rows.py --rivals PYTHON`.

Writes an array of as many rows as llava_v1_5_mix665k.json has, as many of them of text (LLaVA#546), and one of a
user's own rows of text. tgc builds a mix of a small tree, which is there, all rows of the first file and
so many of the other that they are a tenth; the others do without the tree (`cases.py`).

Every case is a process of its own from its start to its end, and memory is the peak of that process or of one that
it starts. Rivals run with the interpreter given. Linux only.
"""

import argparse
import json
import os
import platform
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import accumulate
from pathlib import Path

ROWS, TEXTS = 665_298, 40_688
OWN = 100_000
CASES = str(Path(__file__).with_name("cases.py"))
RIVALS = ("json", "json-dumps", "pandas", "data-juicer")
DEDUPES = {"tgc": "null", "tgc-folded": "{by: folded}", "tgc-near": "{by: near, threshold: 0.8}"}
WRITTEN = {
    "json": "dumped.json",
    "json-dumps": "dumps.json",
    "pandas": "pandas.json",
    "data-juicer": "juiced/data_juicer.jsonl",
}

KEY = b'"conversations"'

WORDS = [
    *[
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
    ],
    *(
        one + two + end
        for end in ("", "n", "st", "l")
        for two in ("a", "ei", "o", "u")
        for one in "bdfgklmnprstvwz"
    ),
]
WEIGHTS = list(accumulate(1 / place for place in range(1, len(WORDS) + 1)))
"""Words come as often as Zipf has it."""

TREE = """\
name: blend
seed: 7
model: builtin:atlas
tree:
  topic: {values: [physics, law, music]}
  question: {role: user, system: "Talk about {{ topic }}.", branch: 2, max_tokens: 16}
  answer: {role: assistant, branch: 2, max_tokens: 32}
emit:
  - {format: llava, path: mix.json}
"""
MIX = """\
mix:
  dedupe: {dedupe}
  blend:
    - {{source: mix.json, format: llava}}
    - {{source: own.json, format: llava, share: 0.1}}
"""


def main() -> None:
    """Print a line per case."""
    parser = argparse.ArgumentParser(description=__doc__.partition(":")[0])
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--own", type=int, default=OWN)
    parser.add_argument(
        "--rivals", default=sys.executable, help="python of an environment with the other tools"
    )
    parser.add_argument("--home", type=Path, help="where files are kept for the next time")
    parser.add_argument("--cases", nargs="+", default=[*DEDUPES, *RIVALS])
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as other:
        home = given.home or Path(other)
        made(home, given.rows, given.own)
        table(home, given.cases, given.rivals)


def table(home: Path, cases: Sequence[str], rivals: str) -> None:
    """Print the machine, the files, and what each case took."""
    load = ", ".join(f"{load:.1f}" for load in os.getloadavg())
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, load before {load}"
    )
    for name in ("mix.json", "own.json"):
        print(f"{name}: {counted(home / name):,} rows, {(home / name).stat().st_size / 2**20:,.0f} MiB")
    print(f"{'case':<12} {'seconds':>8} {'of CPU':>8} {'rows/s':>9} {'peak MiB':>9} {'rows':>9} {'MiB':>6}")
    for case in cases:
        command = project(home, case) if case in DEDUPES else [rivals, CASES, case, str(home)]
        took(home, case, command)


def took(home: Path, case: str, command: Sequence[str]) -> None:
    """Run a command and print its line."""
    started = time.perf_counter()
    with (home / f"{case}.log").open("wb") as log:
        child = subprocess.Popen(command, cwd=home, stdout=log, stderr=log)
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    seconds, cpu = time.perf_counter() - started, used.ru_utime + used.ru_stime
    if child.returncode:
        print(f"{case:<12} {(home / f'{case}.log').read_text().strip().splitlines()[-1]}", flush=True)
        return
    out = home / WRITTEN.get(case, f"{case}/warehouse/mixes/blend/mix.json")
    rows, size = counted(out), out.stat().st_size / 2**20
    speed = f"{seconds:>8.1f} {cpu:>8.1f} {rows / seconds:>9,.0f}"
    print(f"{case:<12} {speed} {used.ru_maxrss / 1024:>9,.0f} {rows:>9,} {size:>6,.0f}", flush=True)


def project(home: Path, case: str) -> Sequence[str]:
    """Make a project of a case that has its tree, and give the command that blends the files in."""
    root = home / case
    shutil.rmtree(root, ignore_errors=True)
    (root / "recipes").mkdir(parents=True)
    (root / "warehouse").mkdir()
    for name in ("mix.json", "own.json"):
        (root / name).hardlink_to(home / name)
    recipe = root / "recipes" / "blend.yaml"
    command = (sys.executable, "-m", "tgc", "build", str(recipe), "--project", str(root))
    recipe.write_text(TREE, encoding="utf-8")
    subprocess.run(command, check=True, capture_output=True)
    recipe.write_text(TREE + MIX.format(dedupe=DEDUPES[case]), encoding="utf-8")
    return command


def counted(path: Path) -> int:
    """How many rows a file has."""
    with path.open("rb") as file:
        parts = iter(partial(file.read, 1 << 20), b"")
        return sum(part.count(KEY) for part in _overlapping(parts))


def _overlapping(parts: Iterator[bytes]) -> Iterator[bytes]:
    """The parts, each after what of the one before may be a part of the key."""
    rest = b""
    for part in parts:
        yield rest + part
        rest = part[1 - len(KEY) :]


def made(home: Path, rows: int, own: int) -> None:
    """Write both files, unless they are there."""
    if (home / "own.json").exists():
        return
    home.mkdir(parents=True, exist_ok=True)
    dice = random.Random(7)
    texts = round(rows * TEXTS / ROWS)
    array(home / "mix.json", (row(dice, str(number), seen=number < rows - texts) for number in range(rows)))
    array(home / "own.json", (row(dice, f"own {number}", seen=False) for number in range(own)))


def array(path: Path, rows: Iterable[object]) -> None:
    """Write rows as LLaVA's file has them."""
    with path.open("w", encoding="utf-8") as out:
        for number, one in enumerate(rows):
            out.write(("[\n" if number == 0 else ",\n") + json.dumps(one, indent=2))
        out.write("\n]\n")


def row(dice: random.Random, name: str, *, seen: bool) -> dict[str, object]:
    """A row of about 1.5 KiB, about an image if it is `seen`."""
    turns: list[dict[str, str]] = []
    for _ in range(dice.randint(1, 5)):
        turns += [
            {"from": "human", "value": sentence(dice, 12)},
            {"from": "gpt", "value": sentence(dice, dice.randint(5, 120))},
        ]
    if not seen:
        return {"id": name, "conversations": turns}
    turns[0]["value"] = f"<image>\n{turns[0]['value']}"
    return {"id": name, "image": f"coco/train2017/{name:>012}.jpg", "conversations": turns}


def sentence(dice: random.Random, words: int) -> str:
    """So many words."""
    return " ".join(dice.choices(WORDS, cum_weights=WEIGHTS, k=words))


if __name__ == "__main__":
    main()
