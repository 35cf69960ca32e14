"""Strings that end a text, looked for in what its tokens say."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


@dataclass(frozen=True, slots=True)
class StopStrings:
    """Strings that end a turn, and how a tokenizer spells tokens."""

    tokenizer: "PreTrainedTokenizerBase"
    strings: tuple[str, ...]

    def __call__(self, tokens: list[int]) -> bool:
        """Whether one of them is there; a token is at least a byte, so only the last few are looked at."""
        window = max((len(string.encode()) for string in self.strings), default=0) + 4
        text = self.text(tokens[-window:])
        return any(string in text for string in self.strings)

    def text(self, tokens: Sequence[int]) -> str:
        """What the tokens say, control tokens left out."""
        text = self.tokenizer.decode(
            list(tokens), skip_special_tokens=True, clean_up_tokenization_spaces=False
        )
        return str(text)

    def cut(self, text: str) -> str:
        """The text before the first of them."""
        return min((text.split(string, 1)[0] for string in self.strings), key=len, default=text)
