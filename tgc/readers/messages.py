"""Chat messages, as TRL, Axolotl, ms-swift and OpenAI have them."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from typing import ClassVar, Literal

from tgc.dialogue import IMAGE, Message
from tgc.readers.base import BadRowError, Reader, mappings, message, path

NAMES = ("image", "path", "image_url", "url")
"""Where a part names its image."""


class Messages(Reader):
    """`messages` of `{role, content}`; content is text, or parts of text and images.

    Images of a row without a place are shown at the beginning of the user's first turn, as trainers do.
    """

    keys: ClassVar[frozenset[str]] = frozenset({"messages"})

    format: Literal["messages"] = "messages"

    def messages(self, row: Mapping[str, object]) -> tuple[Message, ...]:
        """The turns, parts joined; line breaks set images apart."""
        turns = mappings(row, "messages")
        said = tuple(message(turn.get("role"), _text(turn.get("content"))) for turn in turns)
        placed = any(IMAGE in turn.content for turn in said)
        return said if placed else _shown(said, len(self.pictures(row)))

    def pictures(self, row: Mapping[str, object]) -> tuple[str, ...]:
        """Those of the row, then those that parts name."""
        contents = (turn.get("content") for turn in mappings(row, "messages"))
        parts = (part for content in contents if isinstance(content, list) for part in content)
        return (*super().pictures(row), *(named for part in parts for named in _named(part)))


def _text(content: object) -> object:
    if not isinstance(content, list):
        return content
    pieces = ["", *map(_piece, content)]
    apart = ("\n" if one and IMAGE in (one, other) else "" for one, other in pairwise(pieces))
    return "".join(gap + piece for gap, piece in zip(apart, pieces[1:], strict=True))


def _piece(part: object) -> str:
    match part:
        case {"type": "text", "text": str(text)}:
            return text
        case {"type": "image" | "image_url"}:
            return IMAGE
        case _:
            raise BadRowError("a part should be of text or an image")


def _named(part: object) -> tuple[str, ...]:
    """The image that a part names, if it is one and does."""
    if not isinstance(part, dict) or part.get("type") not in ("image", "image_url"):
        return ()
    given = next((part[name] for name in NAMES if part.get(name)), None)
    if isinstance(given, dict) and "url" in given:
        given = given["url"]
    return () if given is None else (path(given),)


def _shown(said: tuple[Message, ...], images: int) -> tuple[Message, ...]:
    """What is said, with images at the beginning of the user's first turn."""
    first = next((place for place, turn in enumerate(said) if turn.role == "user"), None)
    if not images or first is None:
        return said
    turn = replace(said[first], content=f"{IMAGE}\n" * images + said[first].content)
    return (*said[:first], turn, *said[first + 1 :])
