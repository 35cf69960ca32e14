"""Rows of every shape become conversations, and what is wrong with a row is said of it."""

import json
from base64 import b64encode
from pathlib import Path

import polars as pl
import pytest

from tgc.dialogue import Conversation, Message
from tgc.readers.alpaca import Alpaca
from tgc.readers.base import BadRowError, Reader, Row
from tgc.readers.llava import Llava
from tgc.readers.llava_next import LlavaNext
from tgc.readers.messages import Messages
from tgc.readers.prompt_completion import PromptCompletion
from tgc.readers.sharegpt import Sharegpt
from tgc.records import Record
from tgc.registry import plugins

DATA = Path(__file__).parents[3] / "shared" / "data"
real = pytest.mark.skipif(not DATA.exists(), reason="the shared data sets lie beside the repository")

LLAVA = Llava(source="a.json")
NEXT = LlavaNext(source="a.jsonl")
SHAREGPT = Sharegpt(source="a.json")
MESSAGES = Messages(source="a.jsonl")
ALPACA = Alpaca(source="a.json")
COMPLETION = PromptCompletion(source="a.jsonl")

ASKED = (Message("user", "So?"), Message("assistant", "Yes."))
SEEN = (Message("user", "<image>\nSo?"), Message("assistant", "Yes."))
OPENED = (Message("system", "Be."), *ASKED)
TURNS = [{"from": "human", "value": "So?"}, {"from": "gpt", "value": "Yes."}]
CHAT = [{"role": "user", "content": "So?"}, {"role": "assistant", "content": "Yes."}]
PICTURED = [{"from": "human", "value": "<image>\nSo?"}, {"from": "gpt", "value": "Yes."}]


CAT = b"\x89PNG"
INLINE = f"data:image/png;base64,{b64encode(CAT).decode()}"


def said(reader: Reader, row: object) -> Conversation:
    return reader.conversation(Record(1, row), "a-1")


def chat(*parts: object) -> dict[str, object]:
    return {"messages": [{"role": "user", "content": [*parts]}, CHAT[1]]}


@pytest.mark.parametrize(
    ("reader", "row", "messages"),
    [
        (LLAVA, {"conversations": TURNS}, ASKED),
        (NEXT, {"conversations": TURNS}, ASKED),
        (NEXT, {"conversations": CHAT}, ASKED),
        (SHAREGPT, {"conversations": TURNS, "system": "Be."}, OPENED),
        (SHAREGPT, {"conversations": [{"from": "system", "value": "Be."}, *TURNS]}, OPENED),
        (SHAREGPT, {"conversations": [TURNS[0], {"from": "chatgpt", "value": "Yes."}], "system": ""}, ASKED),
        (MESSAGES, {"messages": CHAT}, ASKED),
        (MESSAGES, {"messages": [{"role": "system", "content": "Be."}, *CHAT]}, OPENED),
        (MESSAGES, chat({"type": "text", "text": "S"}, {"type": "text", "text": "o?"}), ASKED),
        (ALPACA, {"instruction": "So?", "input": "", "output": "Yes."}, ASKED),
        (ALPACA, {"instruction": "So?", "output": "Yes.", "system": "Be.", "history": None}, OPENED),
        (
            ALPACA,
            {"instruction": "Add.", "input": "1, 2", "output": "3", "history": [["So?", "Yes."]]},
            (*ASKED, Message("user", "Add.\n1, 2"), Message("assistant", "3")),
        ),
        (COMPLETION, {"prompt": "So?", "completion": "Yes."}, ASKED),
        (COMPLETION, {"prompt": [{"role": "system", "content": "Be."}, CHAT[0]], "completion": CHAT[1:]}, OPENED),
    ],
)  # fmt: skip
def test_a_row_becomes_a_conversation(reader: Reader, row: object, messages: tuple[Message, ...]) -> None:
    assert said(reader, row).messages == messages


@pytest.mark.parametrize(
    ("reader", "row", "images"),
    [
        (LLAVA, {"conversations": PICTURED, "image": "a/b.png"}, ("a/b.png",)),
        (NEXT, {"conversations": PICTURED, "image": ["a.png"]}, ("a.png",)),
        (SHAREGPT, {"conversations": PICTURED, "images": ["a.png"]}, ("a.png",)),
        (MESSAGES, {"messages": CHAT, "images": ["a.png"]}, ("a.png",)),
        (COMPLETION, {"prompt": "So?", "completion": "Yes.", "images": ["a.png"]}, ("a.png",)),
        (COMPLETION, {"prompt": chat({"type": "image"}, {"type": "text", "text": "So?"})["messages"],
         "completion": [], "images": ["a.png"]}, ("a.png",)),
        (MESSAGES, {"messages": CHAT, "images": [{"bytes": None, "path": "a.png"}]}, ("a.png",)),
        (MESSAGES, {"messages": CHAT, "images": [{"image": "a.png"}]}, ("a.png",)),
        (MESSAGES, chat({"type": "image", "image": "a.png"}, {"type": "text", "text": "So?"}), ("a.png",)),
        (MESSAGES, chat({"type": "image_url", "image_url": {"url": "a.png"}}, {"type": "text", "text": "So?"}),
         ("a.png",)),
        (MESSAGES, {"images": ["a.png"], **chat({"type": "image"}, {"type": "text", "text": "So?", "url": None})},
         ("a.png",)),
    ],
)  # fmt: skip
def test_an_image_stands_where_it_is_shown(reader: Reader, row: object, images: tuple[str, ...]) -> None:
    found = said(reader, row)
    assert (found.messages, found.images) == (SEEN, images)


@pytest.mark.parametrize(
    ("reader", "row"),
    [
        (LLAVA, {"conversations": PICTURED, "image": CAT}),
        (LLAVA, {"conversations": PICTURED, "image": {"bytes": CAT, "path": "../cat.png"}}),
        (MESSAGES, {"messages": CHAT, "images": [{"bytes": CAT, "path": None}]}),
        (MESSAGES, chat({"type": "image", "bytes": CAT}, {"type": "text", "text": "So?"})),
        (
            MESSAGES,
            chat({"type": "image_url", "image_url": {"url": INLINE}}, {"type": "text", "text": "So?"}),
        ),
    ],
)
def test_an_image_that_stands_in_a_row_is_named_by_what_it_is(reader: Reader, row: object) -> None:
    found = said(reader, row)
    assert (found.messages, found.images) == (SEEN, ("images/070d3b3c795cd5e15ad12953ce31f4e3.png",))
    assert found.held == {found.images[0]: CAT}


def test_images_of_a_row_all_stand_in_it_or_none_does(tmp_path: Path) -> None:
    row = {"messages": CHAT, "images": [{"bytes": CAT, "path": None}, {"bytes": None, "path": "a.png"}]}
    pl.DataFrame([row]).write_parquet(tmp_path / "a.parquet")
    (bad,) = MESSAGES.read(tmp_path / "a.parquet", None)
    assert str(bad.found) == "of several images one is held in the row, and one is not"


@pytest.mark.parametrize("image", [None, "", []])
def test_a_row_of_text_may_spell_that_it_has_no_image(image: object) -> None:
    assert said(LLAVA, {"conversations": TURNS, "image": image}).images == ()


def test_an_image_between_texts_is_set_apart() -> None:
    parts = [
        {"type": "text", "text": "Is"},
        {"type": "image", "path": "a.png"},
        {"type": "text", "text": "it?"},
    ]
    assert said(MESSAGES, chat(*parts)).messages[0].content == "Is\n<image>\nit?"


def test_a_row_keeps_its_id_and_what_else_it_has() -> None:
    row = {"id": 33, "conversations": TURNS, "license": "CC0", "note": None}
    assert said(SHAREGPT, row) == Conversation("33", ASKED, (), "a.json", {"license": "CC0"})
    assert said(SHAREGPT, {"conversations": TURNS}).id == "a-1"


@pytest.mark.parametrize(
    ("reader", "row", "message"),
    [
        (LLAVA, ["So?"], "a row should be a mapping"),
        (LLAVA, {"messages": CHAT}, "`conversations` should be a list of turns"),
        (LLAVA, {"conversations": ["So?"]}, "`conversations` should be a list of turns"),
        (LLAVA, {"conversations": [{"from": "system", "value": "Be."}]},
         "only `human` and `gpt` speak, not `system`"),
        (LLAVA, {"conversations": [{"from": "human", "value": None}]}, "what is said should be text"),
        (LLAVA, {"conversations": TURNS, "video": "a.mp4"}, "a row with `video`, which no output takes"),
        (LLAVA, {"conversations": TURNS, "image": 3}, "an image should be a path, or bytes"),
        (LLAVA, {"conversations": TURNS, "image": "https://a.org/b.png"},
         "an image is an address, not a path: `https://a.org/b.png`"),
        (LLAVA, {"conversations": TURNS, "image": "FILE:///a/b.png"},
         "an image is an address, not a path: `FILE:///a/b.png`"),
        (SHAREGPT, {"conversations": [{"from": "tool", "value": "So?"}]}, "an unknown speaker: `tool`"),
        (SHAREGPT, {"conversations": [{"value": "So?"}]}, "a turn names no speaker"),
        (SHAREGPT, {"conversations": [{"from": ["human"], "value": "So?"}]}, "an unknown speaker: `['human']`"),
        (SHAREGPT, {"conversations": TURNS, "system": 0}, "`system` should be text"),
        (MESSAGES, {"messages": [CHAT[0], {**CHAT[1], "tool_calls": [{"id": "a"}]}]},
         "a turn with `tool_calls`, which no output takes"),
        (MESSAGES, {"messages": [CHAT[0], {**CHAT[1], "weight": 0}]},
         "an answer that is not to be learned, by its `weight`; no output can say so"),
        (MESSAGES, {"messages": CHAT, "images": [{"bytes": b"", "path": "a.png"}]},
         "an image is in no known format"),
        (MESSAGES, {"messages": CHAT, "images": [{"bytes": None, "path": None}]},
         "an image should be a path, or bytes"),
        (MESSAGES, chat({"type": "image_url", "image_url": {"url": "data:image/png;base64,!"}}),
         "an image is not base64"),
        (MESSAGES, chat({"type": "image_url", "image_url": {"url": "data:text/html;base64,AAAA"}}),
         "an image is an address, not a path: `data:text/html;base64,AAAA`"),
        (MESSAGES, chat({"type": "input_audio"}), "a part should be of text or an image"),
        (MESSAGES, chat({"type": "text", "text": "So?", "image": "a.png"}),
         "a part should be of text or an image"),
        (ALPACA, {"instruction": "So?"}, "`output` should be text"),
        (ALPACA, {"instruction": "So?", "input": 0, "output": "Yes."}, "`input` should be text"),
        (COMPLETION, {"prompt": "So?", "response": "Yes."}, "`completion` should be text"),
        (ALPACA, {"instruction": "So?", "output": "Yes.", "history": [["Why?"]]},
         "`history` should be a list of pairs"),
        (COMPLETION, {"prompt": "So?", "completion": [3]}, "`completion` should be a list of turns"),
    ],
)  # fmt: skip
def test_a_row_of_another_shape_is_told(reader: Reader, row: object, message: str) -> None:
    with pytest.raises(BadRowError) as caught:
        said(reader, row)
    assert str(caught.value) == message


def test_a_line_with_a_list_is_told_what_such_a_file_is_called() -> None:
    with pytest.raises(BadRowError) as caught:
        said(LLAVA, [{"conversations": TURNS}])
    assert caught.value.hint == "a list of rows stands in a file called `.json`"


def test_a_line_that_is_not_json_is_a_bad_row(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps({"messages": CHAT}) + "\nso\n", encoding="utf-8")
    good, bad = MESSAGES.read(path, None)
    assert isinstance(good.found, Conversation)
    assert (bad.line, str(bad.found)) == (2, "not JSON: expecting value")
    assert isinstance(bad.found, BadRowError)
    assert bad.found.reason == "not JSON"


@pytest.mark.parametrize("speaker", ["user", "human", "prompter", "input"])
def test_whoever_asks_is_the_user(speaker: str) -> None:
    turns = [{"from": speaker, "value": "So?"}, {"from": "output", "value": "Yes."}]
    assert said(SHAREGPT, {"conversations": turns}).messages == ASKED


def test_a_speaker_of_nearly_a_known_name_is_hinted_at() -> None:
    with pytest.raises(BadRowError) as caught:
        said(SHAREGPT, {"conversations": [{"from": "Human ", "value": "So?"}]})
    assert caught.value.hint == "a similar name is known: `human`"


def test_turns_may_say_that_they_are_learned_and_that_they_call_nothing() -> None:
    turns = [{**CHAT[0], "train": False}, {**CHAT[1], "weight": 1, "tool_calls": None}]
    assert said(MESSAGES, {"messages": turns}).messages == ASKED


@pytest.mark.parametrize("key", ["id", "more", "image", "conversations"])
def test_a_row_that_is_nested_too_deeply_is_told(key: str, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    deep = f'{{"{key}": {"[" * 950}{"]" * 950}, "messages": {json.dumps(CHAT)}}}'
    path.write_text(deep, encoding="utf-8")
    (row,) = MESSAGES.read(path, None)
    assert isinstance(row.found, Conversation | BadRowError)


@pytest.mark.parametrize("text", ["a\0b", "\u2028", "\r\n", "\x85 \ufeff", "e\u0301", "\U0001f600", " So? "])
def test_what_is_said_is_kept_to_the_last_character(text: str, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps({"messages": [CHAT[0], {"role": "assistant", "content": text}]}), "utf-8")
    (row,) = MESSAGES.read(path, None)
    assert isinstance(row.found, Conversation)
    assert row.found.messages[-1].content == text


def test_an_image_has_to_be_in_its_folder_and_one(tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    (folder / "album").mkdir(parents=True)
    (folder / "there.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (folder / "page.png").write_bytes(b"<html>404</html>")
    (tmp_path / "secret.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    names = (
        "there.png",
        "gone.png",
        "page.png",
        "album",
        "../secret.png",
        str(tmp_path / "secret.png"),
        "a\0",
    )
    rows = [{"conversations": PICTURED, "image": name} for name in names]
    path = tmp_path / "a.json"
    path.write_text(json.dumps(rows), encoding="utf-8")
    there, *others = LLAVA.read(path, folder)
    assert isinstance(there.found, Conversation)
    assert [row.found.reason for row in others if isinstance(row.found, BadRowError)] == [
        "an image is not there",
        "an image is in no known format",
        "an image is not there",
        "an image is outside of its folder",
        "an image is outside of its folder",
        "an image is not there",
    ]


def test_parquet_gives_the_same_rows(tmp_path: Path) -> None:
    rows = [{"messages": CHAT, "images": ["a.png"]}, {"messages": CHAT, "images": None}]
    pl.DataFrame(rows).write_parquet(tmp_path / "a.parquet")
    seen, plain = (row.found for row in MESSAGES.read(tmp_path / "a.parquet", None))
    assert isinstance(seen, Conversation)
    assert (seen.messages, seen.images) == (SEEN, ("a.png",))
    assert isinstance(plain, Conversation)
    assert (plain.messages, plain.images) == (ASKED, ())


def test_what_json_cannot_hold_is_not_kept(tmp_path: Path) -> None:
    row = {"messages": CHAT, "id": b"a", "hash": b"0", "more": [{"hash": b"0"}], "license": "CC0"}
    pl.DataFrame([row]).write_parquet(tmp_path / "a.parquet")
    (found,) = (row.found for row in MESSAGES.read(tmp_path / "a.parquet", None))
    assert isinstance(found, Conversation)
    assert (found.id, found.extras) == ("a-1", {"license": "CC0"})


def test_every_reader_is_found_by_its_folder() -> None:
    names = {"alpaca", "llava", "llava_next", "messages", "prompt_completion", "sharegpt"}
    assert names <= set(plugins("readers"))


def conversations(rows: list[Row]) -> list[Conversation]:
    return [row.found for row in rows if isinstance(row.found, Conversation)]


@real
def test_real_conversations_are_read() -> None:
    rows = list(SHAREGPT.read(DATA / "mt_bench" / "data" / "dummy_conversation.json", None))
    assert len(conversations(rows)) == len(rows) == 500
    assert conversations(rows)[0].id == "identity_0"


@real
def test_real_images_are_found_and_stay_at_the_end_of_their_turns() -> None:
    demo = DATA / "qwenvl_demo" / "qwen-vl-finetune"
    rows = list(LLAVA.read(demo / "demo" / "single_images.json", demo))
    first = conversations(rows)[0]
    assert len(conversations(rows)) == len(rows)
    assert first.images == ("demo/images/10095.png",)
    assert first.messages[0].content == "Is the value of Favorable 38 in 2015?\n<image>"


@real
def test_real_videos_are_told() -> None:
    demo = DATA / "qwenvl_demo" / "qwen-vl-finetune" / "demo"
    told = {str(row.found) for row in LLAVA.read(demo / "video.json", None)}
    assert told == {"a row with `video`, which no output takes"}
