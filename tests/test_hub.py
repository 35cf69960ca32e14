"""What the cache of a hub lacks, and what a hub says when it gives nothing."""

import json
from pathlib import Path

import pytest
from huggingface_hub import constants

from tests import hub as loopback
from tgc.errors import Diagnostic, RecipeError
from tgc.lock import hub

COMMIT = "0" * 40


@pytest.fixture
def snapshot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The directory of a model of two shards in a cache of its own."""
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    home = tmp_path / "models--org--big"
    directory = home / "snapshots" / COMMIT
    directory.mkdir(parents=True)
    (home / "refs").mkdir()
    (home / "refs" / "main").write_text(COMMIT)
    shards = {"weight_map": {"one": "model-1.safetensors", "two": "model-2.safetensors"}}
    (directory / "model.safetensors.index.json").write_text(json.dumps(shards))
    for name in ("config.json", "tokenizer.json", "model-1.safetensors", "model-2.safetensors"):
        (directory / name).write_text("{}")
    return directory


def test_a_whole_model_lacks_nothing(snapshot: Path) -> None:
    assert hub.cached("org/big", None) == hub.cached("org/big", COMMIT) == snapshot
    assert hub.lacking("org/big", "main") is None


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "model-2.safetensors"])
def test_what_a_model_lacks_is_named(snapshot: Path, name: str) -> None:
    (snapshot / name).unlink()
    assert hub.lacking("org/big", None) == name


def test_an_adapter_needs_no_tokenizer_and_lacks_nothing_but_weights(snapshot: Path) -> None:
    for path in snapshot.iterdir():
        path.unlink()
    (snapshot / "adapter_config.json").write_text("{}")
    assert hub.cached("org/big", None) == snapshot
    assert hub.lacking("org/big", None) == "adapter_model.safetensors"
    (snapshot / "adapter_model.safetensors").write_text("{}")
    assert hub.lacking("org/big", None) is None


@pytest.mark.parametrize("name", ["org/other", "org/no--name", "org/name.git"])
def test_what_is_not_in_the_cache_lacks_its_config(snapshot: Path, name: str) -> None:
    assert hub.cached(name, None) is None
    assert hub.lacking(name, None) == "config.json"


def test_offline_a_commit_that_was_pinned_stands_in_for_an_unknown_revision(
    snapshot: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert hub.snapshot("org/big", None).commit == COMMIT
    assert hub.snapshot("org/big", "v2", COMMIT).files["config.json"] == snapshot / "config.json"
    assert _refused("org/big", "v2").message.startswith(
        "`config.json` of `org/big@v2` is not in the local cache"
    )


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("GatedRepo", "the hub gives `org/name` only to those whom its owner lets"),
        ("RepoNotFound", "the hub has no model `org/name`"),
        ("Unheard", "the hub cannot be asked for `org/name`: HfHubHTTPError"),
    ],
)
def test_why_a_hub_gives_nothing_is_told(code: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with loopback.serving() as serving:
        serving.refusals["org/name"] = code
        monkeypatch.setattr(constants, "ENDPOINT", serving.url)
        problem = _refused("org/name", None)
    assert (problem.code, problem.message) == ("unavailable-model", said)
    assert problem.hint


def test_a_name_that_no_hub_takes_is_a_diagnostic() -> None:
    assert _refused("org/no--name", None).message.startswith("the hub cannot be asked for `org/no--name`")


def _refused(name: str, revision: str | None) -> Diagnostic:
    with pytest.raises(RecipeError) as caught:
        hub.snapshot(name, revision)
    (problem,) = caught.value.diagnostics
    return problem
