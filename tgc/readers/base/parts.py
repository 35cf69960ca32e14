"""Content of a turn that is text, or parts of text and images as OpenAI and TRL have them."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import pairwise

from tgc.dialogue import IMAGE, Message
from tgc.readers.base.bad_row import BadRowError
from tgc.readers.base.images import Picture, picture

NAMES = ("image", "bytes", "path", "image_url", "url")
"""Where a part names or holds its image."""


def text(content: object) -> object:
    """Parts joined, images set apart by line breaks; what is no list of parts as it is.

    Raises:
        BadRowError: a part is neither text nor an image.
    """
    if not isinstance(content, list):
        return content
    pieces = ["", *map(_piece, content)]
    apart = ("\n" if one and IMAGE in (one, other) else "" for one, other in pairwise(pieces))
    return "".join(gap + piece for gap, piece in zip(apart, pieces[1:], strict=True))


def named(turns: Iterable[Mapping[str, object]]) -> tuple[Picture, ...]:
    """The images that parts of turns name, or hold.

    Raises:
        BadRowError: something else stands there.
    """
    contents = (turn.get("content") for turn in turns)
    parts = (part for content in contents if isinstance(content, list) for part in content)
    return tuple(image for part in parts for image in _named(part))


def shown(said: tuple[Message, ...], images: int) -> tuple[Message, ...]:
    """What is said, with images at the beginning of the user's first turn."""
    first = next((place for place, turn in enumerate(said) if turn.role == "user"), None)
    if not images or first is None:
        return said
    turn = replace(said[first], content=f"{IMAGE}\n" * images + said[first].content)
    return (*said[:first], turn, *said[first + 1 :])


def _piece(part: object) -> str:
    match part:
        case {"type": "text", "text": str(text), **more} if not any(map(more.get, NAMES)):
            return text
        case {"type": "image" | "image_url"}:
            return IMAGE
        case _:
            raise BadRowError("a part should be of text or an image")


def _named(part: object) -> tuple[Picture, ...]:
    """The image that a part names or holds, if it is one and does."""
    if not isinstance(part, dict) or part.get("type") not in ("image", "image_url"):
        return ()
    given = next((part[name] for name in NAMES if part.get(name)), None)
    if isinstance(given, dict) and "url" in given:
        given = given["url"]
    return () if given is None else (picture(given),)
