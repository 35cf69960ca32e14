"""Who says what in a row, by whatever names."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Literal

from tgc.dialogue import Message
from tgc.errors import nearest
from tgc.readers.base.bad_row import BadRowError

SPEAKERS: Mapping[str, Literal["system", "user", "assistant"]] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "human": "user",
    "input": "user",
    "prompter": "user",
    "assistant": "assistant",
    "gpt": "assistant",
    "chatgpt": "assistant",
    "bard": "assistant",
    "bing": "assistant",
    "model": "assistant",
    "output": "assistant",
}
"""Who speaks, by what files call them."""

PAIRS = "`history` should be a list of pairs"

CALLS = ("tool_calls", "function_call")
"""Under which keys a turn asks for more than it says."""

LEARNED = ("weight", "loss", "train")
"""Under which keys an answer may say that it is not to be learned."""

LONGEST = 40
"""Characters of a name that are shown."""

PLAIN = 2
"""Keys of a turn that has a speaker and a text, and nothing else."""


def message(speaker: object, text: object) -> Message:
    """A turn of somebody who has a name in `SPEAKERS`.

    Raises:
        BadRowError: nobody is called that, or it is not text.
    """
    if speaker is None:
        raise BadRowError("a turn names no speaker")
    role = SPEAKERS.get(speaker) if isinstance(speaker, str) else None
    if role is None:
        shown = str(speaker)[:LONGEST]
        raise BadRowError("an unknown speaker", f": `{shown}`", _known(shown))
    if not isinstance(text, str):
        raise BadRowError("what is said should be text")
    return Message(role, text)


def under(key: str, row: Mapping[str, object], speaker: str) -> Message:
    """The turn whose text stands under a key.

    Raises:
        BadRowError: no text does.
    """
    if not isinstance(row.get(key), str):
        raise BadRowError(f"`{key}` should be text")
    return message(speaker, row[key])


def opening(row: Mapping[str, object]) -> tuple[Message, ...]:
    """The system prompt that stands beside the turns, if one does.

    Raises:
        BadRowError: it is not text.
    """
    return () if row.get("system") in (None, "") else (under("system", row, "system"),)


def mappings(row: Mapping[str, object], key: str) -> list[dict[str, object]]:
    """The turns that stand under a key.

    Raises:
        BadRowError: something else does, or a turn is more than what it says.
    """
    given = row.get(key)
    if not isinstance(given, list):
        raise BadRowError(f"`{key}` should be a list of turns")
    for turn in given:
        if not isinstance(turn, dict):
            raise BadRowError(f"`{key}` should be a list of turns")
        if len(turn) > PLAIN:
            _refuse(turn)
    return given


@lru_cache(LONGEST)
def _known(speaker: str) -> str | None:
    """Who may have been meant; asked for each of many rows, which know few names."""
    return nearest(speaker.strip().lower(), SPEAKERS)


def _refuse(turn: Mapping[str, object]) -> None:
    """Tell of what would be lost, for a message is who says what."""
    called = next((key for key in CALLS if turn.get(key)), None)
    if called:
        raise BadRowError(f"a turn with `{called}`, which no output takes")
    masked = next((key for key in LEARNED if turn.get(key) in (0, False)), None)
    if masked and SPEAKERS.get(str(turn.get("role", turn.get("from")))) == "assistant":
        raise BadRowError(f"an answer that is not to be learned, by its `{masked}`; no output can say so")


def history(row: Mapping[str, object]) -> tuple[Message, ...]:
    """The earlier turns of a row of Alpaca.

    Raises:
        BadRowError: they are not pairs of texts.
    """
    pairs = row.get("history") or []
    if not isinstance(pairs, list):
        raise BadRowError(PAIRS)
    return tuple(turn for pair in pairs for turn in _exchange(pair))


def _exchange(pair: object) -> tuple[Message, Message]:
    match pair:
        case [asked, answered]:
            return message("user", asked), message("assistant", answered)
        case _:
            raise BadRowError(PAIRS)
