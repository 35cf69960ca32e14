"""The compiler's stages and the schema, as a user asks for them; golden text in `tests/render/compiled`."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from jsonschema import Draft7Validator

from tests import golden
from tests.workshop import Workshop
from tgc import assets, driver, lower, source
from tgc.cli import main
from tgc.recipe import jsonschema
from tgc.recipe.filled import filled
from tgc.source.writing import write

GOLDEN = Path(__file__).parents[1] / "render" / "compiled"
GOOD = Path(__file__).parents[1] / "recipes" / "good"
RECIPES = [*sorted((assets.root() / "recipes").glob("*.yaml")), *sorted(GOOD.glob("*.yaml"))]

MANY = """\
# every kind of level
name: many
seed: 7
model: builtin:atlas
vars: {tone: dry}
sampling: {top_p: 0.9}
tree:
  topic: {values: [{name: physics, year: 1900}, {name: law, year: 1800}, {name: music, year: 1700}], tags: [seeds]}
  fact:
    prompt: "Name a fact of {{ topic }} in {{ topic.year }}."
    answers: {list: {text: str, hard: easy | hard}}
    branch: 2
    max_tokens: 32
    stop: ["\\n\\n"]
  question:
    role: user
    system: "Be {{ tone }} about {{ fact.text }}."
    branch: 2
    max_tokens: 16
    sampling: {temperature: 0.5}
    distinct: {by: mmr, oversample: 1.5}
  answer: {role: assistant, max_tokens: 32, when: "{{ fact.hard == 'hard' }}"}
  grade: {score: "Is it good to say `{{ answer }}`?", max_tokens: 4}
  page: {text: "{{ topic }} began", under: topic, max_tokens: 32}
filters:
  - {kind: score, level: grade, min: 3}
  - {kind: length, min_tokens: 2}
mix: {size: 4, balance: [topic], split: {held_out: 0.25, by: topic}}
emit: [{format: messages, path: mix.jsonl}]
"""


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    monkeypatch.chdir(tmp_path)
    return Workshop(tmp_path)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    from tests.models import tiny_llama  # loads torch, which few of these tests need

    return tiny_llama(tmp_path / "model")


def tgc(*arguments: str) -> Result:
    done = CliRunner().invoke(main, arguments)
    assert done.exception is None, done.stderr
    return done


def emitted(stage: str, *options: str) -> str:
    return tgc("compile", "recipes/demo.yaml", "--emit", stage, *options).stdout


def masked(text: str) -> str:
    """Without digests, which change with the weights of the model."""
    return re.sub(r"\b[0-9a-f]{12}(?:[0-9a-f]{20})?\b", "<digest>", text)


@pytest.mark.parametrize("stage", ["ast", "ir", "prompts"])
def test_every_stage_is_shown(shop: Workshop, stage: str) -> None:
    shop.write(MANY)
    assert golden.same(masked(emitted(stage)), GOLDEN / f"{stage}.txt")


@pytest.mark.parametrize("stage", ["ast", "ir", "prompts", "plan"])
def test_every_stage_is_the_same_again_and_makes_nothing(shop: Workshop, stage: str) -> None:
    before = sorted(shop.root.rglob("*"))
    assert emitted(stage, "--format", "json") == emitted(stage, "--format", "json")
    assert json.loads(emitted(stage, "--format", "json"))
    assert sorted(shop.root.rglob("*")) == before


def test_the_plan_is_that_of_tgc_plan(shop: Workshop) -> None:
    assert emitted("plan") == tgc("plan", "recipes/demo.yaml").stdout


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_the_recipe_as_read_is_the_same_recipe(path: Path) -> None:
    home = path.parent if path.parent == GOOD else path.parent.parent
    around = lower.Around(home, (home / "templates",))
    first = source.load(path, str(path))
    again = source.parse(write(filled(driver.written(path))), str(path))
    programs = [lower.from_document(document, around).program for document in (first, again)]
    assert programs[0].levels == programs[1].levels
    assert (programs[0].checks, programs[0].mix, programs[0].emit) == (
        programs[1].checks,
        programs[1].mix,
        programs[1].emit,
    )


def test_prompts_quote_what_the_warehouse_holds(shop: Workshop) -> None:
    shop.build()
    text = emitted("prompts", "--samples", "3")
    assert "⟨" not in text
    first = shop.sql("select text from nodes where level = 'question' order by ordinal, node_id")["text"][0]
    assert first in text


def test_prompts_stand_in_visibly_for_what_is_not_written(shop: Workshop) -> None:
    samples: list[dict[str, Any]] = json.loads(emitted("prompts", "--format", "json"))
    assert {sample["level"]: sample["imagined"] for sample in samples} == {
        "question": [],
        "answer": ["question"],
    }
    assert all(("⟨question⟩" in sample["text"]) == bool(sample["imagined"]) for sample in samples)


def test_prompts_are_what_a_build_asks_for(shop: Workshop) -> None:
    shop.build()
    shown: list[dict[str, Any]] = json.loads(emitted("prompts", "--format", "json", "--samples", "99"))
    assert {sample["key"] for sample in shown} == {request.key for request in shop.backend.asked}


def test_samples_are_of_different_parents(shop: Workshop) -> None:
    samples: list[dict[str, Any]] = json.loads(emitted("prompts", "--format", "json", "--samples", "4"))
    questions = [sample for sample in samples if sample["level"] == "question"]
    assert [sample["path"][0]["text"] for sample in questions] == ["physics", "law", "music", "physics"]
    assert [sample["ordinal"] for sample in questions] == [0, 0, 0, 1]


def test_tokens_are_listed_with_their_ids(shop: Workshop, model: Path) -> None:
    shop.edit("builtin:atlas", str(model))
    text = emitted("prompts", "--tokens", "--samples", "1")
    assert "  │ <|im_start|>system\n  │ Talk about physics.<|im_end|>\n  │ <|im_start|>user\n  │ \n" in text
    assert re.search(r'^  \d+ tokens: \d+:"<\|im_start\|>" \d+:"', text, re.MULTILINE)


def test_without_a_tokenizer_messages_are_shown_and_stderr_says_so(shop: Workshop, model: Path) -> None:
    (model / "tokenizer.json").write_text("{}")
    shop.edit("builtin:atlas", str(model))
    done = tgc("compile", "recipes/demo.yaml", "--emit", "prompts", "--samples", "1")
    assert "  │ system: Talk about physics.\n" in done.stdout
    assert "is shown as messages" in done.stderr


def test_vars_reach_every_stage(shop: Workshop) -> None:
    shop.write(MANY)
    for stage in ("ast", "ir", "prompts"):
        assert "warm" in emitted(stage, "--vars", "tone=warm")


def test_the_schema_is_printed_and_written(tmp_path: Path) -> None:
    path = tmp_path / "recipe.schema.json"
    printed, done = tgc("schema"), tgc("schema", "-o", str(path))
    assert printed.stdout == path.read_text(encoding="utf-8") == jsonschema.text(jsonschema.recipe())
    assert jsonschema.pointer("recipe.schema.json") in done.stderr


def test_profiles_have_a_schema_too() -> None:
    editor = Draft7Validator(json.loads(tgc("schema", "profiles").stdout))
    assert editor.is_valid({"default": "here", "here": {"backend": "torch", "batch_size": 8}})
    assert not editor.is_valid({"here": {"backend": "torch", "batchsize": 8}})
    assert not editor.is_valid({"here": {"backend": "tortch"}})


def test_init_begins_with_recipes_that_know_their_schema(tmp_path: Path) -> None:
    done = tgc("init", str(tmp_path / "demo"))
    recipe, schema = (
        tmp_path / "demo" / "recipes" / name for name in ("quickstart.yaml", "recipe.schema.json")
    )
    assert done.stdout.splitlines()[-1] == str(schema)
    assert recipe.read_text(encoding="utf-8").splitlines()[0] == jsonschema.pointer(schema.name)
    assert Draft7Validator(json.loads(schema.read_text(encoding="utf-8"))).is_valid(
        source.load(recipe, "x").value
    )


def test_init_writes_a_stale_schema_anew(tmp_path: Path) -> None:
    tgc("init", str(tmp_path))
    schema = tmp_path / "recipes" / "recipe.schema.json"
    schema.write_text("{}")
    tgc("init", str(tmp_path), "--recipe", "wide_tree")
    assert schema.read_text(encoding="utf-8") == jsonschema.text(jsonschema.recipe())
