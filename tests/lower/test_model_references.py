from pathlib import Path

import pytest

from tgc.errors import RecipeError
from tgc.lower import models


def test_the_model_that_ships_with_tgc_is_known_with_its_context() -> None:
    model = models.resolve("builtin:atlas", None, ())
    assert (model.context, model.chats) == (512, True)
    assert Path(model.origin.source).is_dir()


def test_a_directory_comes_before_a_hub_id(tmp_path: Path) -> None:
    saved = _saved(tmp_path / "org" / "name", b"weights")
    assert models.resolve("org/name", None, (tmp_path,)).origin.source == str(saved)
    assert models.resolve("org/other", "main", (tmp_path,)).digest == "org/other@main"


@pytest.mark.parametrize("size", [10, 64 * 64 * 1024, 5_000_000])
def test_other_weights_are_another_model(size: int, tmp_path: Path) -> None:
    one = models.resolve("one", None, (_saved(tmp_path / "one", bytes(size)).parent,))
    two = models.resolve("two", None, (_saved(tmp_path / "two", bytes(size - 1) + b"x").parent,))
    assert one.digest != two.digest


def test_a_readme_and_the_place_are_no_identity(tmp_path: Path) -> None:
    one, two = _saved(tmp_path / "one", b"weights"), _saved(tmp_path / "two", b"weights")
    (two / "README.md").write_text("a model")
    digests = {models.resolve(path.name, None, (tmp_path,)).digest for path in (one, two)}
    assert len(digests) == 1


def test_a_chat_template_is_identity(tmp_path: Path) -> None:
    one, two = _saved(tmp_path / "one", b"weights"), _saved(tmp_path / "two", b"weights")
    (two / "chat_template.jinja").write_text("{{ messages }}")
    digests = {models.resolve(path.name, None, (tmp_path,)).digest for path in (one, two)}
    assert len(digests) == 2


@pytest.mark.parametrize("file", ["config.json", "tokenizer_config.json"])
@pytest.mark.parametrize(("text", "said"), [("{", "not JSON"), ("[]", "not a mapping")])
def test_a_config_that_is_no_mapping_is_a_diagnostic(file: str, text: str, said: str, tmp_path: Path) -> None:
    (_saved(tmp_path / "one", b"weights") / file).write_text(text)
    with pytest.raises(RecipeError, match=said):
        models.resolve("one", None, (tmp_path,))


def test_a_directory_without_a_chat_template_does_not_chat(tmp_path: Path) -> None:
    (_saved(tmp_path / "one", b"weights") / "tokenizer_config.json").write_text('{"chat_template": null}')
    assert not models.resolve("one", None, (tmp_path,)).chats


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("tokenizer_config.json", '{"chat_template": "{{ messages }}"}'),
        ("chat_template.jinja", "{{ messages }}"),
        ("chat_template.json", '{"chat_template": "{{ messages }}"}'),
        ("additional_chat_templates/default.jinja", "{{ messages }}"),
    ],
)
def test_a_chat_template_is_found_wherever_it_is_saved(file: str, text: str, tmp_path: Path) -> None:
    saved = _saved(tmp_path / "one", b"weights")
    (saved / "tokenizer_config.json").unlink()
    (saved / file).parent.mkdir(exist_ok=True)
    (saved / file).write_text(text)
    assert models.resolve("one", None, (tmp_path,)).chats


def test_every_chat_template_is_identity(tmp_path: Path) -> None:
    one, two = _saved(tmp_path / "one", b"weights"), _saved(tmp_path / "two", b"weights")
    (two / "additional_chat_templates").mkdir()
    (two / "additional_chat_templates" / "tools.jinja").write_text("{{ messages }}")
    assert models.digest(one) != models.digest(two)


def test_a_pin_decides_which_commit_is_meant_and_loaded() -> None:
    pins = {"org/name": "abc", "org/name@main": "def"}
    found = [models.resolve("org/name", revision, (), pins) for revision in (None, "main", "other")]
    assert [model.origin.revision for model in found] == ["abc", "def", "other"]
    assert [model.digest for model in found] == ["org/name@abc", "org/name@def", "org/name@other"]


def test_an_embedder_is_a_directory_or_a_pinned_hub_id_and_does_not_chat(tmp_path: Path) -> None:
    saved = _saved(tmp_path / "near", b"weights")
    near = models.embedder("near", (tmp_path,))
    far = models.embedder("org/name", (tmp_path,), {"org/name": "abc"})
    assert (near.origin.source, near.digest, near.chats) == (str(saved), models.digest(saved), False)
    assert (far.origin.source, far.origin.revision, far.digest) == ("org/name", "abc", "org/name@abc")


def _saved(directory: Path, weights: bytes) -> Path:
    directory.mkdir(parents=True)
    (directory / "config.json").write_text('{"max_position_embeddings": 64}')
    (directory / "model.safetensors").write_bytes(weights)
    (directory / "tokenizer_config.json").write_text('{"chat_template": "{{ messages }}"}')
    return directory
