"""How a client spells its rows, and what a row of somebody else's says by it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from tgc.dialogue import IMAGE, Conversation, Message
from tgc.formats.base.rule import Flaw

Speaker = Literal["system", "user", "assistant"]
Blank = Literal["no key", "null", "[]", '""']
"""What may stand where a row has no image."""

HELD = "bytes"
"""What an image is called that a row holds itself."""

OBJECT = "\N{OBJECT REPLACEMENT CHARACTER}"
"""What stands in a text for a part that is none."""

CHAT: Mapping[str, Speaker] = {"system": "system", "user": "user", "assistant": "assistant"}
LLAVA: Mapping[str, Speaker] = {"human": "user", "gpt": "assistant"}
SHAREGPT: Mapping[str, Speaker] = {**LLAVA, "system": "system"}
ANYBODY: Mapping[str, Speaker] = {**SHAREGPT, **CHAT, "input": "user", "output": "assistant"}

KEYS = ("images", "image")
"""Under which keys rows have images, whoever reads them."""

NAMES = ("path", "image", "url", "image_url", "bytes")
"""Under which keys an image is named that is no path."""


MEDIA = {"video": "<video>", "videos": "<video>", "audio": "<audio>", "audios": "<audio>"}
"""What stands in a text for what a row has under a key."""


@dataclass(frozen=True, slots=True)
class Turns:
    """Under which keys turns stand, and by which names the speakers go.

    Attributes:
        bare: whether a turn may have no other keys.
        parts: whether a text may be a list of parts.
    """

    key: str
    speaker: str
    text: str
    names: Mapping[str, Speaker]
    bare: bool = False
    parts: bool = False


CONVERSATIONS = Turns("conversations", "from", "value", LLAVA)
"""As LLaVA has them."""

TOLD = Turns("conversations", "from", "value", SHAREGPT)
"""With a system prompt, as ShareGPT has them."""

BARE = Turns("conversations", "from", "value", ANYBODY, bare=True)
"""By every name that FastChat and Unsloth know."""

TOOLS = Turns(
    "conversations", "from", "value", {**SHAREGPT, "observation": "user", "function_call": "assistant"}
)
"""With tools, as LLaMA-Factory has them."""

MESSAGES = Turns("messages", "role", "content", CHAT)
"""As OpenAI has them, all texts."""

PARTS = Turns("messages", "role", "content", {**CHAT, "tool": "user"}, parts=True)
"""As OpenAI has them, where a text may be a list of parts."""


@dataclass(frozen=True, slots=True)
class Spelled:
    """What a row says, as far as it can be read, and how it is not spelled as the client wants it."""

    conversation: Conversation | None
    flaws: tuple[Flaw, ...] = ()


@dataclass(frozen=True, slots=True)
class Spelling:
    """The rows of a client.

    Attributes:
        turns: how turns may be spelled; the first of which a row has the key counts.
        images: the keys under which a row may name images.
        one: whether a single image may stand there by itself.
        many: whether images may stand there in a list.
        blanks: what may stand there where a row has none.
        placed: whether `<image>` in a text is the place of an image, rather than the client's to say.
        inline: whether a part of a text may hold an image itself, rather than show one of those of the row.
    """

    turns: tuple[Turns, ...] = (MESSAGES,)
    images: tuple[str, ...] = ("images", "image")
    one: bool = False
    many: bool = True
    blanks: frozenset[Blank] = field(default=frozenset({"no key", "null", "[]", '""'}))
    placed: bool = True
    inline: bool = True

    def read(self, row: Mapping[str, object]) -> Spelled:
        """What a row says, and every way in which it is not spelled so."""
        turns = next((turns for turns in self.turns if row.get(turns.key) is not None), self.turns[0])
        flaws = (*_shape(row, turns), *self._pictures(row))
        if any(flaw.rule != "image-spelling" for flaw in flaws):
            return Spelled(None, flaws)
        messages, shown = _messages(row, turns)
        messages = _shown(messages, [word for key, word in MEDIA.items() if row.get(key)])
        images = (*(named for key in self.images for named in _named(row.get(key))), *shown)
        if not self.placed:
            flaws = (*flaws, *self._parted(row, turns), *_literal(messages))
            messages = _first(messages, len(images))
        return Spelled(Conversation(str(row.get("id", "")), messages, images), flaws)

    def _parted(self, row: Mapping[str, object], turns: Turns) -> Iterator[Flaw]:
        parts = _parts(row, turns)
        shown = [bool(_named(part)) for part in parts if part.get("type") != "text"]
        if any(part.get("type") == "text" and not part.keys().isdisjoint(NAMES) for part in parts):
            hint = "a part of text has `type` and `text` alone, for templates look for other keys"
            yield Flaw("image-spelling", "a part of text has the key of an image", hint)
        if any(shown) and not self.inline:
            hint = "the client takes images from `images`; a part is `{type: image}`"
            yield Flaw("image-spelling", "a part holds an image itself", hint)
        elif (
            parts and not self.inline and len(shown) != sum(len(_named(row.get(key))) for key in self.images)
        ):
            hint = "each image of the row has a part, `{type: image}`"
            yield Flaw("image-count", "images and parts that show them differ in number", hint)

    def _pictures(self, row: Mapping[str, object]) -> Iterator[Flaw]:
        for key in KEYS:
            if key not in self.images and _named(row.get(key)):
                read = ", ".join(f"`{name}`" for name in self.images)
                yield Flaw("image-spelling", f"`{key}` is not read", f"the client takes images from {read}")
        for key in self.images:
            given = row.get(key)
            blank = _blank(row, key)
            if blank and blank not in self.blanks and (blank != "no key" or len(self.images) == 1):
                hint = f"without an image, it is {' or '.join(sorted(self.blanks))}"
                yield Flaw("image-spelling", f"`{key}` is {blank}", hint)
            elif isinstance(given, str) and not blank and not self.one:
                yield Flaw("image-spelling", f"`{key}` is a text", "the client takes a list of images")
            elif isinstance(given, Sequence) and not isinstance(given, str) and given and not self.many:
                yield Flaw("image-spelling", f"`{key}` is a list", "the client takes the path of one image")


def _shape(row: Mapping[str, object], turns: Turns) -> Iterator[Flaw]:
    given = row.get(turns.key)
    if not isinstance(given, list) or not all(isinstance(turn, Mapping) for turn in given):
        hint = f"a turn is `{{{turns.speaker}: …, {turns.text}: …}}`"
        yield Flaw("row-shape", f"`{turns.key}` should be a list of turns", hint)
        return
    for turn in given:
        yield from _turn(turn, turns)


def _turn(turn: Mapping[str, object], turns: Turns) -> Iterator[Flaw]:
    speaker, text = turn.get(turns.speaker), turn.get(turns.text)
    if not isinstance(speaker, str) or speaker not in turns.names:
        known = ", ".join(f"`{name}`" for name in turns.names)
        yield Flaw("unknown-role", f"an unknown role, `{speaker}`", f"the client knows {known}")
    if not isinstance(text, str) and not (turns.parts and isinstance(text, list)):
        yield Flaw("not-text", f"`{turns.text}` of a turn is not text", "a turn without text is left out")
    if turns.bare and set(turn) - {turns.speaker, turns.text}:
        more = ", ".join(f"`{key}`" for key in turn if key not in (turns.speaker, turns.text))
        yield Flaw("turn-keys", f"a turn has {more} too", "what else there is stands beside the turns")


def _messages(row: Mapping[str, object], turns: Turns) -> tuple[tuple[Message, ...], tuple[str, ...]]:
    """What is said, and the images that are shown among parts of it."""
    given = row[turns.key]
    assert isinstance(given, list)  # as `_shape` has found
    read = [(turns.names[turn[turns.speaker]], *_text(turn[turns.text])) for turn in given]
    said = tuple(Message(speaker, text) for speaker, text, _ in read)
    return said, tuple(image for *_, images in read for image in images)


def _parts(row: Mapping[str, object], turns: Turns) -> list[Mapping[str, object]]:
    """Those of all texts that are in parts."""
    given = row[turns.key]
    assert isinstance(given, list)  # as `_shape` has found
    contents = [content for turn in given if isinstance(content := turn[turns.text], list)]
    return [part for content in contents for part in content if isinstance(part, Mapping)]


def _text(content: object) -> tuple[str, tuple[str, ...]]:
    if not isinstance(content, list):
        return str(content), ()
    parts = [part for part in content if isinstance(part, Mapping)]
    texts = [str(part.get("text") or "") if part.get("type") == "text" else OBJECT for part in parts]
    return "".join(texts), tuple(
        name for part in parts for name in _named(part) if part.get("type") != "text"
    )


def _named(given: object) -> tuple[str, ...]:
    match given:
        case str() if given:
            return (given,)
        case list():
            return tuple(name for inner in given for name in _named(inner))
        case Mapping():
            found = next((given[name] for name in NAMES if given.get(name)), None)
            return _named(found) if isinstance(found, str | Mapping) else (HELD,) if found else ()
        case _:
            return ()


def _blank(row: Mapping[str, object], key: str) -> Blank | None:
    match row.get(key):
        case None:
            return "null" if key in row else "no key"
        case []:
            return "[]"
        case "":
            return '""'
        case _:
            return None


def _shown(messages: tuple[Message, ...], words: Sequence[str]) -> tuple[Message, ...]:
    """With the places of what the row has, other than images, as parts that are no text."""
    for word in words:
        messages = tuple(Message(said.role, said.content.replace(word, OBJECT)) for said in messages)
    return messages


def _literal(messages: Sequence[Message]) -> Iterator[Flaw]:
    if any(IMAGE in message.content for message in messages):
        hint = "the client puts images into the user's first turn itself; a text writes it as `<image >`"
        yield Flaw("image-in-text", f"a text holds `{IMAGE}`", hint)


def _first(messages: tuple[Message, ...], images: int) -> tuple[Message, ...]:
    """With images shown in the user's first turn, and nowhere else."""
    said = [Message(message.role, message.content.replace(IMAGE, "")) for message in messages]
    first = next((place for place, message in enumerate(said) if message.role == "user"), None)
    if first is not None:
        said[first] = Message("user", IMAGE * images + said[first].content)
    return tuple(said)
