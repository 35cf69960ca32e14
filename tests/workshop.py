"""A project in a temporary directory that can be edited, planned and built."""

from copy import copy
from pathlib import Path
from shutil import copytree
from typing import Self

import polars as pl

from tests.echo import Echo
from tgc import driver
from tgc.executor import Outcome
from tgc.executor.watch import Silent, Watch
from tgc.planner.estimate import Estimate
from tgc.planner.scope import ALL, Scope
from tgc.planner.steps import LevelPlan, Plan
from tgc.project import Project
from tgc.warehouse import read

RECIPE = """\
name: demo
seed: 7
model: builtin:atlas
tree:
  topic: {values: [physics, law, music]}
  question: {role: user, system: "Talk about {{ topic }}.", branch: 4, max_tokens: 16}
  answer: {role: assistant, branch: 2, max_tokens: 32}
mix: {size: 12, balance: [topic]}
emit:
  - {format: llava, path: llava.json}
  - {format: messages, path: messages.jsonl}
"""


class Workshop:
    """A project with one recipe; builds go through the driver, with a backend of the test's choice."""

    def __init__(self, root: Path, backend: Echo | None = None) -> None:
        self.root = root
        self.backend = backend or Echo()
        self.recipe = root / "recipes" / "demo.yaml"
        for folder in ("recipes", "templates"):
            (root / folder).mkdir(parents=True)
        self.write(RECIPE)

    def copied(self, root: Path) -> Self:
        """The same project, as it is now, in another directory, with a backend that was asked nothing."""
        copytree(self.root, root, dirs_exist_ok=True, symlinks=True)
        other = copy(self)
        other.root, other.backend = root, Echo()
        other.recipe = root / self.recipe.relative_to(self.root)
        return other

    def write(self, text: str) -> None:
        self.recipe.write_text(text, encoding="utf-8")

    def edit(self, old: str, new: str) -> None:
        """Replace one passage of the recipe."""
        text = self.recipe.read_text(encoding="utf-8")
        assert text.count(old) == 1
        self.write(text.replace(old, new))

    def template(self, name: str, text: str) -> None:
        path = self.root / "templates" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def plan(self, scope: Scope = ALL) -> Plan:
        return driver.plan(driver.check(self.recipe), scope)

    def forecast(self, scope: Scope = ALL) -> Estimate:
        return driver.forecast(driver.check(self.recipe), self.plan(scope), self.backend)

    def levels(self) -> dict[str, LevelPlan]:
        return {level.level.name: level for level in self.plan().levels}

    def build(self, watch: Watch | None = None, scope: Scope = ALL) -> Outcome | None:
        return driver.build(driver.check(self.recipe), watch or Silent(), self.backend, scope)

    def asked(self) -> int:
        """Requests since the last time somebody asked."""
        count = len(self.backend.asked)
        self.backend.asked.clear()
        return count

    def sql(self, query: str) -> pl.DataFrame:
        with read(Project(self.root).database) as reader:
            assert reader is not None
            return reader.sql(query)

    def texts(self, level: str) -> set[str]:
        return set(self.sql(f"select text from nodes where level = '{level}'")["text"])

    def emitted(self, name: str) -> bytes:
        return (Project(self.root).output("demo") / name).read_bytes()
