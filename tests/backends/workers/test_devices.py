"""A profile with two devices makes what one with one makes, and leaves no process behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

import tgc
from tests.backends.workers.crew import chat
from tests.backends.workers.test_workers import finish
from tests.models import tiny_llama
from tgc import profiles, source
from tgc.backends.base import Completion, Request, Said, Scoring
from tgc.backends.torch import TorchBackend
from tgc.backends.workers import Workers
from tgc.dialogue import Message
from tgc.errors import RecipeError, TgcError
from tgc.origin import Origin
from tgc.project import Project
from tgc.warehouse import read

TWO = TorchBackend(device=("cpu", "cpu"), batch_size=4)

RECIPE = """\
name: pair
seed: 2
model: MODEL
tree:
  topic: {values: [geography, chemistry, animals]}
  question: {role: user, system: "Ask about {{ topic }}.", branch: 4, max_tokens: 8, distinct: {by: mmr}}
  answer: {role: assistant, branch: 2, max_tokens: 16}
  help: {score: ifd}
  odd: {score: perplexity, under: answer}
  followup: {role: user, under: answer, max_tokens: 8}
  reply: {role: assistant, max_tokens: 12}
filters: [{kind: score, level: help, max: 9}, {kind: score, level: odd, min: 1}]
mix: {size: 12, balance: [topic]}
emit: [{format: messages, path: messages.jsonl}]
"""

PROFILES = """\
default: one
one: {backend: torch, device: cpu, batch_size: 8}
two: {backend: torch, device: [cpu, cpu], batch_size: 8}
"""


@pytest.fixture(scope="module")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_llama(tmp_path_factory.mktemp("llama"))


@pytest.fixture
def home(tmp_path: Path, llama: Path) -> Path:
    (tmp_path / "recipes").mkdir()
    (tmp_path / "warehouse").mkdir()
    (tmp_path / "recipes/pair.yaml").write_text(RECIPE.replace("MODEL", str(llama)))
    (tmp_path / "recipes/profiles.yaml").write_text(PROFILES)
    return tmp_path


def questions() -> list[Request]:
    asked = [*chat("What is the capital of France?").ask(5, 12), *chat("Who wrote Faust?").ask(5, 12)]
    answered = Message("assistant", "Paris.")
    return asked + [
        replace(one, key=one.key + "+", messages=(*one.messages, answered), role="user") for one in asked
    ]


def texts() -> list[str]:
    return [" ".join(f"{one} of {count}" for one in range(count)) for count in range(40)]


def said() -> list[Said]:
    return [Said(one.messages, one.role, text) for text in texts() for one in questions()[:10:5]]


def test_answers_vectors_and_likelihoods_are_the_same_to_the_bit_on_any_number_of_devices(
    llama: Path,
) -> None:
    with TWO.open(Origin(str(llama))) as pair, TorchBackend(device="cpu").open(Origin(str(llama))) as one:
        assert isinstance(pair, Workers)
        for session in (pair, one):
            session.submit(questions())
        expected = finish(one)
        assert finish(pair) == expected
        assert {type(result) for result in expected.values()} == {Completion}
        np.testing.assert_array_equal(pair.embed(texts()), one.embed(texts()))
        assert isinstance(one, Scoring)
        assert pair.score(said()) == one.score(said())


def test_every_device_is_named() -> None:
    assert TWO.devices() == ("cpu", "cpu")
    assert TorchBackend(device=("cpu",)).devices() == ("cpu",)


def test_one_device_needs_no_process(llama: Path) -> None:
    assert not isinstance(TorchBackend(device=("cpu",)).open(Origin(str(llama))), Workers)


def test_auto_is_every_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 3)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda place: f"GPU {place.index}")
    assert TorchBackend().devices() == ("GPU 0", "GPU 1", "GPU 2")


@pytest.mark.parametrize(("given", "wanted"), [("[]", "a list of at least 1"), ("7", "text or a list")])
def test_a_profile_says_one_device_or_a_list(given: str, wanted: str) -> None:
    with pytest.raises(RecipeError, match=f"`device` should be .*{wanted}"):
        profiles.parse(source.parse(f"here: {{backend: torch, device: {given}}}", "profiles.yaml"))


def test_a_build_on_two_devices_is_one_on_one(home: Path) -> None:
    found = []
    for profile in ("one", "two"):
        assert tgc.build(home / "recipes/pair.yaml", profile=profile)
        found.append((emitted(home), nodes(home)))
        (home / "warehouse/tgc.duckdb").unlink()
    one, two = found
    assert one == two


def test_ctrl_c_finishes_what_is_in_flight_and_leaves_no_worker(home: Path) -> None:
    recipe = home / "recipes/pair.yaml"
    recipe.write_text(recipe.read_text().replace("branch: 4", "branch: 24"))
    process = start(home, "two")
    until(lambda: grown(home))
    os.killpg(process.pid, signal.SIGINT)
    assert process.communicate()[1] == b""
    assert process.returncode == 130
    assert 3 < len(nodes(home)) < 3 + 72 * (1 + 2 * 5)
    assert workers(home) == []


def start(home: Path, profile: str) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "tgc", "build", "recipes/pair.yaml", "-q", "--profile", profile]
    return subprocess.Popen(
        command,
        cwd=home,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def workers(home: Path) -> list[int]:
    """The processes of workers there; none where the system does not show them."""
    return [int(entry.name) for entry in Path("/proc").glob("[0-9]*") if _works(entry, home)]


def _works(entry: Path, home: Path) -> bool:
    try:
        return (entry / "cwd").readlink() == home and b"spawn_main" in (entry / "cmdline").read_bytes()
    except OSError:
        return False


def until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def grown(home: Path) -> bool:
    """Whether models have written something, as the build itself says."""
    try:
        with read(Project(home).database) as reader:
            return reader is not None and reader.sql("select count(model) from nodes").item() > 0
    except TgcError:
        return False


def emitted(home: Path) -> bytes:
    return (home / "warehouse/mixes/pair/messages.jsonl").read_bytes()


def nodes(home: Path) -> list[tuple[object, ...]]:
    with read(Project(home).database) as reader:
        assert reader is not None
        return reader.sql("select node_id, text from nodes order by node_id").rows()
