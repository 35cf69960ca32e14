"""What a model is given in tokens: any tokenizer's chat template, cut at the start of a turn, or plain text.

Nothing is known of any model family: a template is rendered with marks in place of contents, and what stands
before and between the marks says how its turns begin and end.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, cast

from jinja2 import TemplateError

from tgc.dialogue import Message, Role
from tgc.errors import BackendError

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

Speaker = Literal["system", "user", "assistant"]

MARK = "\ue000{}\ue001"
"""Private-use characters without white space: templates strip and split contents, but not at these."""

PINNED = "{% macro strftime_now(format) %}26 Jul 2024{% endmacro %}"
"""Put before every template, since some state the day and a prompt is no function of the clock.

The day is the one that Llama 3.1's template falls back to.
"""

CHUNK = 4096
"""How many prompts are tokenized at once, for a length alone."""


@dataclass(frozen=True, slots=True)
class Ending:
    """What ends a turn: any of these tokens, any of these strings."""

    ids: frozenset[int]
    strings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Opening:
    """What a model is given to continue: a chat and how the turn of `role` begins, or `prefix` alone."""

    messages: tuple[Message, ...]
    role: Role | None
    prefix: str = ""


class Openings:
    """What a tokenizer makes of openings; its chat template is looked at when the first chat comes."""

    def __init__(self, tokenizer: "PreTrainedTokenizerBase") -> None:
        self.tokenizer = tokenizer

    @cached_property
    def chat(self) -> "Chat":
        """The chat template.

        Raises:
            BackendError: as for `Chat`.
        """
        return Chat(self.tokenizer)

    def tokens(self, openings: Iterable[Opening]) -> dict[Opening, tuple[int, ...]]:
        """The token ids of each, tokenized once; none where a tokenizer has no token to begin an empty text with.

        Raises:
            BackendError: as for `Chat`, or the chat template refuses the order of roles.
        """
        asked = list(dict.fromkeys(openings))
        texts = [self.text(opening) for opening in asked]
        found = self.tokenizer(texts, add_special_tokens=False)["input_ids"] if texts else []
        whole = [(*self._before(one.role), *ids) for one, ids in zip(asked, found, strict=True)]
        return {one: ids or self._first for one, ids in zip(asked, whole, strict=True)}

    def lengths(self, openings: Iterable[Opening]) -> dict[Opening, int]:
        """How many tokens each has, as `tokens` says; few are held at a time."""
        asked = list(dict.fromkeys(openings))
        chunks = (asked[start : start + CHUNK] for start in range(0, len(asked), CHUNK))
        return {one: len(ids) for chunk in chunks for one, ids in self.tokens(chunk).items()}

    def turns(self, texts: Sequence[str]) -> list[int]:
        """How many tokens each text has as a turn of its own, and one more that ends it."""
        said = [_defused(text, self._special) for text in texts]
        found = self.tokenizer(said, add_special_tokens=False)["input_ids"] if said else []
        return [len(ids) + 1 for ids in found]

    def text(self, opening: Opening) -> str:
        """An opening as text, less the tokens that the tokenizer puts before a plain one.

        Spaces at its end are left to the model, whose tokens begin with them. Control tokens spelled out in it
        are spaced apart: text stays text.
        """
        if opening.role is None:
            return _defused(opening.prefix, self._special).rstrip(" ")
        return self.chat.cut(opening.messages, opening.role, opening.prefix)

    def ending(self, role: Role | None) -> Ending:
        """What ends a turn of `role`; of a plain text, the end-of-sequence token."""
        return self.chat.ending(role) if role else Ending(_end(self.tokenizer), ())

    def _before(self, role: Role | None) -> tuple[int, ...]:
        return () if role else self._head

    @cached_property
    def _head(self) -> tuple[int, ...]:
        """What the tokenizer puts before a text, less what it puts behind."""
        ids = self.tokenizer.encode("")
        bos, eos = self.tokenizer.bos_token_id, self.tokenizer.eos_token_id
        return tuple(ids[:-1] if ids and ids[-1] == eos != bos else ids)

    @cached_property
    def _first(self) -> tuple[int, ...]:
        known = (self.tokenizer.bos_token_id, self.tokenizer.eos_token_id)
        return tuple(token for token in known if token is not None)[:1]

    @cached_property
    def _special(self) -> re.Pattern[str]:
        return _controls(self.tokenizer, "")


class Chat:
    """The chat template of a tokenizer.

    Raises:
        BackendError: the tokenizer has none, or it cannot render a user's turn, an assistant's and a user's.
    """

    def __init__(self, tokenizer: "PreTrainedTokenizerBase") -> None:
        if not tokenizer.chat_template:
            raise BackendError(
                f"`{tokenizer.name_or_path}` has no chat template",
                "levels with a role need a chat model: an instruct or chat variant has a template",
            )
        self.tokenizer = tokenizer
        self.template = PINNED + tokenizer.get_chat_template()
        self.parts = False  # templates of models that also see take contents as lists of parts
        self.parts = not self._shows("user")
        self.folds = not self._shows("system", "user")
        self.skeleton = self._render(_probe("user", "assistant", "user"))
        self.controls = _controls(tokenizer, self.skeleton)

    def cut(self, messages: Iterable[Message], role: Role, prefix: str = "") -> str:
        """The chat as text, up to where `role` goes on speaking after `prefix`.

        Spaces that a template puts right before a content, or that end the prefix, are left to the model, whose
        tokens begin with them. Control tokens spelled out in a content are spaced apart: text stays text.

        Raises:
            BackendError: the template refuses this order of roles.
        """
        said = [Message(one.role, _defused(one.content, self.controls)) for one in messages]
        chat = [*said, Message(role, _defused(prefix, self.controls) + MARK.format(0))]
        text = self._render(_folded(chat) if self.folds else chat)
        return text[: _find(text, MARK.format(0))].rstrip(" ")

    def ending(self, role: Role) -> Ending:
        """What ends a turn of `role`: the control token that follows its content, else the words that do.

        The tokenizer's end-of-sequence token always ends a turn.
        """
        ids = set(_end(self.tokenizer))
        tail = self._tail(role)
        control = self.controls.search(tail)
        words = (tail[: control.start()] if control else tail).strip()
        if control and not words:
            ids.add(cast("int", self.tokenizer.convert_tokens_to_ids(control.group())))
        return Ending(frozenset(ids), tuple(filter(None, [words or (tail if not control else "")])))

    def _tail(self, role: Role) -> str:
        """What the template puts between a content of `role` and the next content."""
        first = 0 if role == "user" else 1
        own, following = MARK.format(first), MARK.format(first + 1)
        return self.skeleton[_find(self.skeleton, own) + len(own) : _find(self.skeleton, following)]

    def _shows(self, *roles: Speaker) -> bool:
        """Whether the template renders the first of these turns."""
        try:
            return MARK.format(0) in self._render(_probe(*roles))
        except BackendError:
            return False

    def _content(self, message: Message) -> str | list[dict[str, str]]:
        return [{"type": "text", "text": message.content}] if self.parts else message.content

    def _render(self, messages: list[Message]) -> str:
        chat: list[dict[str, Any]] = [  # Any: what transformers declares is narrower than what templates take
            {"role": message.role, "content": self._content(message)} for message in messages
        ]
        try:
            text = self.tokenizer.apply_chat_template(
                chat, chat_template=self.template, tokenize=False, enable_thinking=False
            )
        except (TemplateError, TypeError) as error:
            roles = ", ".join(f"`{message.role}`" for message in messages)
            raise BackendError(
                f"the chat template of `{self.tokenizer.name_or_path}` refuses the roles {roles}: {error}",
                "most templates want user and assistant to take turns, the user first",
            ) from error
        return str(text)


def _defused(content: str, controls: re.Pattern[str]) -> str:
    return controls.sub(lambda match: f"{match.group()[0]} {match.group()[1:]}", content)


def _probe(*roles: Speaker) -> list[Message]:
    return [Message(role, MARK.format(index)) for index, role in enumerate(roles)]


def _folded(messages: list[Message]) -> list[Message]:
    """The system message as the first words of the first user's turn."""
    if messages[0].role != "system":
        return messages
    system, *rest = messages
    if rest[0].role != "user":
        return [Message("user", system.content), *rest]
    return [Message("user", f"{system.content}\n\n{rest[0].content}"), *rest[1:]]


def _find(text: str, mark: str) -> int:
    place = text.rfind(mark)
    if place < 0:
        raise BackendError(
            "the chat template does not render the content of a turn as it is",
            "a template that writes `message.content` can be cut",
        )
    return place


def _end(tokenizer: "PreTrainedTokenizerBase") -> frozenset[int]:
    return frozenset({tokenizer.eos_token_id} - {None})


def _controls(tokenizer: "PreTrainedTokenizerBase", skeleton: str) -> re.Pattern[str]:
    """Matches the tokens with a function: those flagged special and those the template itself writes."""
    added = tokenizer.added_tokens_decoder.values()
    words = {
        token.content
        for token in added
        if token.content.strip() and (token.special or token.content in skeleton)
    }
    return re.compile("|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)) or r"(?!)")
