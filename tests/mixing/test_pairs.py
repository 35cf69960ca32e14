"""Answers to the same turn as pairs: of two levels, or the best and the worst by a score."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.mixing import avenue
from tests.orchard import node
from tests.workshop import Workshop
from tgc import ir
from tgc.catalog import NODES, VERDICTS, Gathered
from tgc.cli import main
from tgc.dialogue import Conversation, Message
from tgc.fingerprint import spell
from tgc.formats.dpo import DPO
from tgc.formats.llamafactory import LlamaFactory
from tgc.linting import lint
from tgc.mixing import select
from tgc.warehouse import read

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

ASKED = {"role": "user", "content": "So?"}
YES = {"role": "assistant", "content": "Yes."}
NO = {"role": "assistant", "content": "No."}

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


def test_a_row_knows_the_answer_that_it_rejects_and_nothing_forgets_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workshop = built(tmp_path, TWO)
    ends = workshop.sql("select leaf_id, rejected_id from mix_rows order by position")
    weak = workshop.sql("select node_id, text from nodes where level = 'weak'")
    texts = dict(weak.iter_rows())
    with read(tmp_path / "warehouse" / "tgc.duckdb") as reader:
        assert reader is not None
        assert set(map(spell, reader.cited().tolist())) == {*ends["leaf_id"], *ends["rejected_id"]}
    monkeypatch.chdir(tmp_path)
    told = json.loads(CliRunner().invoke(main, ["show", "demo:3", "--format", "json"]).stdout)
    rejected = told["row"]["rejected"]
    assert rejected == {"node_id": ends["rejected_id"][3], "text": texts[ends["rejected_id"][3]]}
    assert "rejected in row 3 (" in CliRunner().invoke(main, ["show", rejected["node_id"]]).stdout


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


BLENDED = """\
name: demo
model: builtin:atlas
tree:
  question: {values: [a, b, c, d, e, f, g, h], speaks: user}
  answer: {role: assistant, branch: 2, max_tokens: 16}
  weak: {role: assistant, under: question, branch: 2, max_tokens: 16, sampling: {temperature: 2.0}}
filters: [{kind: decontaminate, against: [bench.jsonl], ngram: 4}]
mix:
  size: 14
  dedupe: {by: folded}
  pairs: {chosen: answer, rejected: weak}
  split: {validation: 0.3, by: question}
  blend: [{source: mine.jsonl, format: preference, share: 0.5, repeat: 2}]
emit: [{format: dpo}, {format: swift}, {format: llamafactory}, {format: messages}]
"""

HIT = "one two three four five"


def preference(number: int, rejected: str | None = None) -> dict[str, object]:
    """A row as LLaMA-Factory and TRL have it, by turns."""
    if number % 2:
        answers = {"chosen": f"Yes {number}.", "rejected": rejected or f"No {number}."}
        return {"id": f"mine {number}", "prompt": f"So {number}?", **answers}
    asked = [{"from": "human", "value": f"So {number}?"}]
    chosen = {"from": "gpt", "value": f"Yes {number}."}
    return {
        "id": f"mine {number}",
        "conversations": asked,
        "chosen": chosen,
        "rejected": {"from": "gpt", "value": rejected or f"No {number}."},
    }


def blended(root: Path, recipe: str = BLENDED) -> Workshop:
    """Of nine rows seven are new: one holds a benchmark in the answer it rejects, one repeats another."""
    given = [*map(preference, range(6)), preference(1, "Maybe."), preference(6, HIT), preference(2, "NO 2!")]
    workshop = Workshop(root)
    lines = "".join(json.dumps(row) + "\n" for row in given)
    (root / "recipes" / "mine.jsonl").write_text(lines, encoding="utf-8")
    (root / "recipes" / "bench.jsonl").write_text(json.dumps({"text": HIT}), encoding="utf-8")
    workshop.write(recipe)
    workshop.build()
    return workshop


def test_rows_of_preferences_are_blended_with_pairs_of_the_tree(tmp_path: Path) -> None:
    workshop = blended(tmp_path)
    found = rows(workshop) + rows(workshop, "dpo.validation.jsonl")
    mine = [row for row in rows(workshop) if str(row["id"]).startswith("mine")]
    wanted = {(f"So {n}?", f"Yes {n}.", f"No {n}.") for n in range(6)} | {("So 1?", "Yes 1.", "Maybe.")}
    texts = {tuple(row[part][0]["content"] for part in ("prompt", "chosen", "rejected")) for row in mine}
    assert texts == wanted
    assert len(found) == 2 * len(mine) == 28
    told = json.loads(workshop.emitted("manifest.json"))["blend"][0]
    assert (told["read"], told["chosen"], told["repeats"]) == (9, 7, 7)
    assert [entry["line"] for entry in told["left_out"]] == [8, 9]
    assert workshop.plan().steps == ()


def test_both_answers_of_files_reach_every_client_of_pairs(tmp_path: Path) -> None:
    workshop = blended(tmp_path)
    swifts = [json.loads(line) for line in workshop.emitted("swift.jsonl").splitlines()]
    others = json.loads(workshop.emitted("llamafactory/data.json"))
    plain = rows(workshop, "messages.jsonl")
    for row, swift, other, only in zip(rows(workshop), swifts, others, plain, strict=True):
        said = [*row["prompt"], *row["chosen"]]
        assert swift["messages"] == only["messages"] == said
        assert swift["rejected_response"] == other["rejected"]["value"] == row["rejected"][0]["content"]
        assert other["chosen"]["value"] == said[-1]["content"]


def test_a_mix_without_pairs_takes_the_answers_that_are_chosen(tmp_path: Path) -> None:
    emit = "emit: [{format: swift}, {format: llamafactory}]"
    recipe = BLENDED.replace("  pairs: {chosen: answer, rejected: weak}\n", "").split("emit:")[0] + emit
    workshop = blended(tmp_path, recipe)
    found = rows(workshop, "swift.jsonl")
    assert {row["messages"][-1]["content"] for row in found} >= {f"Yes {n}." for n in range(6)}
    assert not any("rejected_response" in row for row in found)
    listed = json.loads(workshop.emitted("llamafactory/dataset_info.json"))["demo"]
    assert "ranking" not in listed
    others = json.loads(workshop.emitted("llamafactory/data.json"))
    assert all(set(row) == {"id", "conversations", "images"} for row in others)
    told = json.loads(workshop.emitted("manifest.json"))
    assert told["pairs"] is None
    assert [entry["line"] for entry in told["blend"][0]["left_out"]] == [7, 9]


def test_the_manifest_says_what_became_of_all_answers(tmp_path: Path) -> None:
    workshop = Workshop(tmp_path)
    workshop.write(TWO.replace("mix:", "filters: [{kind: length, level: answer, min_chars: 26}]\nmix:"))
    workshop.build()
    told = json.loads(workshop.emitted("manifest.json"))["pairs"]
    assert told["candidates"] == {"answer": 48, "weak": 72}
    assert set(told["left_out"]) == {"length", "without a counterpart in a pair"}
    assert sum(told["left_out"].values()) + 2 * told["made"] == 120
    assert told["scores"] is None


def test_the_manifest_says_what_pairs_score_and_why_answers_are_in_none(tmp_path: Path) -> None:
    workshop = built(tmp_path, SCORED.replace("margin: 2", "margin: 4"))
    told = json.loads(workshop.emitted("manifest.json"))["pairs"]
    stars: dict[str, list[int]] = {}
    for question, _, number in workshop.sql(ANSWERS).iter_rows():
        stars.setdefault(question, []).append(int(number))
    ends = [(max(given), min(given)) for given in stars.values()]
    far = [(high, low) for high, low in ends if high - low >= 4]
    assert told["candidates"] == {"answer": 32}
    assert told["made"] == len(far)
    assert told["scores"] == {
        "chosen": pytest.approx(sum(high for high, _ in far) / len(far)),
        "rejected": pytest.approx(sum(low for _, low in far) / len(far)),
    }
    assert told["left_out"] == {
        "neither the best nor the worst of its siblings": 2 * len(far),
        "too close in score to be a pair": 4 * (len(ends) - len(far)),
    }


@pytest.mark.parametrize(
    ("row", "rules"),
    [
        ({"prompt": "So?", "chosen": "Yes.", "rejected": "No."}, []),
        ({"chosen": [ASKED, YES], "rejected": [ASKED, NO]}, []),
        ({"prompt": [ASKED], "chosen": [YES], "rejected": [NO]}, []),
        ({"prompt": "So?", "chosen": "Yes.", "rejected": "Yes."}, ["pair"]),
        ({"prompt": "So?", "chosen": [YES], "rejected": [NO]}, ["row-shape"]),
        ({"prompt": "So?", "chosen": "Yes."}, ["row-shape"]),
        ({"chosen": [YES], "rejected": [NO]}, ["turn-order"]),
        (
            {"prompt": [ASKED], "chosen": [YES], "rejected": [{"role": "gpt", "content": "No."}]},
            ["unknown-role"],
        ),
    ],
)
def test_rows_of_trl_are_checked_however_they_are_spelled(
    row: dict[str, object], rules: list[str], tmp_path: Path
) -> None:
    path = tmp_path / "mine.jsonl"
    path.write_text(json.dumps(row) + "\n")
    assert [found.flaw.rule for found in lint(path, [DPO()]).findings] == rules


TOLD_APART = ir.Mix(None, (), None, pairs=ir.Pairs("answer", "answer", "stars", 2))
SCORES = st.lists(st.sampled_from([None, "1", "2", "3", "4"]), min_size=12, max_size=12)


def judged(scores: Sequence[str | None]) -> tuple[ir.Program, pl.DataFrame]:
    """Three questions with four answers each, and what a level makes of these in the order of their ids."""
    program = avenue.program(TOLD_APART)
    judge = ir.Level("stars", "answer", 3, 1, ir.Score(None, None), None, None, "", ())  # type: ignore[arg-type]
    nodes = avenue.nodes({"law": 2, "art": 1}, answers=4, replies=0)
    answers = nodes.filter(pl.col("level") == "answer")["node_id"].sort()
    given = [
        node("stars", 7 + place, answer, 3, None, score)
        for place, (answer, score) in enumerate(zip(answers, scores, strict=True))
        if score is not None
    ]
    everything = pl.concat([nodes, pl.DataFrame(given, schema=NODES)])
    return replace(program, levels=(*program.levels, judge)), everything


@settings(max_examples=50)
@given(SCORES)
def test_every_answer_is_chosen_rejected_or_told_of(scores: list[str | None]) -> None:
    program, nodes = judged(scores)
    selection = select(program, Gathered(nodes), pl.DataFrame(schema=VERDICTS))
    turns = [[int(score) for score in scores[start : start + 4] if score] for start in (0, 4, 8)]
    ends = [(max(turn), min(turn)) for turn in turns if turn and max(turn) - min(turn) >= 2]
    told = selection.pairs
    assert told is not None
    assert selection.rows.height == told.made == len(ends)
    assert 2 * told.made + sum(told.left_out.values()) == 12
    assert told.left_out.get("without a score to be in a pair", 0) == scores.count(None)
    assert told.scores is not None
    means = [sum(each) / len(ends) for each in zip(*ends, strict=True)] or [None, None]
    assert [told.scores.chosen, told.scores.rejected] == pytest.approx(means)


TURNS = """\
name: {name}
model: builtin:atlas
tree:
  question: {{values: [a, b, c, d], speaks: user}}
  answer: {{role: assistant, branch: 2, max_tokens: 16}}
  stars: {{score: "Rate {{{{ answer }}}}.", answers: 1..5}}
  followup: {{role: user, under: answer, max_tokens: 16}}
  reply: {{role: assistant, branch: 2, max_tokens: 16}}
  marks: {{score: "Rate {{{{ reply }}}}.", answers: 1..5}}
mix: {mix}
emit: [{{format: dpo}}]
"""
EARLY = "{pairs: {chosen: answer, rejected: answer, by: stars}}"
LATE = """
  pairs: {chosen: reply, rejected: reply, by: marks}
  blend: [{source: warehouse/mixes/demo/dpo.jsonl, format: preference}]"""


def test_pairs_of_another_turn_are_a_recipe_on_the_same_tree(tmp_path: Path) -> None:
    workshop = built(tmp_path, TURNS.format(name="demo", mix=EARLY))
    early, asked = len(rows(workshop)), {request.key for request in workshop.backend.asked}
    workshop.asked()
    workshop.write(TURNS.format(name="late", mix=LATE))
    workshop.build()
    assert not asked & {request.key for request in workshop.backend.asked}
    lines = (tmp_path / "warehouse" / "mixes" / "late" / "dpo.jsonl").read_text().splitlines()
    turns = [len(json.loads(line)["prompt"]) for line in lines]
    assert set(turns) == {1, 3}
    assert turns.count(1) == early


ASKED_OFTEN = """\
name: demo
model: builtin:atlas
tree:
  topic: {values: [a, b, c]}
  question: {role: user, system: "Talk about {{ topic }}.", max_tokens: 16}
  answer: {role: assistant, branch: 4, max_tokens: 16}
  stars: {score: "Rate {{ answer }}.", answers: 1..5}
mix: {size: 9, refill: {question: 8}, pairs: {chosen: answer, rejected: answer, by: stars, margin: 2}}
emit: [{format: dpo}]
"""


def test_a_mix_that_lacks_pairs_by_score_needs_more_turns_to_answer(tmp_path: Path) -> None:
    workshop = built(tmp_path, ASKED_OFTEN)
    assert json.loads(workshop.emitted("manifest.json"))["rows"] == {"asked": 9, "achieved": 9}
    workshop.edit("refill: {question: 8}, ", "")
    workshop.build()
    assert json.loads(workshop.emitted("manifest.json"))["needs"]["level"] == "question"
