"""Rows to write: plain, long, with images, and each of the kinds that one client or another chokes on."""

import io
from dataclasses import replace

from tgc.dialogue import Conversation, Message, Role
from tgc.formats.base import Format
from tgc.registry import plugins

TEXTS = ("Was heißt »猫«?", 'A "cat",\n\tor \\ \u2028 \x00 👍')
FORMATS: dict[str, Format] = {
    name: cls.model_validate({})
    for name, cls in plugins("formats").items()
    if issubclass(cls, Format) and not cls.paired
}


def dialogue(*texts: str, first: Role = "user", system: str | None = None) -> Conversation:
    roles: tuple[Role, Role] = ("user", "assistant") if first == "user" else ("assistant", "user")
    opening = (Message("system", system),) if system is not None else ()
    turns = tuple(Message(roles[place % 2], text) for place, text in enumerate(texts))
    return Conversation("00000000000000ab", opening + turns, source="orchard")


def seen(*texts: str, images: tuple[str, ...] = ("a/cat.png",)) -> Conversation:
    return replace(dialogue(*texts), images=images, extras={"license": "CC0"})


def written(output: Format, *conversations: Conversation) -> bytes:
    out = io.BytesIO()
    output.write(conversations, out)
    return out.getvalue()
