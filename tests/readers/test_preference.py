"""Rows of preferences, however they are spelled, are two conversations that differ in their last answer."""

import json
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Literal

import polars as pl
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tgc.dialogue import Conversation, Message
from tgc.formats.base import Format
from tgc.formats.dpo import DPO
from tgc.formats.llamafactory import LlamaFactory
from tgc.formats.swift import Swift
from tgc.readers.base import BadRowError
from tgc.readers.preference import Preference
from tgc.records import Record
from tgc.registry import plugins

READER = Preference(source="a.jsonl")

USER = {"role": "user", "content": "So?"}
SYSTEM = {"role": "system", "content": "Be."}
YES = {"role": "assistant", "content": "Yes."}
NO = {"role": "assistant", "content": "No."}
HUMAN = {"from": "human", "value": "So?"}
GPT = {"from": "gpt", "value": "Yes."}
GPT_NO = {"from": "gpt", "value": "No."}

ASKED = (Message("user", "So?"), Message("assistant", "Yes."))
OPENED = (Message("system", "Be."), *ASKED)
BEFORE = (Message("user", "Who?"), Message("assistant", "I."))
EARLIER = [{"role": said.role, "content": said.content} for said in BEFORE]
HH = "\n\nHuman: Who?\n\nAssistant: I.\n\nHuman: So?\n\nAssistant: "

ROLES: tuple[Literal["user", "assistant"], ...] = ("user", "assistant")
TEXTS = st.text(min_size=1).filter(str.strip)
PAIRS = st.builds(
    lambda turns, yes, no: Conversation(
        "7",
        tuple(Message(ROLES[place % 2], text) for place, text in enumerate([*turns, yes])),
        rejected=no,
    ),
    st.lists(TEXTS, min_size=3, max_size=3) | st.lists(TEXTS, min_size=1, max_size=1),
    TEXTS,
    TEXTS,
)
OUTPUTS = (DPO(), Swift(), LlamaFactory(path="data.jsonl"))


def said(row: object) -> Conversation:
    return READER.conversation(Record(1, row), "a-1")


@pytest.mark.parametrize(
    ("row", "messages"),
    [
        ({"prompt": "So?", "chosen": "Yes.", "rejected": "No."}, ASKED),
        ({"prompt": [USER], "chosen": [YES], "rejected": [NO]}, ASKED),
        ({"prompt": [SYSTEM, USER], "chosen": [YES], "rejected": [NO]}, OPENED),
        ({"prompt": [USER], "chosen": "Yes.", "rejected": "No."}, ASKED),
        ({"chosen": [USER, YES], "rejected": [USER, NO]}, ASKED),
        ({"chosen": [*EARLIER, USER, YES], "rejected": [*EARLIER, USER, NO]}, (*BEFORE, *ASKED)),
        ({"prompt": "So?", "chosen": [USER, YES], "rejected": [USER, NO], "messages": [USER, YES]}, ASKED),
        ({"system": "Be.", "chosen": [USER, YES], "rejected": [USER, NO]}, OPENED),
        ({"system": "Be.", "chosen": [SYSTEM, USER, YES], "rejected": [SYSTEM, USER, NO]}, OPENED),
        ({"chosen": HH + "Yes.", "rejected": HH + "No."}, (*BEFORE, *ASKED)),
        ({"system": "Be.", "question": "So?", "chosen": "Yes.", "rejected": "No."}, OPENED),
        ({"conversations": [HUMAN], "chosen": GPT, "rejected": GPT_NO}, ASKED),
        ({"conversations": [HUMAN], "chosen": GPT, "rejected": GPT_NO, "system": "Be."}, OPENED),
        ({"messages": [USER], "chosen": YES, "rejected": NO}, ASKED),
        ({"instruction": "So?", "input": "", "chosen": "Yes.", "rejected": "No."}, ASKED),
        ({"input": "So?", "chosen": "Yes.", "rejected": "No.", "system": ""}, ASKED),
        (
            {"instruction": "So?", "history": [["Who?", "I."]], "chosen": "Yes.", "rejected": "No."},
            (*BEFORE, *ASKED),
        ),
        (
            {"instruction": "Add.", "input": "1, 2", "chosen": "Yes.", "rejected": "No."},
            (Message("user", "Add.\n1, 2"), ASKED[1]),
        ),
        ({"messages": [USER, YES], "rejected_response": "No."}, ASKED),
        ({"messages": [*EARLIER, USER, YES], "rejected_response": "No."}, (*BEFORE, *ASKED)),
        ({"messages": [USER, YES], "rejected_messages": [USER, NO], "rejected_response": None}, ASKED),
    ],
)
def test_a_row_becomes_a_conversation_and_what_it_rejects(row: object, messages: tuple[Message, ...]) -> None:
    found = said(row)
    assert (found.messages, found.rejected) == (messages, "No.")
    assert not found.extras


@pytest.mark.parametrize(
    ("row", "images"),
    [
        ({"prompt": [USER], "chosen": [YES], "rejected": [NO], "images": ["a.png"]}, ("a.png",)),
        ({"prompt": "So?", "chosen": "Yes.", "rejected": "No.", "image": "a.png"}, ("a.png",)),
        (
            {
                "prompt": [{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": "So?"}]}],
                "chosen": [{"role": "assistant", "content": [{"type": "text", "text": "Yes."}]}],
                "rejected": [NO],
                "images": ["a.png"],
            },
            ("a.png",),
        ),
    ],
)
def test_an_image_is_shown_in_what_is_asked(row: object, images: tuple[str, ...]) -> None:
    found = said(row)
    assert found.images == images
    assert found.messages == (Message("user", "<image>\nSo?"), ASKED[1])
    assert found.rejected == "No."


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ([], "a row should be a mapping"),
        ({"prompt": "So?", "chosen": "Yes."}, "a row without `rejected`"),
        ({"prompt": "So?", "rejected": "No."}, "a row without `chosen`"),
        ({"messages": [USER, YES]}, "a row without `chosen`"),
        ({"prompt": "So?", "chosen": "Yes.", "rejected": 3}, "`rejected` should be a list of turns"),
        ({"prompt": 3, "chosen": "Yes.", "rejected": "No."}, "what is said should be text"),
        ({"prompt": "So?", "chosen": [], "rejected": []}, "`chosen` is no answer to what is asked"),
        (
            {"chosen": "Yes.", "rejected": "No."},
            "nothing is asked; an answer that is a text has a `prompt` beside it",
        ),
        (
            {"prompt": "So?", "chosen": "Yes.", "rejected": "Yes."},
            "the same answer is chosen and rejected",
        ),
        (
            {"prompt": "Why?", "chosen": [USER, YES], "rejected": [USER, NO]},
            "`chosen` is no answer to what is asked",
        ),
        (
            {"chosen": [USER, YES], "rejected": [{**USER, "content": "Why?"}, NO]},
            "`chosen` and `rejected` differ in more than the last turn",
        ),
        (
            {"prompt": [USER], "chosen": [YES, USER, YES], "rejected": [NO, USER, YES]},
            "`chosen` and `rejected` differ in more than the last turn",
        ),
        ({"chosen": [USER], "rejected": [USER]}, "`chosen` and `rejected` should end with an answer"),
        (
            {"prompt": [USER], "chosen": [{"role": "tool", "content": "3"}], "rejected": [NO]},
            "an unknown speaker: `tool`",
        ),
    ],
)
def test_what_is_no_preference_is_told(row: object, message: str) -> None:
    with pytest.raises(BadRowError) as caught:
        said(row)
    assert str(caught.value) == message


@pytest.mark.parametrize("output", OUTPUTS)
@given(pair=PAIRS)
def test_what_formats_write_is_read_again_word_for_word(output: Format, pair: Conversation) -> None:
    assume(output.flaw(pair) is None)
    written = BytesIO()
    output.write([pair], written)
    found = said(json.loads(written.getvalue()))
    assert (found.id, found.messages, found.rejected) == ("7", pair.messages, pair.rejected)


LEAVES = st.none() | st.integers() | st.text(max_size=4) | st.just("\n\nHuman: a\n\nAssistant: b")
SPEAKERS = LEAVES | st.sampled_from(ROLES)
CONTENT = st.lists(st.fixed_dictionaries({"type": LEAVES | st.just("text"), "text": LEAVES}), max_size=2)
TURNS = st.fixed_dictionaries(
    {}, optional={"role": SPEAKERS, "content": LEAVES | CONTENT, "from": SPEAKERS, "value": LEAVES}
)
VALUES = LEAVES | TURNS | st.lists(LEAVES | TURNS, max_size=3)


@given(st.dictionaries(st.sampled_from(sorted(Preference.keys)), VALUES))
def test_whatever_a_row_is_it_is_told_or_has_two_answers(row: dict[str, object]) -> None:
    with suppress(BadRowError):
        found = said(row)
        assert found.messages[-1].role == "assistant"
        assert found.rejected not in (None, found.messages[-1].content)


def test_rows_of_parquet_are_read(tmp_path: Path) -> None:
    rows = [{"prompt": [SYSTEM, USER], "chosen": [YES], "rejected": [NO], "score": 3.5}] * 2
    pl.DataFrame(rows).write_parquet(tmp_path / "a.parquet")
    found = [row.found for row in READER.read(tmp_path / "a.parquet", None)]
    assert [(row.messages, row.rejected) for row in found if isinstance(row, Conversation)] == [
        (OPENED, "No.")
    ] * 2


def test_it_is_found_by_its_name() -> None:
    assert plugins("readers")["preference"] is Preference
