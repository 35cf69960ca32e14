from pathlib import Path

import pytest

from tgc.errors import RecipeError
from tgc.lower import models


def test_the_model_that_ships_with_tgc_is_known_with_its_context() -> None:
    model = models.resolve("builtin:atlas", None, ())
    assert model.context == 512
    assert Path(model.source).is_dir()


def test_a_directory_comes_before_a_hub_id(tmp_path: Path) -> None:
    saved = _saved(tmp_path / "org" / "name", b"weights")
    assert models.resolve("org/name", None, (tmp_path,)).source == str(saved)
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


def test_a_config_that_is_not_json_is_a_diagnostic(tmp_path: Path) -> None:
    (_saved(tmp_path / "one", b"weights") / "config.json").write_text("{")
    with pytest.raises(RecipeError, match="not JSON"):
        models.resolve("one", None, (tmp_path,))


def _saved(directory: Path, weights: bytes) -> Path:
    directory.mkdir(parents=True)
    (directory / "config.json").write_text('{"max_position_embeddings": 64}')
    (directory / "model.safetensors").write_bytes(weights)
    return directory
