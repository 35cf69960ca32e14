"""What models would be asked for a few nodes, before and after there are texts."""

from pathlib import Path

import pytest

from tests.workshop import Workshop
from tgc import driver
from tgc.backends.base import Request
from tgc.errors import Diagnostic
from tgc.planner.samples import Sample

LIST = """\
name: demo
model: builtin:atlas
tree:
  topic: {values: [physics]}
  fact: {prompt: "Name facts of {{ topic }}.", answers: {list: str}, branch: 3, max_tokens: 8}
"""


@pytest.fixture
def shop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path)


def sampled(shop: Workshop, count: int = 2) -> tuple[Sample, ...]:
    return driver.sample(driver.check(shop.recipe), count)


def prefix(sample: Sample) -> str:
    assert isinstance(sample.asks, Request)
    return sample.asks.prefix


def test_an_item_of_a_list_comes_after_those_before_it(shop: Workshop) -> None:
    shop.write(LIST)
    first, _, third = sampled(shop, 3)
    assert (prefix(first), first.imagined) == ("1.", ())
    assert (prefix(third), third.imagined) == ("1. ⟨fact⟩\n2. ⟨fact⟩\n3.", ("fact",))
    shop.build()
    texts = shop.sql("select text from nodes where level = 'fact' order by ordinal")["text"].to_list()
    assert prefix(sampled(shop, 3)[2]) == f"1. {texts[0]}\n2. {texts[1]}\n3."


def test_where_a_level_does_not_grow_nothing_is_asked(shop: Workshop) -> None:
    shop.edit("branch: 4, max_tokens: 16", """when: "{{ topic == 'law' }}", max_tokens: 16""")
    assert {sample.path[0].text for sample in sampled(shop, 9)} == {"law"}


def test_a_template_that_cannot_be_filled_says_why(shop: Workshop) -> None:
    shop.edit("Talk about {{ topic }}.", "{{ 1 // (topic | length - 7) }}")
    broken = [sample.path[0].text for sample in sampled(shop, 3) if isinstance(sample.asks, Diagnostic)]
    assert broken == ["physics", "physics"]


def test_a_text_of_an_equal_request_is_quoted(shop: Workshop) -> None:
    shop.build()
    shop.edit("Talk about {{ topic }}.", "Talk {{ 'about' }} {{ topic }}.")
    assert [sample.imagined for sample in sampled(shop)] == [()] * 4


def test_siblings_that_were_picked_come_first(shop: Workshop) -> None:
    shop.edit("branch: 4, max_tokens: 16", "branch: 2, max_tokens: 16, distinct: {by: mmr, oversample: 3}")
    shop.build()
    parents = {sample.path[-1].id for sample in sampled(shop, 6) if sample.level.name == "answer"}
    grown = shop.sql("select distinct parent_id from nodes where level = 'answer'")["parent_id"]
    assert {f"{parent:016x}" for parent in parents} == set(grown)
