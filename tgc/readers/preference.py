"""Answers of which one is preferred, as TRL, LLaMA-Factory, ms-swift and HH-RLHF have them."""

import re
from collections.abc import Mapping
from typing import ClassVar, Literal

from tgc.dialogue import IMAGE, Message
from tgc.readers.base import BadRowError, Picture, Reader, history, mappings, message, opening, parts

ASKING = ("prompt", "question", "instruction", "conversations", "messages")
"""Under which keys it stands what is asked; of several the first counts."""

ANSWERS = ("chosen", "rejected", "rejected_response", "rejected_messages")

SPEAKER = re.compile(r"\n\n(Human|Assistant): ?")
"""What precedes a turn in the texts of HH-RLHF."""

Turns = tuple[Message, ...]


class Preference(Reader):
    """`chosen` and `rejected`, answers to a `prompt` or whole conversations; `messages` and `rejected_response`.

    However it is spelled, a row is two conversations that differ in their last answer alone.
    """

    keys: ClassVar[frozenset[str]] = frozenset({*ASKING, *ANSWERS, "input", "system", "history"})
    paired: ClassVar[bool] = True

    format: Literal["preference"] = "preference"

    def messages(self, row: Mapping[str, object]) -> tuple[Message, ...]:
        """The conversation that ends with the answer that is chosen."""
        return self.both(row)[0]

    def both(self, row: Mapping[str, object]) -> tuple[tuple[Message, ...], str]:
        """The same, and the answer with which the other one ends."""
        said, other = _both(row)
        placed = any(IMAGE in turn.content for turn in said)
        return said if placed else parts.shown(said, len(self.pictures(row))), other[-1].content

    def pictures(self, row: Mapping[str, object]) -> tuple[Picture, ...]:
        """Those of the row, then those that parts name of what is asked, or else of what is chosen."""
        lists = (key for key in ("prompt", "messages", "chosen") if isinstance(row.get(key), list))
        key = next(lists, None)
        return (*super().pictures(row), *(parts.named(mappings(row, key)) if key else ()))


def _both(row: Mapping[str, object]) -> tuple[Turns, Turns]:
    """The conversation with the answer that is chosen, and the one with the other."""
    told = _told_apart(row)
    asked, first = _asked(told), opening(told)
    said, other = (_whole(first, _said(asked, key, told.get(key))) for key in ("chosen", "rejected"))
    if said[:-1] != other[:-1]:
        raise BadRowError("`chosen` and `rejected` differ in more than the last turn")
    if {said[-1].role, other[-1].role} != {"assistant"}:
        raise BadRowError("`chosen` and `rejected` should end with an answer")
    if said == other:
        raise BadRowError("the same answer is chosen and rejected")
    return said, other


def _told_apart(row: Mapping[str, object]) -> Mapping[str, object]:
    """A row of ms-swift with both answers by the names that others use; any other as it is."""
    match row:
        case {"messages": [*asked, chosen], "rejected_response": rejected} if rejected is not None:
            return {**row, "messages": asked, "chosen": [chosen], "rejected": rejected}
        case {"messages": list(chosen), "rejected_messages": list(rejected)}:
            return {**row, "messages": None, "chosen": chosen, "rejected": rejected}
        case _:
            return row


def _asked(row: Mapping[str, object]) -> Turns:
    """What both answer; nothing where they say it themselves."""
    key = next((key for key in ASKING if row.get(key)), "input")
    if isinstance(row.get(key), list):
        return _turns(key, row[key])
    texts = [row[name] for name in dict.fromkeys((key, "input")) if row.get(name)]
    asked = "\n".join(message("user", text).content for text in texts)
    return (*history(row), Message("user", asked)) if asked else ()


def _said(asked: Turns, key: str, given: object) -> Turns:
    """The turns that end with an answer, whether it says what is asked or not."""
    if given is None:
        raise BadRowError(f"a row without `{key}`")
    if isinstance(given, str):
        return (*asked, Message("assistant", given)) if asked else _spoken(given)
    said = _turns(key, [given] if isinstance(given, dict) else given)
    if said and said[0].role == "assistant":
        return (*asked, *said)
    if not said or not set(asked) <= set(said):
        raise BadRowError(f"`{key}` is no answer to what is asked")
    return said


def _whole(first: Turns, said: Turns) -> Turns:
    return said if said[:1] == first else (*first, *said)


def _spoken(text: str) -> Turns:
    """The turns of a text of HH-RLHF."""
    before, *turns = SPEAKER.split(text)
    if before or not turns:
        raise BadRowError("nothing is asked; an answer that is a text has a `prompt` beside it")
    return tuple(message(who.lower(), said) for who, said in zip(turns[::2], turns[1::2], strict=True))


def _turns(key: str, given: object) -> Turns:
    return tuple(_turn(turn) for turn in mappings({key: given}, key))


def _turn(turn: Mapping[str, object]) -> Message:
    """By either pair of keys."""
    content = turn.get("content", turn.get("value"))
    return message(turn.get("role", turn.get("from")), parts.text(content))
