"""One node and one row of a mix, against golden text."""

import json
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest

from tests import golden, orchard
from tgc import ir
from tgc.backends.base import Request, Shown
from tgc.catalog import NODES, Run
from tgc.corpus import Account, Row
from tgc.corpus.place import Place
from tgc.corpus.recorded import Asked
from tgc.dialogue import Message
from tgc.errors import Span
from tgc.origin import Origin
from tgc.render import node as screen
from tgc.render.table import width
from tgc.sampling import Sampling

GOLDEN = Path(__file__).parent / "node"
LEAF = 2**64 - 17
HOSTILE = "Up\x1b[9A\x9b1m and\r over \u202edrow.\n{{ 7 * 7 }} "
VERDICTS = {
    "recipe": pl.String,
    "filter": pl.String,
    "kept": pl.Boolean,
    "reason": pl.String,
    "score": pl.Float64,
}
EMISSIONS = ("recipe", "mix_id", "rows", "first")
RUN = Run(
    3,
    "orchard",
    "{}",
    {},
    {},
    "0123456789abcdef",
    True,
    datetime.fromisoformat("2026-11-22T18:05:09"),
    "done",
)
SPAN = Span("recipes/orchard.yaml", 12, 3, 6, "  answer: {role: assistant}")
MODEL = ir.Model("builtin:atlas", Origin("atlas"), "", 256)


def path() -> pl.DataFrame:
    wrote = {
        "request_key": "9a",
        "prompt_tokens": 1,
        "mean_logprob": -0.25,
        "model": MODEL.id,
        "run_id": 3,
    }
    answer = orchard.node("answer", LEAF, orchard.QUESTION, 2, "assistant", HOSTILE) | {"ordinal": 1, **wrote}
    question = orchard.node("question", orchard.QUESTION, orchard.TOPIC, 1, "user", "Why? " * 40) | wrote
    topic = orchard.node("topic", orchard.TOPIC, 0, 0, None, "law")
    return pl.DataFrame([topic | {"value": '{"name": "law", "year": 1800}'}, question, answer], schema=NODES)


def request(text: str) -> Request:
    chat = (Message("system", "Be dry."), Message("user", text))
    return Request("9a", chat, "assistant", Sampling(), 32, 77)


def account(
    path: pl.DataFrame,
    asked: Asked | str | None,
    verdicts: list[tuple[object, ...]],
    mixes: list[tuple[object, ...]],
) -> Account:
    return Account(
        path=path,
        siblings=2,
        asked=asked,
        run=RUN,
        places=(Place("orchard", "answer", SPAN), Place("other", "reply", None)),
        verdicts=pl.DataFrame(verdicts, schema=VERDICTS, orient="row"),
        emissions=pl.DataFrame(
            [dict(zip(EMISSIONS, mix, strict=True)) for mix in mixes],
            schema=dict.fromkeys(EMISSIONS),
        ),
    )


def place(position: int, leaf: int, split: str = "train", rejected: int = 9) -> dict[str, object]:
    return {"position": position, "split": split, "leaf_id": leaf, "rejected_id": rejected}


ANSWER = account(
    path(),
    Asked(request("Why?\x07"), MODEL, exact=True),
    [("orchard", "length", True, None, 12.0), ("orchard", "refusal", False, "says `I\x1b cannot`", None)],
    [("orchard", 2, 1, [place(4, LEAF, "held_out")]), ("orchard", 1, 7, [place(1, LEAF), place(2, 9)])],
)
TOPIC = account(path()[:1], None, [], [])
LOST = account(path()[:2], "there is no template `ask.j2`", [], [])
REJECTED = account(path(), None, [], [("orchard", 2, 1, [place(4, 9, rejected=LEAF)])])
ROW = Row("orchard", 2, 12, 4, "held_out", "orchard", None, 1, 9, ANSWER, (9, f"No.{HOSTILE}"))
BLENDED = Row("orchard", 2, 12, 5, "train", "share\x1bgpt.jsonl", 1_024, 3, 120, None, None)


@pytest.mark.parametrize(
    ("name", "row", "node", "given"),
    [
        ("answer", None, ANSWER, None),
        ("as_given", None, ANSWER, Shown("<s>Be dry.</s>\n<s>Why?\x07</s>", ())),
        ("topic", None, TOPIC, None),
        ("rejected", None, REJECTED, None),
        ("lost", None, LOST, None),
        ("row", ROW, ANSWER, None),
        ("blended", BLENDED, None, None),
    ],
)
def test_a_screen(name: str, row: Row | None, node: Account | None, given: Shown | None) -> None:
    text = screen.explain(row, node, given, 80)
    assert all(character == "\n" or character.isprintable() for character in text)
    assert max(map(width, text.splitlines())) <= 210  # a text is never cut, nor broken
    assert golden.same(text + "\n", GOLDEN / f"{name}.txt")


def test_a_request_that_is_not_the_very_one_says_so() -> None:
    text = screen.explain(None, account(path(), Asked(request("?"), MODEL, exact=False), [], []), None, 80)
    assert "asked, as near as can be told: what it is made of has changed since" in text


def test_json_has_everything_and_nothing_that_moves_the_cursor() -> None:
    text = screen.as_json(ROW, ANSWER, Shown("<s>", ()))
    told = json.loads(text)
    node = told["node"]
    assert told["row"]["position"] == 4
    assert (node["node_id"], node["text"], node["asked"]["text"]) == ("ffffffffffffffef", HOSTILE, "<s>")
    assert [above["level"] for above in node["lineage"]] == ["topic", "question"]
    assert node["lineage"][0]["value"] == {"name": "law", "year": 1800}
    assert node["recipes"][0] == {"recipe": "orchard", "level": "answer", "path": SPAN.path, "line": 12}
    assert [verdict["kept"] for verdict in node["verdicts"]] == [True, False]
    assert node["mixes"][0]["first"] == [
        {
            "position": 4,
            "split": "held_out",
            "leaf_id": "ffffffffffffffef",
            "rejected_id": "0000000000000009",
        }
    ]
    assert not {"\x1b", "\x9b", "\x07", "\r", "\u202e"} & set(text)


def test_json_of_a_row_from_a_file_has_no_node() -> None:
    told = json.loads(screen.as_json(BLENDED, None, None))
    assert (told["node"], told["row"]["source"]) == (None, "share\x1bgpt.jsonl")
