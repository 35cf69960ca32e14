"""Content addresses: what is identity, what is not, and how ids, keys and seeds follow from it."""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b, file_digest
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

VERSION = 1
"""Raise it when the same recipe shall mean other texts; every node of an older version is then orphaned."""

Ids = NDArray[np.uint64]

Parts = tuple[tuple[str, str], ...]
"""The identity of each aspect of a level, by its name in the `TABLE`."""


@dataclass(frozen=True, slots=True)
class Part:
    """One aspect of a recipe: whether it is identity, and why."""

    name: str
    identity: bool
    reason: str


TABLE = (
    Part("seed", True, "another seed asks for another sample"),
    Part("kind and role", True, "who speaks decides where the chat template is cut"),
    Part("template", True, "its text and its partials' texts are the prompt"),
    Part("system", True, "it is the first message of the prompt"),
    Part("model", True, "id, revision and content: weights, tokenizer and chat template write the text"),
    Part("sampling", True, "temperature and truncation shape the distribution"),
    Part("max_tokens", True, "a text cut at another length is another text"),
    Part("stop", True, "a text cut at another string is another text"),
    Part("answers", True, "the shape decides which tokens may be drawn"),
    Part("examples", True, "they are shown in the prompt"),
    Part("ancestors", True, "their texts are in the prompt"),
    Part("value", True, "a value is known by its content, so that a list can be reordered"),
    Part("branch", False, "raising it appends siblings, lowering it hides the last"),
    Part("when", False, "it says under which parents to ask, not what"),
    Part("distinct", False, "it picks among siblings and rewrites none"),
    Part("filters", False, "they judge what was written"),
    Part("mix and emit", False, "they select and format what was written"),
    Part("profile", False, "where a text was generated does not say what was asked"),
    Part("names", False, "levels, files, tags and the recipe may be renamed"),
    Part("layout", False, "comments, white space and key order carry no meaning"),
)


def digest(*parts: str) -> str:
    """32 hex digits over length-prefixed parts.

    >>> digest("a", "bc") == digest("ab", "c")
    False
    """
    return blake2b(b"".join(map(_framed, parts)), digest_size=16).hexdigest()


def of_ids(*columns: Ids) -> str:
    """32 hex digits over columns of ids, each in its order.

    >>> of_ids(np.array([1, 2], dtype=np.uint64)) == of_ids(*np.array([[1], [2]], dtype=np.uint64))
    False
    """
    state = blake2b(digest_size=16)
    for column in columns:
        state.update(len(column).to_bytes(8, "little"))
        state.update(np.ascontiguousarray(column, dtype="<u8").data)
    return state.hexdigest()


def of_file(path: Path) -> str:
    """The sha256 of a file's bytes in hex, as `sha256sum` and git-lfs have it.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as content:
        return file_digest(content, "sha256").hexdigest()


def request_key(level: str, chat: str, ordinal: int) -> str:
    """What would be asked: digests of a level's own parts (model, sampling, limits, role, seed) and of a chat.

    16 hex digits: as for `children`, a clash among 10 million requests is a 3-in-a-million event.

    >>> request_key("a", "b", 7) == digest("request", str(VERSION), "a", "b", "7")[:16]
    True
    """
    return spell(*request_words(level, chat, (ordinal,)))


def request_words(level: str, chat: str, ordinals: Iterable[int]) -> list[int]:
    """The `head` of each sibling's `request_key`, in a third of the time.

    >>> request_words("a", "b", [7]) == [head(request_key("a", "b", 7))]
    True
    """
    shared = blake2b(b"".join(map(_framed, ("request", str(VERSION), level, chat))), digest_size=16)
    words = []
    for ordinal in ordinals:
        state = shared.copy()
        state.update(_framed(str(ordinal)))
        words.append(int.from_bytes(state.digest()[:8], "big"))
    return words


def family_key(level: str, chat: str) -> str:
    """What would be asked of siblings that are asked alike: the request key less its ordinal."""
    return digest("family", str(VERSION), level, chat)


def seed(key: str) -> int:
    """First 63 bits of a request key: text is a function of the request."""
    return head(key) >> 1


def word(text: str) -> int:
    """64 bits of a digest: a value's content, or a level's fingerprint, as an operand of `children`."""
    return head(digest(text))


def head(key: str) -> int:
    """First 64 bits of a digest or request key."""
    return int(key[:16], 16)


def children(fingerprint: str, parents: Ids, ordinals: Ids) -> Ids:
    """Slot ids, elementwise: mix(mix(level fingerprint, parent), ordinal); never 0, which is the root.

    SplitMix64's finalizer (Steele et al., OOPSLA 2014) chained over the three words: vectorised, so that ten
    million places are addressed in a second. 64 bits make a clash among 10 million slots a 3-in-a-million
    event, and the planner refuses one.
    """
    level = _mix(np.array([word(fingerprint)], dtype=np.uint64))
    return np.maximum(_mix(_mix(parents ^ level) ^ ordinals), np.uint64(1))


def order(ids: Ids, salt: str) -> Ids:
    """A stable random order key for each id: adding ids never moves the others."""
    return _mix(ids ^ np.uint64(word(salt)))


def spell(node_id: int) -> str:
    """64 bits, such as a node id, as people and SQL see them: 16 hex digits."""
    return f"{node_id:016x}"


def _mix(words: Ids) -> Ids:
    z = words + np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def _framed(part: str) -> bytes:
    data = part.encode()
    return len(data).to_bytes(8, "little") + data
