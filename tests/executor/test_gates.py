"""Trees that grow under some nodes only, for a condition or an early filter, and lists on the way."""

from pathlib import Path

import pytest

from tests.workshop import Workshop

RECIPE = """\
name: demo
seed: 7
model: builtin:atlas
tree:
  topic: {values: [physics, law, music]}
  question: {role: user, system: "On {{ topic }}.", branch: 8, max_tokens: 16}
  answer: {role: assistant, branch: 2, max_tokens: 32}
filters:
  - {kind: refusal, level: question, phrases: ["*7*"], early: true}
emit: [{format: llava, path: llava.json}]
"""


@pytest.fixture
def shop(tmp_path: Path) -> Workshop:
    shop = Workshop(tmp_path / "shop")
    shop.write(RECIPE)
    return shop


def test_what_an_early_filter_rejects_gets_no_children(shop: Workshop) -> None:
    shop.build()
    questions = shop.texts("question")
    good = {text for text in questions if "7" not in text}
    assert set() < good < questions
    parents = shop.sql("select distinct q.text from nodes a join nodes q on a.parent_id = q.node_id "
                       "where a.level = 'answer'")  # fmt: skip
    assert set(parents["text"]) == good
    assert shop.asked() == 24 + 2 * len(good)
    assert shop.build() is None


def test_a_filter_gives_the_same_mix_early_or_late(shop: Workshop) -> None:
    shop.build()
    early = shop.emitted("llava.json")
    shop.edit(", early: true", "")
    shop.build()
    assert shop.emitted("llava.json") == early


def test_a_looser_early_filter_asks_only_below_what_it_lets_through(shop: Workshop) -> None:
    shop.build()
    before = shop.asked()
    shop.edit('["*7*"]', "[]")
    levels = shop.levels()
    assert (levels["question"].new, levels["answer"].new) == (0, 24 + 48 - before)
    assert levels["answer"].why == "early filters changed"
    shop.build()
    assert shop.asked() == 24 + 48 - before


def test_a_stricter_early_filter_asks_nothing_and_hides(shop: Workshop) -> None:
    shop.build()
    before = shop.asked() - 24
    shop.edit('["*7*"]', '["*7*", "*1*"]')
    answer = shop.levels()["answer"]
    assert answer.new == 0
    assert answer.orphaned == before - answer.held > 0
    shop.build()
    assert shop.asked() == 0


def test_a_condition_on_values_is_counted_before_anything_is_there(shop: Workshop) -> None:
    shop.edit('On {{ topic }}."', """On {{ topic }}.", when: "{{ topic != 'law' }}\"""")
    assert shop.levels()["question"].new == 16
    assert shop.levels()["answer"].new == 32


def test_a_list_whose_condition_cannot_be_told_fails_item_by_item(shop: Workshop) -> None:
    rest = """\
tree:
  topic: {values: [law]}
  area: {prompt: "Of {{ topic }}.", when: "{{ 1 / (topic | length - 3) }}", answers: {list: str}, branch: 3,
    max_tokens: 16}
"""
    shop.write(f"name: demo\nmodel: builtin:atlas\n{rest}")
    outcome = shop.build()
    assert outcome is not None
    assert (outcome.status, outcome.tally.failed) == ("failed", 3)
