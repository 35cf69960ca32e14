"""How long a plan takes after an edit: `python benchmarks/plan/edits.py HOME`.

HOME is a project that `benchmarks/warehouse/generate.py` made; it is only read. Each edit is made in a copy of its
recipe, in a project of its own with the same warehouse, and planned in a process of its own: first by
`driver.plan` alone, from the checked recipe on, then by the command, which starts Python, imports torch and counts
the tokens of prompts, too.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tgc import driver, project

REPLY = "reply: {role: assistant,"
EDITS = {
    "nothing edited": ("", ""),
    "last level: max_tokens": (f"{REPLY} branch: 4, max_tokens: 160", f"{REPLY} branch: 4, max_tokens: 161"),
    "last level: temperature": (REPLY, f"{REPLY} sampling: {{temperature: 0.5}},"),
    "last level: branch 4 to 5": (f"{REPLY} branch: 4", f"{REPLY} branch: 5"),
    "last level: template": (REPLY, f"{REPLY} system: 'Be brief on {{{{ topic }}}}.',"),
    "level added below": ("filters:", "  thanks: {role: user, branch: 1, max_tokens: 32}\nfilters:"),
    "middle level: branch 9 to 10": ("branch: 9,", "branch: 10,"),
    "first level: template": ("question: {role: user,", "question: {role: user, system: 'On {{ topic }}.',"),
    "seed": ("name: scale\n", "name: scale\nseed: 5\n"),
}


def main() -> None:
    """Print a line for every edit; or measure one plan, and print it as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.partition(":")[0])
    parser.add_argument("home", type=Path)
    parser.add_argument("--only", nargs="*", default=("",), help="edits whose names begin so")
    parser.add_argument("--alone", action="store_true", help="plan the recipe of HOME in this process")
    given = parser.parse_args()
    if given.alone:
        print(json.dumps(planned(given.home)))
        return
    print(f"{os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f} before")
    for name, edit in EDITS.items():
        if name.startswith(tuple(given.only)):
            with tempfile.TemporaryDirectory() as beside:
                report(name, edited(given.home, Path(beside), *edit))


def edited(home: Path, beside: Path, old: str, new: str) -> Path:
    """A project with an edited recipe and the warehouse of another."""
    shutil.copytree(home / "recipes", beside / "recipes")
    recipe = beside / "recipes" / "scale.yaml"
    text = recipe.read_text("utf-8")
    recipe.write_text(text.replace(old, new) if old else text, "utf-8")
    database = project.Project(beside).database
    database.parent.mkdir()
    database.symlink_to(project.Project(home).database.resolve())
    return beside


def planned(home: Path) -> tuple[float, float, int, int, int]:
    """Seconds and peak gigabytes of one plan; how much of it is new, is held, and counts as new unseen."""
    compiled = driver.check(home / "recipes" / "scale.yaml")
    start = time.perf_counter()
    found = driver.plan(compiled)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return seconds, peak, found.new, found.held, sum(level.passed for level in found.levels)


def report(name: str, home: Path) -> None:
    """A line about one edit."""
    alone = output([sys.executable, __file__, str(home), "--alone"])
    seconds, peak, new, held, passed = json.loads(alone)
    start = time.perf_counter()
    output([sys.executable, "-m", "tgc", "plan", str(home / "recipes" / "scale.yaml")])
    command = time.perf_counter() - start
    print(f"{name:<30}{seconds:>6.2f} s {peak:>5.1f} GB, command {command:>6.2f} s;", end="")
    print(f" {new:>11,} new, {held:>11,} held, {passed:>10,} unseen", flush=True)


def output(command: list[str]) -> str:
    """What a process prints."""
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    main()
