"""Edits that are taken back, half-done or not: what is up to date is what a fresh build would give."""

from pathlib import Path

import polars as pl
import pytest

from tests.executor.test_build import DISTINCT, Impatient
from tests.workshop import RECIPE, Workshop
from tgc import driver, planner, sieve
from tgc.catalog import Gathered
from tgc.project import Project
from tgc.warehouse import Warehouse, read


@pytest.fixture
def shop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path / "shop")


@pytest.fixture
def fresh(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path / "fresh")


def visible(shop: Workshop) -> list[tuple[object, ...]]:
    return shop.sql("select node_id, level, text from nodes order by all").rows()


def same(shop: Workshop, fresh: Workshop) -> bool:
    """Whether the project is as a fresh build of its recipe would leave it."""
    fresh.write(shop.recipe.read_text(encoding="utf-8"))
    fresh.build()
    return visible(shop) == visible(fresh) and shop.emitted("llava.json") == fresh.emitted("llava.json")


def test_an_edit_interrupted_and_taken_back_leaves_no_trace(shop: Workshop, fresh: Workshop) -> None:
    shop.build()
    shop.edit("[physics, law, music]", "[chess, law]")
    shop.build(Impatient(2))
    shop.write(RECIPE)
    shop.asked()
    shop.build()
    assert shop.asked() == 0
    assert same(shop, fresh)


def test_a_build_that_dies_before_it_published_is_not_up_to_date(
    shop: Workshop, fresh: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.build()
    shop.edit("size: 12", "size: 6")
    with monkeypatch.context() as patched:
        patched.setattr(Warehouse, "publish", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            shop.build()
    shop.write(RECIPE)
    shop.build()
    assert same(shop, fresh)


@pytest.mark.parametrize(
    "other", ["branch: 2, distinct: {by: mmr, oversample: 2.0, diversity: 1.0}", "branch: 4"]
)
def test_other_picks_among_the_same_nodes_are_another_mix(
    shop: Workshop, fresh: Workshop, other: str
) -> None:
    shop.edit("branch: 2", "branch: 2, distinct: {by: mmr, oversample: 2.0}")
    shop.edit("size: 12, balance: [topic]", "")
    first = shop.recipe.read_text(encoding="utf-8")
    shop.build()
    shop.edit("branch: 2, distinct: {by: mmr, oversample: 2.0}", other)
    assert shop.plan().steps
    shop.build()
    shop.write(first)
    assert shop.plan().steps
    shop.build()
    assert same(shop, fresh)


def test_a_stop_string_is_no_message(shop: Workshop) -> None:
    shop.edit(', system: "Talk about {{ topic }}."', ", stop: [system, you are rude]")
    shop.build()
    shop.asked()
    shop.edit(", stop: [system, you are rude]", ', system: "you are rude"')
    assert shop.plan().new == 36


def test_a_stop_string_is_no_shape_of_an_answer(shop: Workshop) -> None:
    rest = "name: demo\nmodel: builtin:atlas\ntree:\n  card: {prompt: Write a card., "
    shop.write(rest + """stop: [answers, '{"name": "str"}']}\n""")
    shop.build()
    shop.write(rest + "answers: {name: str}}\n")
    assert shop.plan().new == 1


@pytest.mark.parametrize(
    "template",
    [
        "{% include '_tone.j2' %}{% set tone = 'set later' %}{{ topic }}",
        "{% for tone in ['a', 'b'] %}{{ tone }}{% endfor %}{% include '_tone.j2' %}{{ topic }}",
    ],
)
def test_a_var_counts_that_a_partial_sees_before_or_after_it_is_set(
    shop: Workshop, fresh: Workshop, template: str
) -> None:
    for one in (shop, fresh):
        one.template("_tone.j2", "Be {{ tone }}.")
        one.template("voice.j2", template)
    shop.edit('"Talk about {{ topic }}."', "voice.j2")
    shop.edit("model:", "vars: {tone: kind}\nmodel:")
    shop.build()
    shop.edit("tone: kind", "tone: stern")
    assert shop.plan().new == 36
    shop.build()
    assert same(shop, fresh)


def test_a_text_that_reads_like_a_mapping_is_another_value(shop: Workshop, fresh: Workshop) -> None:
    shop.edit("[physics, law, music]", """['{"name": "law"}']""")
    shop.build()
    shop.edit("""['{"name": "law"}']""", "[{name: law}]")
    assert shop.plan().new == 12
    shop.build()
    assert same(shop, fresh)


def test_a_renamed_level_is_renamed_in_sql_and_asks_nothing(shop: Workshop) -> None:
    shop.build()
    shop.asked()
    shop.edit("  answer:", "  reply:")
    shop.build()
    assert shop.asked() == 0
    assert set(shop.sql("select distinct level from nodes")["level"]) == {"topic", "question", "reply"}


def test_a_split_taken_back_takes_its_files_along(shop: Workshop) -> None:
    shop.edit("balance: [topic]}", "balance: [topic], split: {validation: 0.4, by: question}}")
    shop.build()
    folder = shop.root / "warehouse/mixes/demo"
    assert (folder / "llava.validation.json").exists()
    (folder / "llava.validation.json").unlink()
    assert shop.build() is not None
    assert (folder / "llava.validation.json").exists()
    shop.write(RECIPE)
    shop.build()
    assert {path.name for path in folder.iterdir()} == {"llava.json", "messages.jsonl", "manifest.json"}


def test_a_template_that_one_text_breaks_fails_that_slot_alone(shop: Workshop) -> None:
    shop.edit("  answer:", '  part: {map: "{{ 10 // ((question | length) - 16) }}"}\n  answer:')
    outcome = shop.build()
    assert outcome is not None
    broken = shop.sql("select count(*) from nodes where level = 'question' and length(text) = 16").item()
    assert outcome.tally.failed == broken > 0
    assert shop.plan().new == broken * 2
    assert outcome.status == "failed"


def test_a_run_counts_what_was_held_once(shop: Workshop) -> None:
    shop.build()
    shop.edit('"Talk about {{ topic }}."', "\"{{ 'Talk' }} about {{ topic }}.\"")
    shop.build()
    assert shop.sql("select generated, held from runs order by run_id").rows() == [(36, 0), (0, 39)]


def test_a_run_that_dies_says_what_it_generated(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tgc.mixing.mixed", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        shop.build()
    assert shop.sql("select status, generated from runs").rows() == [("failed", 36)]


def test_siblings_that_wait_for_a_missing_one_say_so(shop: Workshop) -> None:
    shop.edit("branch: 4, max_tokens: 16", DISTINCT)
    shop.build()
    program = driver.check(shop.recipe).program
    with read(Project(shop.root).database) as reader:
        assert reader is not None
        nodes, picked = reader.nodes("demo"), planner.picked(program, reader.catalog("demo"))
    undecided = {"question": picked["question"][:0]}
    reasons = sieve.sift(program, Gathered(nodes), undecided).filter(~pl.col("kept"))["reason"]
    assert set(reasons) == {"none was picked yet, for a sibling is missing"}


def test_another_name_for_a_file_or_a_var_is_no_change(shop: Workshop) -> None:
    shop.template("one.j2", "Talk about {{ topic }}.")
    shop.edit('"Talk about {{ topic }}."', "one.j2")
    shop.build()
    shop.template("other/two.j2", "Talk about {{ topic }}.")
    shop.edit("one.j2", "other/two.j2")
    shop.edit("seed: 7", "seed: 7\nvars: {unused: 1}\nlimits: {nodes: 5_000}")
    assert not shop.plan().steps
