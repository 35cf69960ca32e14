"""Who says what in a row, by whatever names."""

from collections.abc import Mapping
from typing import Literal

from tgc.dialogue import Message
from tgc.readers.base.bad_row import BadRowError

SPEAKERS: Mapping[object, Literal["system", "user", "assistant"]] = {
    "system": "system",
    "user": "user",
    "human": "user",
    "assistant": "assistant",
    "gpt": "assistant",
    "chatgpt": "assistant",
    "bard": "assistant",
    "bing": "assistant",
}
"""Who speaks, by what files call them."""


def message(speaker: object, text: object) -> Message:
    """A turn of somebody who has a name in `SPEAKERS`.

    Raises:
        BadRowError: nobody is called that, or it is not text.
    """
    role = SPEAKERS.get(speaker) if isinstance(speaker, str) else None
    if role is None:
        raise BadRowError("an unknown speaker", f": `{speaker}`")
    if not isinstance(text, str):
        raise BadRowError("what is said should be text")
    return Message(role, text)


def mappings(row: Mapping[str, object], key: str) -> list[dict[str, object]]:
    """The list of mappings that stands under a key.

    Raises:
        BadRowError: something else does.
    """
    given = row.get(key)
    if not isinstance(given, list) or not all(isinstance(item, dict) for item in given):
        raise BadRowError(f"`{key}` should be a list of turns")
    return given
