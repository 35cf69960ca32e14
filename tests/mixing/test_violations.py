"""Rows that an output refuses are an error, are left out or are repaired, as the recipe wants it."""

import json
from pathlib import Path
from typing import Literal

import polars as pl
import pytest

from tests import orchard
from tests.orchard import ANSWER, program, say
from tests.workshop import Workshop
from tgc import fingerprint, ir
from tgc.catalog import VERDICTS, Gathered
from tgc.errors import RecipeError
from tgc.formats.internvl import InternVL
from tgc.formats.llava import Llava
from tgc.formats.messages import Messages
from tgc.mixing import Selection, blend, select
from tgc.mixing.output.emit import emit

TAG = "What `<image>` and </s> mean."
SPACED = "What `<image >` and </s > mean."
ROWS = 8
REPAIRS = ", `escape` repairs them"

RECIPE = """\
name: demo
model: builtin:atlas
tree:
  question: {values: ["What is <image>?", "What is a tag?"], speaks: user}
  answer: {role: assistant, branch: 2, max_tokens: 8}
emit:
  - {format: llava}
"""


def told(recipe: ir.Program, *texts: str) -> Selection:
    """What is selected of an orchard in which the first answers are these."""
    nodes = orchard.nodes(4)
    for place, text in enumerate(texts):
        nodes = say(nodes, ANSWER + place, text)
    return select(recipe, Gathered(nodes), pl.DataFrame(schema=VERDICTS))


def llava(on_violation: Literal["fail", "drop", "escape"]) -> Llava:
    return Llava(path="mix.json", on_violation=on_violation)


def test_rows_that_break_a_rule_are_counted_and_named() -> None:
    with pytest.raises(RecipeError) as caught:
        told(program(emit=(Llava(), Messages())), "<image>", " ", "A </s> tag.", "<image>.")
    names = [f"`{fingerprint.spell(ANSWER + place)}`" for place in range(4)]
    assert {problem.code for problem in caught.value.diagnostics} == {"refused-row"}
    assert {problem.message for problem in caught.value.diagnostics} == {
        f"1 row cannot be written as `llava`: a text holds `</s>` (reserved-text), in {names[2]}",
        f"1 row cannot be written as `llava`: a turn is blank (blank-turn), in {names[1]}",
        f"2 rows cannot be written as `llava`: a text holds `<image>` (image-in-text), in {names[0]}, {names[3]}",
    }


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        (
            "<image>",
            "a text writes it as `<image >`; `on_violation: drop` leaves such rows out, `escape` repairs them",
        ),
        (" ", "every turn says something; `on_violation: drop` leaves such rows out"),
    ],
)
def test_a_remedy_is_offered_where_there_is_one(text: str, hint: str) -> None:
    with pytest.raises(RecipeError) as caught:
        told(program(emit=(Llava(),)), text)
    assert [problem.hint for problem in caught.value.diagnostics] == [hint]


def test_no_more_than_a_few_rows_are_named() -> None:
    with pytest.raises(RecipeError, match=r"8 rows cannot be written as `llava`: .*, …$"):
        told(program(emit=(Llava(),)), *(["<image>"] * ROWS))


def test_a_row_that_is_left_out_is_left_out_of_every_output() -> None:
    selection = told(program(emit=(Messages(), llava("drop"))), "A </s> tag.")
    assert selection.rows.height == ROWS - 1
    assert selection.drops == {"llava: a text holds `</s>`": 1}


def test_a_row_that_one_output_leaves_out_is_no_error_of_another() -> None:
    selection = told(program(emit=(Messages(), llava("drop"))), " ")
    assert selection.drops == {"llava: a turn is blank": 1}


def test_a_repair_is_counted_and_changes_no_other_output(tmp_path: Path) -> None:
    recipe = program(emit=(llava("escape"), InternVL(path="mix.jsonl")))
    emit(recipe, blend(recipe, told(recipe, TAG, "A </s> tag.")), tmp_path)
    answers = {row["conversations"][1]["value"] for row in json.loads((tmp_path / "mix.json").read_bytes())}
    others = (tmp_path / "mix.jsonl").read_text(encoding="utf-8")
    assert {SPACED, "A </s > tag."} <= answers
    assert json.dumps(TAG)[1:-1] in others
    assert SPACED not in others
    first, *rest = json.loads((tmp_path / "manifest.json").read_bytes())["files"]
    assert first["escaped"] == {"image-in-text": 1, "reserved-text": 2}
    assert {json.dumps(file["escaped"]) for file in rest} == {"{}"}


def test_what_nobody_can_repair_is_an_error_still() -> None:
    with pytest.raises(RecipeError, match="a turn is blank"):
        told(program(emit=(llava("escape"),)), " ", "<image>")


def test_a_build_that_fails_on_a_row_keeps_its_nodes_for_the_next(tmp_path: Path) -> None:
    workshop = Workshop(tmp_path)
    workshop.write(RECIPE)
    with pytest.raises(RecipeError, match="2 rows cannot be written as `llava`"):
        workshop.build()
    assert workshop.asked() == 4
    workshop.edit("{format: llava}", "{format: llava, on_violation: escape}")
    workshop.build()
    assert workshop.asked() == 0
    assert workshop.emitted("llava.json").count(b"What is <image >?") == 2
    assert workshop.plan().steps == ()
    workshop.edit("escape", "drop")
    workshop.build()
    assert len(json.loads(workshop.emitted("llava.json"))) == 2
