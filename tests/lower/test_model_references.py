import json
from pathlib import Path

import pytest

from tgc import ir, recipe
from tgc.errors import RecipeError, Span
from tgc.lower import derived, models
from tgc.origin import Origin


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


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Three models and two adapters of a few bytes."""
    for name in ("one", "two", "three"):
        _saved(tmp_path / name, name.encode())
    for name in ("terse", "kind"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "adapter_config.json").write_text('{"peft_type": "LORA"}')
        (tmp_path / name / "adapter_model.safetensors").write_bytes(name.encode())
    return tmp_path


def test_another_adapter_is_another_identity(home: Path) -> None:
    given: tuple[dict[str, object], ...] = (
        {},
        {"adapter": "terse"},
        {"adapter": "kind"},
        {"adapter": "terse", "merge": [{"id": "two", "weight": 0.5}]},
        {"merge": [{"id": "two", "weight": 0.5}]},
        {"merge": [{"id": "two", "weight": 0.4}]},
        {"merge": [{"id": "three", "weight": 0.5}]},
    )
    assert len({_derived(home, **parts).digest for parts in given}) == len(given)


@pytest.mark.parametrize("file", ["adapter_config.json", "adapter_model.safetensors"])
def test_an_adapter_is_known_by_its_content_and_not_by_its_place(file: str, home: Path) -> None:
    (home / "terse").rename(home / "brief")
    moved = _derived(home, adapter="brief").digest
    (home / "brief").rename(home / "terse")
    assert _derived(home, adapter={"id": "terse"}).digest == moved
    (home / "terse" / file).write_text('{"peft_type": "IA3"}')
    assert _derived(home, adapter="terse").digest != moved


def test_the_order_of_what_is_merged_is_no_identity(home: Path) -> None:
    two, three = {"id": "two", "weight": 0.2}, {"id": "three", "weight": 0.3}
    here, there = _derived(home, merge=[two, three]), _derived(home, merge=[three, two])
    assert (here.digest, here.origin, here.id) == (there.digest, there.origin, there.id)


def test_what_is_put_together_is_named_and_opened_as_a_whole(home: Path) -> None:
    model = _derived(
        home, merge=[{"id": "two", "weight": 0.3}], adapter={"id": "org/terse", "revision": "v1"}
    )
    assert model.id == "0.7 one + 0.3 two + org/terse"
    assert model.origin == Origin(
        str(home / "one"),
        merge=((Origin(str(home / "two")), 0.3),),
        adapter=Origin("org/terse", "v1"),
    )
    assert (model.context, model.chats, model.loose) == (64, True, ())


def test_every_part_is_pinned_and_those_that_are_not_are_told() -> None:
    wanted = recipe.Model.model_validate(
        {"id": "org/a", "adapter": "org/b", "merge": [{"id": "org/c", "weight": 0.5}]}
    )
    free = derived.model(wanted, _nowhere, ())
    pinned = derived.model(wanted, _nowhere, (), {"org/a": "1", "org/b": "2", "org/c": "3"})
    assert free.loose == ("org/a", "org/c", "org/b")
    assert pinned.loose == ()
    assert pinned.origin == Origin("org/a", "1", ((Origin("org/c", "3"), 0.5),), Origin("org/b", "2"))
    assert pinned.digest != free.digest


def test_all_that_is_wrong_with_a_model_is_told_at_once(home: Path) -> None:
    merge = [{"id": "nothing", "weight": 0.2}, {"id": "two", "weight": 0.2}]
    with pytest.raises(RecipeError) as caught:
        _derived(home, adapter="two", merge=merge)
    assert [problem.code for problem in caught.value.diagnostics] == ["bad-model", "unknown-model"]


def test_models_that_say_another_architecture_are_not_merged(home: Path) -> None:
    for name, width in (("one", 64), ("two", 32)):
        settings = {"hidden_size": width, "max_position_embeddings": width}
        (home / name / "config.json").write_text(json.dumps(settings))
    with pytest.raises(RecipeError, match="its `hidden_size` is `32`, not `64`"):
        _derived(home, merge=[{"id": "two", "weight": 0.2}])
    assert _derived(home, merge=[{"id": "three", "weight": 0.2}]).context == 64


def _derived(home: Path, **parts: object) -> ir.Model:
    wanted = recipe.Model.model_validate({"id": "one", **parts})
    return derived.model(wanted, _nowhere, (home,))


def _nowhere(*_: object) -> Span:
    return Span("demo.yaml", 1, 1, 1, "")
