"""Answers to the same turn as pairs: of two levels, or the best and the worst by a score."""

import json
from pathlib import Path

import pytest

from tests.workshop import Workshop
from tgc.dialogue import Conversation, Message
from tgc.formats.dpo import DPO
from tgc.formats.llamafactory import LlamaFactory
from tgc.linting import lint

TWO = """\
name: demo
model: builtin:atlas
tree:
  topic: {values: [physics, law, music, law books]}
  question: {role: user, system: "Talk about {{ topic }}.", branch: 6, max_tokens: 16}
  answer: {role: assistant, branch: 2, max_tokens: 32}
  weak: {role: assistant, under: question, branch: 3, max_tokens: 16, sampling: {temperature: 2.0}}
mix:
  size: 16
  pairs: {chosen: answer, rejected: weak}
  balance: [topic]
  split: {validation: 0.3, by: question}
emit:
  - {format: dpo}
  - {format: messages}
"""

SCORED = """\
name: demo
model: builtin:atlas
tree:
  question: {values: [a, b, c, d, e, f, g, h], speaks: user}
  answer: {role: assistant, branch: 4, max_tokens: 16}
  stars: {score: "Rate {{ answer }}.", answers: 1..5}
mix: {pairs: {chosen: answer, rejected: answer, by: stars, margin: 2}}
emit: [{format: dpo}]
"""

NAMES = ("dpo.jsonl", "dpo.validation.jsonl")

ANSWERS = """
select q.text as question, a.text as answer, s.text as stars
from nodes s
join nodes a on s.parent_id = a.node_id
join nodes q on a.parent_id = q.node_id
where s.level = 'stars'
"""

Row = dict[str, list[dict[str, str]]]


def rows(workshop: Workshop, name: str = "dpo.jsonl") -> list[Row]:
    return [json.loads(line) for line in workshop.emitted(name).splitlines()]


def built(root: Path, recipe: str) -> Workshop:
    workshop = Workshop(root)
    workshop.write(recipe)
    workshop.build()
    return workshop


def test_answers_of_two_levels_are_chosen_and_rejected(tmp_path: Path) -> None:
    workshop = built(tmp_path, TWO)
    found = rows(workshop) + rows(workshop, "dpo.validation.jsonl")
    assert len(found) == 16
    for row in found:
        assert [turn["role"] for turn in row["prompt"]] == ["user"]
        assert row["chosen"][0]["content"] in workshop.texts("answer")
        assert row["rejected"][0]["content"] in workshop.texts("weak")
    assert workshop.plan().steps == ()


def test_balance_split_and_size_hold_for_pairs(tmp_path: Path) -> None:
    workshop = built(tmp_path, TWO)
    told = json.loads(workshop.emitted("manifest.json"))
    assert [stratum["achieved"] for stratum in told["balance"]["topic"]] == [4, 4, 4, 4]
    assert told["rows"] == {"asked": 16, "achieved": 16}
    asked = [{row["prompt"][-1]["content"] for row in rows(workshop, name)} for name in NAMES]
    assert all(asked)
    assert not asked[0] & asked[1]


def test_every_answer_that_is_no_row_is_counted(tmp_path: Path) -> None:
    told = json.loads(built(tmp_path, TWO).emitted("manifest.json"))
    assert told["drops"] == {
        "beyond the size asked for": 32,
        "rejected in a pair": 48,
        "without a counterpart in a pair": 24,
    }
    assert told["rows"]["achieved"] + sum(told["drops"].values()) == 24 * 5


def test_other_formats_write_the_answers_that_are_chosen(tmp_path: Path) -> None:
    workshop = built(tmp_path, TWO)
    chosen = [[*row["prompt"], *row["chosen"]] for row in rows(workshop)]
    assert [row["messages"] for row in rows(workshop, "messages.jsonl")] == chosen


def test_of_siblings_the_best_is_chosen_and_the_worst_rejected(tmp_path: Path) -> None:
    workshop = built(tmp_path, SCORED)
    stars: dict[str, int] = {}
    siblings: dict[str, list[int]] = {}
    for question, answer, number in workshop.sql(ANSWERS).iter_rows():
        stars[answer] = int(number)
        siblings.setdefault(question, []).append(int(number))
    wanted = {
        name: (max(given), min(given)) for name, given in siblings.items() if max(given) - min(given) >= 2
    }
    found = {
        row["prompt"][-1]["content"]: (
            stars[row["chosen"][0]["content"]],
            stars[row["rejected"][0]["content"]],
        )
        for row in rows(workshop)
    }
    assert found == wanted
    assert found


def test_changing_the_pairs_asks_no_model(tmp_path: Path) -> None:
    workshop = built(tmp_path, SCORED)
    before = len(rows(workshop))
    workshop.asked()
    workshop.edit("margin: 2", "margin: 4")
    workshop.build()
    assert workshop.asked() == 0
    assert len(rows(workshop)) < before


def test_clients_of_pairs_get_both_answers_as_they_spell_them(tmp_path: Path) -> None:
    outputs = "[{format: dpo}, {format: swift}, {format: llamafactory}]"
    workshop = built(tmp_path, SCORED.replace("[{format: dpo}]", outputs))
    listed = json.loads(workshop.emitted("llamafactory/dataset_info.json"))["demo"]
    assert listed["ranking"] is True
    assert listed["columns"] == {name: name for name in ("chosen", "rejected", "images")} | {
        "messages": "conversations"
    }
    others = json.loads(workshop.emitted("llamafactory/data.json"))
    swifts = map(json.loads, workshop.emitted("swift.jsonl").splitlines())
    for row, swift, other in zip(rows(workshop), swifts, others, strict=True):
        assert swift["messages"] == [*row["prompt"], *row["chosen"]]
        assert swift["rejected_response"] == row["rejected"][0]["content"]
        assert [turn["from"] for turn in other["conversations"]] == ["human"]
        assert other["chosen"] == {"from": "gpt", "value": row["chosen"][0]["content"]}
        assert other["rejected"] == {"from": "gpt", "value": row["rejected"][0]["content"]}
    mix = tmp_path / "warehouse" / "mixes" / "demo"
    assert lint(mix / "llamafactory" / "data.json", [LlamaFactory()]).findings == []


@pytest.mark.parametrize(
    ("rejected", "flaw"),
    [
        ("No.", None),
        (None, "no answer is rejected"),
        ("Yes.", "the same answer is chosen and rejected"),
        (" ", "a turn is blank"),
        ("\ud800", "a text is not valid Unicode"),
        ("An <image>.", "a text holds `<image>`"),
    ],
)
def test_what_is_no_pair_is_refused(rejected: str | None, flaw: str | None) -> None:
    said = (Message("user", "So?"), Message("assistant", "Yes."))
    assert DPO().flaw(Conversation("a", said, rejected=rejected)) == flaw


def test_pairs_are_checked_in_any_file(tmp_path: Path) -> None:
    workshop = built(tmp_path, SCORED)
    path = tmp_path / "warehouse" / "mixes" / "demo" / "dpo.jsonl"
    assert lint(path, [DPO()]).findings == []
    row = rows(workshop)[0]
    path.write_text(
        json.dumps({**row, "rejected": row["chosen"]}) + "\n" + json.dumps({**row, "chosen": "Yes."})
    )
    assert [found.flaw.rule for found in lint(path, [DPO()]).findings] == ["pair", "row-shape", "mixed-types"]
