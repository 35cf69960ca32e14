"""Files are read back as what was written, and rows that clients choke on are refused."""

import json

import pytest

from tests.formats.rows import TEXTS, dialogue, seen, written
from tgc.dialogue import Conversation
from tgc.formats.base import Format
from tgc.formats.llava import Llava
from tgc.formats.messages import Messages
from tgc.registry import plugins

UNEVEN = "llava: turns do not alternate from a user's to an assistant's"
UNANSWERED = "llava: no answer at the end"
LLAVA = Llava(path="mix.json")
MESSAGES = Messages(path="mix.jsonl")


def test_llava_writes_an_array_with_a_row_per_line() -> None:
    golden = """\
[
{"id":"00000000000000ab","conversations":[{"from":"human","value":"A"},{"from":"gpt","value":"é"}]},
{"id":"00000000000000ab","conversations":[{"from":"human","value":"A"},{"from":"gpt","value":"B"}]}
]
"""
    assert written(LLAVA, dialogue("A", "é", system="Be."), dialogue("A", "B")).decode() == golden


def test_messages_writes_a_row_per_line() -> None:
    golden = """\
{"id":"00000000000000ab","messages":[{"role":"system","content":"Be."},\
{"role":"user","content":"A"},{"role":"assistant","content":"B"}]}
"""
    assert written(MESSAGES, dialogue("A", "B", system="Be.")).decode() == golden


def test_any_text_survives() -> None:
    (row,) = json.loads(written(LLAVA, dialogue(*TEXTS)))
    assert tuple(turn["value"] for turn in row["conversations"]) == TEXTS
    (line,) = written(MESSAGES, dialogue(*TEXTS)).splitlines()
    assert tuple(message["content"] for message in json.loads(line)["messages"]) == TEXTS


def test_llava_keeps_an_image_where_it_stood_and_what_else_a_row_had() -> None:
    golden = """\
[
{"id":"00000000000000ab","image":"a/cat.png","conversations":[{"from":"human","value":"So?\\n<image>"},\
{"from":"gpt","value":"A cat."}],"license":"CC0"}
]
"""
    assert written(LLAVA, seen("So?\n<image>", "A cat.")).decode() == golden


def test_messages_name_images_beside_texts_that_do_not() -> None:
    rows = (seen("<image>\nSo?", "A cat."), dialogue("So?", "Yes."))
    first, second = map(json.loads, written(MESSAGES, *rows).splitlines())
    assert first["images"] == ["a/cat.png"]
    assert first["messages"][0]["content"] == "So?"
    assert second["images"] is None


def test_messages_without_images_have_no_column_for_them() -> None:
    assert "images" not in json.loads(written(MESSAGES, dialogue("So?", "Yes.")))


def test_no_rows_are_still_a_file() -> None:
    assert json.loads(written(LLAVA)) == []
    assert written(MESSAGES) == b""


@pytest.mark.parametrize("output", [LLAVA, MESSAGES], ids=lambda output: output.format)
def test_an_ordinary_dialogue_is_taken(output: Format) -> None:
    assert output.refuse(dialogue(*TEXTS, "And?", "So.", system="Be brief.")) is None


@pytest.mark.parametrize(
    ("conversation", "reason"),
    [
        (dialogue("Look: <image>", "Yes."), "llava: a text holds `<image>`"),
        (dialogue("So?", "USER: a ASSISTANT: b"), "llava: a text holds `ASSISTANT:`"),
        (dialogue("So?", "End.</s>"), "llava: a text holds `</s>`"),
        (dialogue("So?", " \n"), "llava: a turn is blank"),
        (dialogue("So?", "\ud800"), "llava: a text is not valid Unicode"),
        (dialogue("So?", "Yes.", "And?"), UNANSWERED),
        (dialogue("Yes.", "So?", first="assistant"), UNANSWERED),
        (dialogue("Hello.", "So?", "Yes.", first="assistant"), UNEVEN),
        (Conversation("0", ()), UNANSWERED),
        (seen("So?", "A cat."), "llava: `<image>` is not once in a user's turn"),
        (seen("So?", "<image>"), "llava: `<image>` is not once in a user's turn"),
        (seen("<image>?", "A cat.", "<image>!", "So."), "llava: `<image>` is not once in a user's turn"),
        (seen("<image><image>?", "Cats.", images=("a", "b")), "llava: a row has more than one image"),
    ],
)  # fmt: skip
def test_llava_refuses_what_it_would_not_train_on(conversation: Conversation, reason: str) -> None:
    assert LLAVA.refuse(conversation) == reason


@pytest.mark.parametrize(
    ("conversation", "reason"),
    [
        (dialogue("So?", ""), "messages: a turn is blank"),
        (dialogue("So?", "\udfff"), "messages: a text is not valid Unicode"),
        (dialogue("So?"), "messages: no answer at the end"),
        (dialogue(), "messages: no answer at the end"),
        (dialogue("Is <image> a tag?", "No."), "messages: a text holds `<image>`"),
        (seen("<image>", "A cat."), "messages: a turn is blank"),
        (seen("<image><image>?", "A cat."), "messages: images and `<image>` differ in number"),
        (seen("So?", "No.", "<image>?", "A cat."), "messages: `<image>` is not in the user's first turn"),
    ],
)
def test_messages_refuses_what_is_no_dialogue(conversation: Conversation, reason: str) -> None:
    assert MESSAGES.refuse(conversation) == reason


def test_every_format_is_found_by_its_folder() -> None:
    assert {"llava", "messages"} <= set(plugins("formats"))
