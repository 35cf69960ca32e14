"""Locks and a hub, in processes of their own: what is pinned stays, what drifts is told, offline asks nobody."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest

from tests import hub
from tests.hub import Hub
from tests.models import tiny

RECIPE = """\
name: small
model: org/tiny
tree:
  topic: {values: topics.csv}
  question: {role: user, system: "Ask about {{ topic }}.", max_tokens: 4}
  answer: {role: assistant, max_tokens: 4}
emit:
  - {format: messages, path: messages.jsonl}
"""
SMALL = "recipes/small.yaml"


@dataclass(frozen=True, slots=True)
class Desk:
    """A project and a cache in one directory, and the hub that they ask."""

    home: Path
    hub: Hub

    @property
    def lock(self) -> Path:
        return self.home / "recipes" / "small.lock"

    @property
    def recipe(self) -> Path:
        return self.home / SMALL

    def tgc(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        cache = {"HF_ENDPOINT": self.hub.url, "HF_HOME": str(self.home / "cache"), "NO_COLOR": "1"}
        return subprocess.run(
            [sys.executable, "-m", "tgc", *arguments],
            cwd=self.home,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
            env={**os.environ, **cache},
        )

    def commit(self) -> str:
        """The commit that the lock pins the model to."""
        return str(json.loads(self.lock.read_text())["models"]["org/tiny"]["revision"])

    def cached(self, name: str) -> Path:
        """A file of the pinned model in the cache."""
        return self.home / "cache" / "hub" / "models--org--tiny" / "snapshots" / self.commit() / name


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two versions of a model."""
    home = tmp_path_factory.mktemp("models")
    return tiny(home / "old", seed=0), tiny(home / "new", seed=1)


@pytest.fixture(scope="module")
def built(saved: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that was locked, then built with a model that was downloaded from a hub."""
    home = tmp_path_factory.mktemp("home")
    (home / "recipes").mkdir()
    (home / "templates").mkdir()
    (home / "recipes" / "small.yaml").write_text(RECIPE)
    (home / "recipes" / "topics.csv").write_text("name\nlaw\nphysics\n")
    with hub.serving() as serving:
        serving.publish("org/tiny", saved[0])
        for command in ("lock", "build"):
            done = Desk(home, serving).tgc(command, SMALL)
            assert done.returncode == 0, done.stderr
    return home


@pytest.fixture
def desk(built: Path, saved: tuple[Path, Path], tmp_path: Path) -> Iterator[Desk]:
    """A copy of what was built, and a hub that still has the model as it was."""
    shutil.copytree(built, tmp_path / "home", symlinks=True)
    with hub.serving() as serving:
        serving.publish("org/tiny", saved[0])
        yield Desk(tmp_path / "home", serving)


def test_a_lock_holds_the_commit_and_the_hash_of_every_file(desk: Desk, saved: tuple[Path, Path]) -> None:
    locked = json.loads(desk.lock.read_text())
    model = locked["models"]["org/tiny"]
    hashes = {path.name: sha256(path.read_bytes()).hexdigest() for path in saved[0].iterdir()}
    assert model["revision"] == desk.hub.commit("org/tiny", "main")
    assert {**model["weights"], **model["tokenizer"], **model["chat_template"], **model["config"]} == hashes
    assert locked["files"] == {"topics.csv": sha256(b"name\nlaw\nphysics\n").hexdigest()}


def test_locking_asks_for_the_hash_of_weights_and_does_not_download_them(desk: Desk) -> None:
    shutil.rmtree(desk.home / "cache")
    before = desk.lock.read_text()
    done = desk.tgc("lock", SMALL)
    assert done.stdout == "recipes/small.lock is up to date: 1 model and 1 data file\n"
    assert desk.lock.read_text() == before
    assert not [asked for asked in desk.hub.asked if "model.safetensors" in asked]


def test_a_locked_build_keeps_to_the_commit_when_main_moves(desk: Desk, saved: tuple[Path, Path]) -> None:
    old, new = desk.commit(), desk.hub.publish("org/tiny", saved[1])
    assert "up to date" in desk.tgc("plan", SMALL, "--locked").stdout
    shutil.rmtree(desk.home / "cache")
    desk.recipe.write_text(RECIPE.replace("role: assistant", "role: assistant, branch: 2"))
    done = desk.tgc("build", SMALL, "--locked")
    assert done.returncode == 0, done.stderr
    assert "2 nodes generated" in done.stdout
    assert [asked for asked in desk.hub.asked if f"{old}/model.safetensors" in asked]
    assert not [asked for asked in desk.hub.asked if new in asked]


def test_locking_anew_takes_the_commit_to_which_main_moved(desk: Desk, saved: tuple[Path, Path]) -> None:
    old, new = desk.commit(), desk.hub.publish("org/tiny", saved[1])
    done = desk.tgc("lock", SMALL)
    assert done.stdout == "recipes/small.lock pins 1 model and 1 data file\n"
    assert done.stderr.startswith(f"`org/tiny` moves from commit `{old[:12]}` to `{new[:12]}`\n")
    assert desk.commit() == new
    assert json.loads(desk.tgc("plan", SMALL, "--format", "json").stdout)["new"] == 4


def test_offline_a_build_takes_the_model_from_the_cache_and_asks_nobody(desk: Desk) -> None:
    desk.recipe.write_text(RECIPE.replace("role: assistant", "role: assistant, branch: 2"))
    done = desk.tgc("build", SMALL, "--offline", "--locked")
    assert done.returncode == 0, done.stderr
    assert "2 nodes generated" in done.stdout
    assert desk.hub.asked == []


def test_offline_a_lock_is_written_from_the_cache(desk: Desk) -> None:
    before = json.loads(desk.lock.read_text())["models"]
    (desk.home / "recipes" / "topics.csv").write_text("name\nlaw\n")
    done = desk.tgc("lock", SMALL, "--offline")
    assert (done.returncode, done.stderr.splitlines()[0]) == (0, "`topics.csv` has changed")
    assert json.loads(desk.lock.read_text())["models"] == before
    assert desk.hub.asked == []


@pytest.mark.parametrize("command", ["check", "build", "lock"])
def test_offline_a_model_that_is_not_in_the_cache_is_a_diagnostic(desk: Desk, command: str) -> None:
    shutil.rmtree(desk.home / "cache")
    shutil.rmtree(desk.home / "warehouse")
    done = desk.tgc(command, SMALL, "--offline")
    assert done.returncode == 2
    assert "unavailable-model" in (said := done.stdout + done.stderr)
    assert "`config.json` of `org/tiny" in said
    assert "--> recipes/small.yaml:2:8" in said
    assert not (desk.home / "warehouse").exists()
    assert desk.hub.asked == []


def test_offline_half_a_model_is_not_enough(desk: Desk) -> None:
    desk.cached("model.safetensors").unlink()
    done = desk.tgc("plan", SMALL, "--offline")
    assert (done.returncode, "`model.safetensors` of `org/tiny@" in done.stderr) == (2, True)


def test_weights_that_changed_in_the_cache_are_drift(desk: Desk) -> None:
    weights = desk.cached("model.safetensors")
    locked, content = sha256(weights.read_bytes()).hexdigest(), weights.read_bytes()[:-1] + b"x"
    weights.resolve().write_bytes(content)
    done = desk.tgc("build", SMALL, "--locked")
    found = sha256(content).hexdigest()
    assert done.returncode == 2
    assert f"is locked as `{locked[:12]}` and found as `{found[:12]}`" in done.stderr
    assert "--> recipes/small.yaml:2:8" in done.stderr


def test_data_that_changed_is_a_warning_and_with_locked_an_error(desk: Desk) -> None:
    (desk.home / "recipes" / "topics.csv").write_text("name\nlaw\nmusic\n")
    noticed = desk.tgc("check", SMALL, "--format", "concise")
    proven = desk.tgc("check", SMALL, "--locked", "--format", "concise")
    assert (noticed.returncode, proven.returncode) == (0, 2)
    assert noticed.stdout.startswith(
        "recipes/small.yaml:4:19: warning: the data changed: `topics.csv` is locked"
    )
    assert proven.stdout == noticed.stdout.replace("warning", "error")
    assert desk.tgc("lock", SMALL).returncode == 0
    assert desk.tgc("check", SMALL, "--locked").returncode == 0


def test_without_a_lock_a_locked_build_writes_nothing(desk: Desk) -> None:
    desk.lock.unlink()
    shutil.rmtree(desk.home / "warehouse")
    done = desk.tgc("build", SMALL, "--locked")
    assert (done.returncode, "error[lock-missing]: `recipes/small.yaml` has no lock" in done.stderr) == (
        2,
        True,
    )
    assert not (desk.home / "warehouse").exists()
    assert "warning[unpinned-model]" in desk.tgc("check", SMALL).stdout


@pytest.mark.parametrize(
    ("model", "said"),
    [
        ("org/none", "the hub has no model `org/none`"),
        ("{id: org/tiny, revision: v9}", "no revision `org/tiny@v9`"),
    ],
)
def test_a_model_that_the_hub_does_not_give_is_a_diagnostic(desk: Desk, model: str, said: str) -> None:
    desk.recipe.write_text(RECIPE.replace("org/tiny", model))
    done = desk.tgc("lock", SMALL)
    assert (done.returncode, said in done.stderr, "Traceback" in done.stderr) == (2, True, False)


def test_a_hub_that_does_not_answer_is_a_diagnostic(desk: Desk) -> None:
    desk.hub.url = "http://127.0.0.1:9"
    done = desk.tgc("lock", SMALL)
    assert (done.returncode, "the hub cannot be asked for `org/tiny`" in done.stderr) == (2, True)
