"""The screen of a plan, against golden text."""

import json
import re
from pathlib import Path

import pytest

from tests import golden
from tests.echo import Echo
from tests.executor.test_build import Impatient
from tests.workshop import Workshop
from tgc.planner.scope import ALL, Scope
from tgc.render import plan as screen

GOLDEN = Path(__file__).parent / "plan"


@pytest.fixture
def shop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path)


def shown(shop: Workshop, scope: Scope = ALL) -> str:
    estimate = shop.forecast(scope)
    text = screen.explain(shop.plan(scope), estimate, "torch", "warehouse/tgc.duckdb")
    assert max(map(len, text.splitlines())) <= 80
    return text + "\n"


def test_a_first_plan(shop: Workshop) -> None:
    assert golden.same(shown(shop), GOLDEN / "first.txt")


def test_a_plan_says_what_dp_decoding_bounds(shop: Workshop) -> None:
    shop.edit("branch: 2, max_tokens: 32", "branch: 2, max_tokens: 32, sampling: {dp_lambda: 0.9}")
    assert golden.same(shown(shop), GOLDEN / "bounded.txt")
    shop.edit("model: builtin:atlas", "model: {id: org/name, revision: main}")
    assert "ε of answer: unknown, as is the vocabulary of org/name." in shown(shop)


def test_a_plan_says_why(shop: Workshop) -> None:
    shop.build()
    shop.edit("branch: 4", "branch: 6")
    shop.edit("max_tokens: 32", "max_tokens: 48")
    shop.edit("[physics, law, music]", "[physics, law]")
    assert golden.same(shown(shop), GOLDEN / "edited.txt")


def test_a_plan_of_outputs_alone(shop: Workshop) -> None:
    shop.build()
    shop.edit("size: 12", "size: 6")
    assert golden.same(shown(shop), GOLDEN / "outputs.txt")


def test_a_removed_level_is_hidden(shop: Workshop) -> None:
    shop.edit("mix: {size", "  extra: {role: user, branch: 1, max_tokens: 8}\nmix: {size")
    shop.build()
    shop.edit("  extra: {role: user, branch: 1, max_tokens: 8}\n", "")
    assert golden.same(shown(shop), GOLDEN / "removed.txt")


def test_nothing_to_do_is_one_line(shop: Workshop) -> None:
    shop.build()
    assert golden.same(shown(shop), GOLDEN / "nothing.txt")


def test_what_is_not_selected_is_skipped_with_what_it_lacks(shop: Workshop) -> None:
    shop.build(scope=Scope(limit=10))
    assert golden.same(shown(shop, Scope(select=("question",))), GOLDEN / "selected.txt")


def test_what_is_selected_and_done_says_that_others_are_not(shop: Workshop) -> None:
    shop.build(scope=Scope(select=("topic",)))
    assert golden.same(shown(shop, Scope(select=("topic",))), GOLDEN / "waiting.txt")


def test_a_limit_is_told_with_what_there_is(shop: Workshop) -> None:
    assert golden.same(shown(shop, Scope(limit=10)), GOLDEN / "limited.txt")


def test_a_full_refresh_says_what_it_forgets(shop: Workshop) -> None:
    shop.build()
    text = shown(shop, Scope(afresh=True))
    measured = re.sub(r"about \S+ s", "about 1 s", text)
    assert golden.same(measured, GOLDEN / "afresh.txt")


@pytest.mark.parametrize(
    ("old", "new", "level", "why"),
    [
        (
            "branch: 4, max_tokens: 16",
            "branch: 4, max_tokens: 16, distinct: {by: mmr, oversample: 1.5}",
            "question",
            "`distinct` changed",
        ),
        ("branch: 2,", """branch: 2, when: "{{ topic != 'law' }}",""", "answer", "`when` changed"),
        ("physics, law, music", "law, music", "question", "parents removed"),
        ("physics, law, music", "law, music, chess", "question", "parents added"),
        ("Talk about", "Talk of", "answer", "system changed"),
        ("max_tokens: 16", "max_tokens: 17", "answer", "an ancestor changed"),
    ],
)
def test_a_plan_names_the_nearest_cause(shop: Workshop, old: str, new: str, level: str, why: str) -> None:
    shop.build()
    shop.edit(old, new)
    assert shop.levels()[level].why == why


def test_a_level_applied_once_more_says_so(shop: Workshop) -> None:
    shop.edit(
        "  question:", "  part: {prompt: 'A part of {{ parent }}.', depth: 2, max_tokens: 8}\n  question:"
    )
    shop.build()
    shop.edit("depth: 2", "depth: 3")
    levels = shop.levels()
    assert levels["part.1"].why == ""
    assert levels["part.2"].why == "depth raised from 2"
    assert levels["part"].why == "depth raised 2 → 3"


def test_what_an_interrupted_build_left_says_so(shop: Workshop) -> None:
    shop.build(Impatient(2))
    assert shop.levels()["question"].why == "left over from an interrupted build"


def test_what_failed_says_so(tmp_path: Path) -> None:
    shop = Workshop(tmp_path, Echo(failing=frozenset({"law"})))
    shop.build()
    assert shop.levels()["question"].why == "failed in the last build"


def test_json_has_every_figure(shop: Workshop) -> None:
    told = json.loads(screen.as_json(shop.plan(), shop.forecast(), "echo"))
    assert {level["level"]: level["prompt_tokens"] for level in told["levels"]} == {
        "topic": None,
        "question": {"likely": 12, "most": 12, "how": "exact"},
        "answer": {"likely": 24 * (2 + 16), "most": 24 * (2 + 16), "how": "bound"},
    }
    assert (told["new"], told["lacking"], told["seconds"], told["gpu_hours"]) == (36, 36, None, None)
