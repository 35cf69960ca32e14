"""Builds through the driver: what is generated, what is kept, what is said."""

import json
from pathlib import Path

import pytest

from tests.echo import Echo
from tests.workshop import Workshop
from tgc import driver
from tgc.errors import RecipeError, WarehouseError
from tgc.executor.watch import Silent
from tgc.planner.steps import Grow


@pytest.fixture
def shop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path)


def test_a_build_makes_every_node_and_the_next_one_nothing(shop: Workshop) -> None:
    outcome = shop.build()
    assert outcome is not None
    assert outcome.status == "done"
    assert shop.asked() == 3 * 4 + 3 * 4 * 2
    assert shop.build() is None
    assert shop.asked() == 0


def test_planning_creates_nothing(shop: Workshop) -> None:
    assert shop.plan().new == 36
    assert not (shop.root / "warehouse").exists()


def test_the_plan_counts_what_the_build_then_asks(shop: Workshop) -> None:
    planned = shop.plan().new
    shop.build()
    assert shop.asked() == planned


def test_raising_the_branch_keeps_every_node(shop: Workshop) -> None:
    shop.build()
    before = shop.texts("answer")
    shop.asked()
    shop.edit("branch: 2", "branch: 3")
    assert shop.plan().new == 12
    shop.build()
    assert shop.asked() == 12
    assert before < shop.texts("answer")


def test_lowering_the_branch_hides_and_raising_it_again_asks_nothing(shop: Workshop) -> None:
    shop.build()
    shop.asked()
    whole = shop.texts("answer")
    shop.edit("branch: 2", "branch: 1")
    assert shop.levels()["answer"].orphaned == 12
    shop.build()
    assert len(shop.texts("answer")) == 12
    shop.edit("branch: 1", "branch: 2")
    shop.build()
    assert shop.asked() == 0
    assert shop.texts("answer") == whole


def test_a_new_topic_disturbs_no_other(shop: Workshop) -> None:
    shop.build()
    before = shop.texts("answer")
    shop.asked()
    shop.edit("[physics, law, music]", "[botany, music, physics, law]")
    shop.build()
    assert shop.asked() == 4 + 8
    assert before < shop.texts("answer")


def test_filters_mix_and_outputs_never_call_a_model(shop: Workshop) -> None:
    shop.build()
    shop.asked()
    shop.edit("mix: {size: 12,", "filters: [{kind: length, min_chars: 3}]\nmix: {size: 9,")
    plan = shop.plan()
    assert not any(isinstance(step, Grow) for step in plan.steps)
    assert shop.build() is not None
    assert shop.asked() == 0
    assert len(json.loads(shop.emitted("llava.json"))) == 9


def test_a_template_that_renders_the_same_is_a_hit(shop: Workshop) -> None:
    shop.build()
    shop.asked()
    shop.edit('"Talk about {{ topic }}."', "\"{{ 'Talk' }} about {{ topic }}.\"")
    assert shop.plan().new == 0
    shop.build()
    assert shop.asked() == 0
    assert shop.build() is None


def test_a_template_edit_asks_for_just_the_requests_that_changed(shop: Workshop) -> None:
    shop.build()
    shop.asked()
    shop.edit(
        '"Talk about {{ topic }}."', "\"{{ 'Sing' if topic == 'music' else 'Talk' }} about {{ topic }}.\""
    )
    assert shop.plan().new == 4 + 8
    shop.build()
    assert shop.asked() == 4 + 8


def test_an_edit_of_a_level_leaves_those_above_alone(shop: Workshop) -> None:
    shop.build()
    shop.asked()
    shop.edit("max_tokens: 32", "max_tokens: 33")
    shop.build()
    assert shop.asked() == 24


def test_two_recipes_share_nodes(shop: Workshop) -> None:
    shop.build()
    shop.asked()
    shop.edit("name: demo", "name: other")
    shop.edit("[physics, law, music]", "[law, music]")
    shop.build()
    assert shop.asked() == 0
    assert set(shop.sql("select distinct recipe from nodes")["recipe"]) == {"demo", "other"}


def test_a_build_does_not_depend_on_how_much_runs_at_once(tmp_path: Path) -> None:
    few, many = Workshop(tmp_path / "few", Echo(room=1)), Workshop(tmp_path / "many", Echo(room=1000))
    few.build()
    many.build()
    assert few.emitted("llava.json") == many.emitted("llava.json")


def test_a_failed_request_is_told_and_tried_again(tmp_path: Path) -> None:
    shop = Workshop(tmp_path, Echo(failing=frozenset({"law"})))
    outcome = shop.build()
    assert outcome is not None
    assert (outcome.status, outcome.tally.failed) == ("failed", 4)
    assert "law" not in json.dumps(json.loads(shop.emitted("llava.json")))
    shop.backend = Echo()
    assert shop.plan().new == 4 + 8
    again = shop.build()
    assert again is not None
    assert again.status == "done"
    assert shop.asked() == 4 + 8


class Impatient(Silent):
    """Stops a build after so many nodes."""

    def __init__(self, nodes: int) -> None:
        self.left = nodes

    @property
    def stopping(self) -> bool:  # type: ignore[override]
        return self.left <= 0

    def made(self, level: str, tokens: int) -> None:
        self.left -= 1


def test_an_interrupted_build_goes_on_where_it_stopped(shop: Workshop) -> None:
    outcome = shop.build(Impatient(10))
    assert outcome is not None
    assert outcome.status == "interrupted"
    shop.build()
    assert shop.sql("select sum(generated) from runs").item() == 36
    assert list(shop.sql("select status from runs order by run_id")["status"]) == ["interrupted", "done"]


def test_an_interrupted_build_ends_in_the_same_mix(tmp_path: Path) -> None:
    whole, stopped = Workshop(tmp_path / "whole"), Workshop(tmp_path / "stopped")
    whole.build()
    stopped.build(Impatient(5))
    stopped.build(Impatient(5))
    stopped.build()
    assert whole.emitted("llava.json") == stopped.emitted("llava.json")


def test_deleted_files_are_written_again(shop: Workshop) -> None:
    shop.build()
    before = shop.emitted("llava.json")
    (shop.root / "warehouse/mixes/demo/llava.json").unlink()
    shop.asked()
    assert shop.build() is not None
    assert shop.asked() == 0
    assert shop.emitted("llava.json") == before


DISTINCT = "branch: 4, max_tokens: 16, distinct: {by: mmr, oversample: 2.0}"


def test_distinct_draws_more_and_only_the_picked_have_children(shop: Workshop) -> None:
    shop.edit("branch: 4, max_tokens: 16", DISTINCT)
    shop.build()
    assert shop.asked() == 3 * 8 + 3 * 4 * 2
    assert shop.build() is None
    parents = shop.sql("select count(distinct parent_id) as parents from nodes where level = 'answer'")
    assert parents.item() == 12


def test_widening_a_distinct_level_keeps_the_picks(shop: Workshop) -> None:
    shop.edit("branch: 4, max_tokens: 16", DISTINCT)
    shop.build()
    before = shop.texts("answer")
    shop.asked()
    shop.edit("branch: 4", "branch: 6")
    planned = shop.plan().new
    shop.build()
    assert shop.asked() == planned == 3 * 4 + 3 * 2 * 2
    assert before < shop.texts("answer")


def test_an_unpicked_sibling_has_a_verdict(shop: Workshop) -> None:
    shop.edit("branch: 4, max_tokens: 16", DISTINCT)
    shop.build()
    rejected = shop.sql("select count(*) from verdicts where filter = 'distinct' and not kept")
    assert rejected.item() == 12


def test_a_map_and_a_prompt_need_no_special_care(shop: Workshop) -> None:
    shop.write(
        """\
name: demo
model: builtin:atlas
tree:
  topic: {values: [{name: law, era: roman}, {name: jazz, era: modern}]}
  brief: {map: "{{ topic.era }} {{ topic }}"}
  question: {prompt: "Write a question about {{ brief }}.", speaks: user, branch: 3, max_tokens: 16}
  answer: {role: assistant, max_tokens: 32}
emit: [{format: messages, path: messages.jsonl}]
"""
    )
    shop.build()
    assert shop.asked() == 6 + 6
    assert shop.texts("brief") == {"roman law", "modern jazz"}
    rows = [json.loads(line) for line in shop.emitted("messages.jsonl").splitlines()]
    assert [message["role"] for message in rows[0]["messages"]] == ["user", "assistant"]
    assert shop.build() is None


def test_a_row_traces_to_the_root(shop: Workshop) -> None:
    shop.build()
    row = json.loads(shop.emitted("llava.json"))[0]
    path = shop.sql(f"select level, text from lineage('{row['id']}') order by depth")
    assert list(path["level"]) == ["topic", "question", "answer"]
    assert path["text"][2] == row["conversations"][1]["value"]


def test_two_recipes_of_one_name_are_refused(shop: Workshop) -> None:
    (shop.recipe.parent / "copy.yaml").write_text(shop.recipe.read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(RecipeError) as caught:
        shop.plan()
    assert [diagnostic.code for diagnostic in caught.value.diagnostics] == ["shared-name"]


def test_a_mix_of_a_tree_with_gaps_has_to_be_asked_for(shop: Workshop) -> None:
    shop.build()
    whole = shop.emitted("llava.json")
    shop.edit("seed: 7", "seed: 8")
    compiled = driver.check(shop.recipe)
    with pytest.raises(WarehouseError, match="36 nodes"):
        driver.mix(compiled)
    assert shop.emitted("llava.json") == whole
    partial = driver.mix(compiled, partial=True)
    assert partial is not None
    assert shop.plan().new == 36
