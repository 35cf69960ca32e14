"""Rows that have their turns under several keys, such as a prompt apart from its answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tgc.dialogue import Message
from tgc.formats.base.rule import Flaw
from tgc.formats.base.spelling import MESSAGES, Spelling


@dataclass(frozen=True, slots=True)
class Parted:
    """What is said under each of the keys that a row has; nothing where that cannot be read.

    Attributes:
        said: by each key, in their order.
        flaws: every way in which turns are not spelled as they should be.
    """

    said: tuple[tuple[Message, ...], ...]
    flaws: tuple[Flaw, ...] = ()


def parted(row: Mapping[str, object], keys: Sequence[str]) -> Parted | None:
    """What a row says under those keys that it has; None where something else than turns stands under one."""
    given = [row[key] for key in keys if key in row]
    if not all(isinstance(turns, list) and turns for turns in given):
        return None
    read = [Spelling((MESSAGES,)).read({MESSAGES.key: turns}) for turns in given]
    flaws = tuple(flaw for part in read for flaw in part.flaws)
    said = tuple(part.conversation.messages for part in read if part.conversation)
    return Parted(said if len(said) == len(read) else (), flaws)
