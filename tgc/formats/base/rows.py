"""How rows are spelled and written: in the keys of clients, as a JSON array, as JSON lines."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import BinaryIO

from pydantic_core import to_json

from tgc.dialogue import IMAGE, Conversation, Message

Row = Mapping[str, object]
Write = Callable[[Iterable[Row], BinaryIO], None]

SPEAKERS = {"system": "system", "user": "human", "assistant": "gpt"}
"""Roles as ShareGPT calls them."""

PLACES = re.compile(rf"{IMAGE}\n?|\n{IMAGE}$")
"""What shows an image in a text, with the line break that sets it apart."""


def said(messages: Iterable[Message]) -> list[dict[str, str]]:
    """Messages as OpenAI spells them: role and content."""
    return [{"role": message.role, "content": message.content} for message in messages]


def told(messages: Iterable[Message]) -> list[dict[str, str]]:
    """Messages as ShareGPT spells them: from and value."""
    return [{"from": SPEAKERS[message.role], "value": message.content} for message in messages]


def bare(messages: Sequence[Message]) -> tuple[Message, ...]:
    """Messages that do not say where images are, for clients that put them into the user's first turn."""
    return tuple(_bare(message) if IMAGE in message.content else message for message in messages)


def llava(conversation: Conversation, messages: Sequence[Message]) -> Row:
    """A row as LLaVA has it, with `image` only where there is one, a list where there are several."""
    first, *more = conversation.images or (None,)
    image = {"image": [first, *more] if more else first} if first else {}
    return {"id": conversation.id, **image, "conversations": told(messages), **conversation.extras}


def messages(conversations: Iterable[Conversation]) -> Iterator[Row]:
    """Rows of messages; where there are images, each has `images` too, null on rows of text."""
    pictured = False
    for conversation in conversations:
        pictured = pictured or bool(conversation.images)
        images = {"images": list(conversation.images) or None} if pictured else {}
        yield {"id": conversation.id, "messages": said(bare(conversation.messages)), **images}


def writer(path: str) -> Write:
    """Lines for a file that is called `.jsonl`, else an array."""
    return lines if path.endswith(".jsonl") else array


def array(rows: Iterable[Row], out: BinaryIO) -> None:
    """One JSON array, a row per line; streaming."""
    opening = b"[\n"
    for row in rows:
        out.write(opening + _json(row))
        opening = b",\n"
    out.write(b"[]\n" if opening == b"[\n" else b"\n]\n")


def lines(rows: Iterable[Row], out: BinaryIO) -> None:
    """A row of JSON per line; streaming."""
    out.writelines(_json(row) + b"\n" for row in rows)


def _bare(message: Message) -> Message:
    return Message(message.role, PLACES.sub("", message.content))


def _json(row: Row) -> bytes:
    return to_json(row)
