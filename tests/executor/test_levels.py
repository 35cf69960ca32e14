"""Every kind of level, built through the driver: what is asked, and what becomes of the answers."""

import json
from pathlib import Path

import pytest

from tests.workshop import Workshop
from tgc import schema
from tgc.backends.base import Request

HEAD = "name: demo\nseed: 7\nmodel: builtin:atlas\n"
LISTED = """\
tree:
  topic: {values: [law]}
  area: {prompt: "Areas of {{ topic }}.", answers: {list: str}, branch: 3, max_tokens: 16}
"""
TAIL = "emit:\n  - {format: messages, path: messages.jsonl}\n"


@pytest.fixture
def shop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path)


def _built(shop: Workshop, rest: str) -> tuple[Request, ...]:
    """What a build of these levels asked."""
    shop.write(HEAD + rest)
    outcome = shop.build()
    assert outcome is not None
    assert outcome.status == "done"
    asked = tuple(shop.backend.asked)
    assert shop.build() is None
    assert shop.plan().new == 0
    shop.backend.asked.clear()
    return asked


def test_fields_become_the_value_of_a_node_and_templates_below_use_them(shop: Workshop) -> None:
    rest = """\
tree:
  card: {prompt: Make a card., answers: {question: str, difficulty: easy | hard}, branch: 3}
  hint: {prompt: "A hint for {{ card.question }}, which is {{ card.difficulty }}."}
"""
    asked = _built(shop, rest)
    cards = shop.sql("select text, value from nodes where level = 'card'")
    for text, value in cards.iter_rows():
        fields = json.loads(value)
        assert text == fields["question"]
        assert f"A hint for {text}, which is {fields['difficulty']}." in {
            request.messages[-1].content for request in asked
        }


def test_every_item_of_a_list_is_written_after_those_before_it(shop: Workshop) -> None:
    asked = _built(shop, LISTED)
    items = shop.sql("select text from nodes where level = 'area' order by ordinal")["text"]
    assert [request.prefix for request in asked] == [
        "1.",
        f"1. {items[0]}\n2.",
        f"1. {items[0]}\n2. {items[1]}\n3.",
    ]


@pytest.mark.parametrize(
    ("answers", "text", "reason"),
    [
        ("{list: str}", "  ", "the item is blank"),
        ("{question: str}", '{"question": "Wh', "the answer is not valid JSON"),
        ("easy | hard", "ea", "the answer is not one of `easy`, `hard`"),
    ],
)
def test_an_answer_that_is_not_whole_is_a_failure_with_its_reason(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch, answers: str, text: str, reason: str
) -> None:
    monkeypatch.setattr("tests.echo.said", lambda *_: text)
    shop.write(f"{HEAD}tree:\n  area: {{prompt: An area., answers: {answers}, branch: 1}}\n")
    outcome = shop.build()
    assert outcome is not None
    assert (outcome.status, outcome.tally.failed) == ("failed", 1)
    assert shop.sql("select reason from failure")["reason"].to_list() == [reason]
    assert shop.texts("area") == set()


def test_raising_the_branch_of_a_list_goes_on_with_it(shop: Workshop) -> None:
    _built(shop, LISTED)
    before = shop.texts("area")
    (fourth,) = _built(shop, LISTED.replace("branch: 3", "branch: 4"))
    assert fourth.prefix.endswith("\n4.")
    assert before < shop.texts("area")


def test_a_level_of_depth_is_applied_to_its_own_output(shop: Workshop) -> None:
    rest = 'tree:\n  topic: {values: [law]}\n  area: {prompt: "Part of {{ parent }}.", depth: 3, branch: 2}\n'
    asked = _built(shop, rest)
    counts = dict(shop.sql("select level, count(*) from nodes group by level").iter_rows())
    assert counts == {"topic": 1, "area.1": 2, "area.2": 4, "area": 8}
    parents = {"law", *shop.texts("area.1"), *shop.texts("area.2")}
    assert {request.messages[-1].content for request in asked} == {f"Part of {text}." for text in parents}


def test_a_plain_text_is_continued_without_a_chat(shop: Workshop) -> None:
    (request,) = _built(shop, 'tree:\n  topic: {values: [law]}\n  essay: {text: "On {{ topic }}:"}\n')
    assert (request.role, request.messages, request.prefix) == (None, (), "On law:")


def test_a_level_grows_only_where_its_condition_holds(shop: Workshop) -> None:
    rest = """\
tree:
  topic: {values: [{name: law, era: old}, {name: jazz, era: new}]}
  question: {role: user, system: "On {{ topic }}.", when: "{{ topic.era == 'new' }}", branch: 2}
  answer: {role: assistant}
"""
    asked = _built(shop, rest)
    assert len(asked) == 4
    again = _built(shop, rest.replace("== 'new'", "!= ''"))
    assert len(again) == 4
    assert not _built(shop, rest.replace("== 'new'", "== 'old'"))
    assert len(shop.texts("question")) == 2


def test_a_judge_decides_about_the_level_above(shop: Workshop) -> None:
    rest = (
        """\
tree:
  question: {role: user, branch: 9}
  answer: {role: assistant}
  quality: {score: "Rate {{ answer }}.", answers: good | bad}
filters:
  - {kind: score, level: quality, accept: [good]}
"""
        + TAIL
    )
    asked = _built(shop, rest)
    assert {request.answers for request in asked if request.messages[-1:]} >= {schema.Choice(("good", "bad"))}
    judged = shop.sql(
        "select a.text, q.text = 'good' as good, v.kept from nodes q join nodes a on q.parent_id = a.node_id "
        "join verdicts v on v.node_id = a.node_id where q.level = 'quality'"
    )
    assert judged.height == 9
    assert judged["good"].to_list() == judged["kept"].to_list()
    assert 0 < judged["kept"].sum() < 9
    assert len(shop.emitted("messages.jsonl").splitlines()) == judged["kept"].sum()


def test_a_mix_is_balanced_over_a_score(shop: Workshop) -> None:
    rest = (
        """\
tree:
  question: {role: user, branch: 12}
  answer: {role: assistant}
  stars: {score: "Rate {{ answer }}.", answers: good | bad}
mix: {size: 4, balance: [stars]}
"""
        + TAIL
    )
    _built(shop, rest)
    strata = json.loads(shop.emitted("manifest.json"))["balance"]["stars"]
    assert [row["achieved"] for row in strata] == [2, 2]


def test_examples_are_drawn_by_what_the_prompt_is_about(shop: Workshop) -> None:
    pool = [f"seed {number}" for number in range(40)]
    (shop.recipe.parent / "seeds.txt").write_text("\n".join(pool))
    rest = """\
tree:
  topic: {values: [law, jazz]}
  question: {prompt: "{{ examples | join(', ') }}: {{ topic }}", examples: {from: seeds.txt, k: 3}, branch: 4}
"""
    asked = _built(shop, rest)
    shown = [request.messages[-1].content.partition(":")[0] for request in asked]
    assert all(len(set(text.split(", "))) == 3 for text in shown)
    assert len(set(shown)) == len(shown)


def test_a_larger_pool_of_examples_asks_again_only_where_the_new_one_is_drawn(shop: Workshop) -> None:
    seeds = shop.recipe.parent / "seeds.txt"
    seeds.write_text("\n".join(f"seed {number}" for number in range(40)))
    rest = """\
tree:
  topic: {values: [law, jazz]}
  question: {prompt: "{{ examples | join(', ') }}: {{ topic }}", examples: {from: seeds.txt, k: 2}, branch: 20}
"""
    first = {request.key for request in _built(shop, rest)}
    seeds.write_text(seeds.read_text() + "\nseed 40")
    again = _built(shop, rest)
    assert 0 < len(again) < 10
    assert not {request.key for request in again} & first
    assert all("seed 40" in request.messages[-1].content for request in again)
