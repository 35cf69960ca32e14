"""The main job, as a new user runs it: `tgc init`, `tgc build`, and everything the README says next."""

import json
import re
import shlex
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from benchmarks.atlas.decompression import measure
from tests.cli.typed import tgc
from tgc import assets, driver
from tgc.backends.torch import TorchBackend
from tgc.render import plan as screen

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("user")
    assert tgc("init", "demo", cwd=home).returncode == 0
    _commit(home / "demo")
    done = tgc("build", "recipes/quickstart.yaml", "--no-progress", cwd=home / "demo")
    assert done.returncode == 0, done.stderr
    return home / "demo"


def _commit(project: Path) -> None:
    who = ("-c", "user.name=A", "-c", "user.email=a@example.org")
    for command in (("init",), ("add", "."), (*who, "commit", "-m", "Begin")):
        subprocess.run(["git", *command], cwd=project, check=True, capture_output=True)


@pytest.fixture(scope="module")
def rows(project: Path) -> list[dict[str, object]]:
    mixes = sorted((project / "warehouse/mixes/quickstart").glob("llava*.json"))
    return [row for mix in mixes for row in json.loads(mix.read_text(encoding="utf-8"))]


def test_there_are_as_many_rows_as_asked_for(rows: list[dict[str, object]]) -> None:
    assert len(rows) == 240
    assert len({str(row["conversations"]) for row in rows}) == 240


def test_topics_are_even_and_every_row_traces_to_its_topic(project: Path) -> None:
    above = (
        f"join nodes as n{depth} on n{depth}.node_id = n{depth + 1}.parent_id and n{depth}.recipe = 'quickstart'"
        for depth in (3, 2, 1, 0)
    )
    leaves = "select n0.text from mix_rows join nodes as n4 on n4.node_id = mix_rows.leaf_id"
    done = tgc("sql", " ".join([leaves, *above]), "--format", "json", cwd=project)
    topics = Counter(row["text"] for row in json.loads(done.stdout))
    assert set(topics.values()) == {40}
    assert len(topics) == 6


def test_the_model_tells_the_truth_about_its_own_questions(project: Path) -> None:
    found = measure(project / "warehouse/mixes/quickstart/messages.jsonl")
    assert found.sensible > 0.9
    assert found.right > 0.9


def test_no_split_shares_a_question(project: Path) -> None:
    mixes = project / "warehouse/mixes/quickstart"
    asked = [
        {json.loads(line)["messages"][0]["content"] for line in (mixes / name).read_text().splitlines()}
        for name in ("messages.jsonl", "messages.validation.jsonl")
    ]
    assert not asked[0] & asked[1]


def test_the_manifest_accounts_for_every_conversation(project: Path) -> None:
    manifest = json.loads((project / "warehouse/mixes/quickstart/manifest.json").read_text(encoding="utf-8"))
    assert manifest["rows"] == {"asked": 240, "achieved": 240}
    assert sum(manifest["drops"].values()) + 240 == 16 * 6 * 2 * 2 * 2


def test_the_readme_shows_the_very_recipe() -> None:
    recipe = (assets.root() / "recipes/quickstart.yaml").read_text(encoding="utf-8")
    assert recipe[recipe.index("name:") :] in README


def test_the_readme_shows_the_very_plan(tmp_path: Path) -> None:
    tgc("init", "demo", cwd=tmp_path)
    compiled = driver.check(tmp_path / "demo/recipes/quickstart.yaml")
    planned = driver.plan(compiled)
    estimate = driver.forecast(compiled, planned, TorchBackend())
    assert screen.explain(planned, estimate, "torch", "warehouse/tgc.duckdb") in README


def test_the_readme_shows_a_row_of_the_mix(rows: list[dict[str, object]]) -> None:
    shown = re.search(r"```json\n(.*?)```", README, re.DOTALL)
    assert shown
    assert json.loads(shown.group(1)) in rows


def test_the_readme_shows_the_very_diagnostic(project: Path) -> None:
    recipe = project / "recipes/quickstart.yaml"
    whole = recipe.read_text(encoding="utf-8")
    recipe.write_text(whole.replace("tg/topic.j2", '"Let us talk about {{ topics }}."'), encoding="utf-8")
    shown = tgc("check", "recipes/quickstart.yaml", cwd=project).stdout
    recipe.write_text(whole, encoding="utf-8")
    assert shown in README


@pytest.mark.parametrize(
    "query", [["coverage"], ["search", "--set", 'words=moon "largest planet"', "--set", "most=4"]]
)
def test_the_readme_shows_what_queries_answer(project: Path, query: list[str]) -> None:
    assert tgc("sql", *query, cwd=project).stdout in README


def commands() -> list[str]:
    """Lines of the README's plain blocks that begin with `tgc`, less what is said about them."""
    plain = [block.partition("\n") for block in README.split("```")[1::2]]
    lines = [line for language, _, text in plain if not language for line in text.splitlines()]
    return [line.partition("  #")[0] for line in lines if line.startswith("tgc ")]


def test_the_readme_has_commands() -> None:
    assert len(commands()) >= 3


@pytest.mark.parametrize("command", commands())
def test_a_command_of_the_readme_works(project: Path, command: str) -> None:
    done = tgc(*shlex.split(command)[1:], cwd=project)
    assert done.returncode == 0, done.stderr
    assert done.stdout
