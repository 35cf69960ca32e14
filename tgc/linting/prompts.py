"""Prompts that leave no room for an answer, and special tokens of a model that texts hold."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

from tgc.dialogue import Conversation
from tgc.errors import UsageError
from tgc.formats.base import Flaw

Count = Callable[[str], int]
"""The tokens of a text."""

BYTES = 4
"""Bytes of UTF-8 to a token, where there is no tokenizer: what models of English have in the mean."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a model makes of texts.

    Attributes:
        most: tokens of a whole row, beyond which trainers cut it.
        count: by the model's tokenizer; estimated if it is not given.
        special: the words that are tokens of their own, with which turns begin and end.
    """

    most: int | None = None
    count: Count | None = None
    special: tuple[str, ...] = ()

    def flaws(self, conversation: Conversation) -> Iterator[Flaw]:
        """How a row does not suit the model."""
        yield from self._long(conversation)
        said = [message.content for message in conversation.messages]
        held = next((word for text in said for word in self.special if word in text), None)
        if held:
            message = f"a text holds `{held}`, a token of the model's own"
            yield Flaw("special-token", message, "the model reads it as the beginning or the end of a turn")

    def _long(self, conversation: Conversation) -> Iterator[Flaw]:
        """That what comes before the first answer fills all the room there is: nothing is left to learn."""
        if self.most is None:
            return
        before = takewhile(lambda message: message.role != "assistant", conversation.messages)
        tokens = sum((self.count or _estimate)(message.content) for message in before)
        if tokens >= self.most:
            many = f"{tokens:,} tokens" if self.count else f"about {tokens:,} tokens"
            message = f"{many} before the first answer, of {self.most:,} in all"
            yield Flaw("long-prompt", message, "trainers cut a row there, and learn nothing from it")


def of_model(folder: Path, most: int | None) -> Tokens:
    """What the tokenizer in a folder says.

    Raises:
        UsageError: there is none.
    """
    from transformers import AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    except (OSError, ValueError) as error:
        hint = "`--tokenizer` names a folder with `tokenizer.json` or `tokenizer.model`"
        raise UsageError(f"there is no tokenizer in `{folder}`", hint) from error
    special = tuple(sorted(map(str, tokenizer.all_special_tokens)))
    return Tokens(most, lambda text: len(tokenizer.encode(text, add_special_tokens=False)), special)


def _estimate(text: str) -> int:
    return -(-len(text.encode("utf-8", "replace")) // BYTES)
