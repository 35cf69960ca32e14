"""Strings that end a text, looked for in what its tokens say."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


UNREADABLE = "\N{REPLACEMENT CHARACTER}"
"""What bytes are decoded as that are no character, or not yet."""


@dataclass(frozen=True, slots=True)
class StopStrings:
    """Strings that end a turn, and how a tokenizer spells tokens; best made once for many texts."""

    tokenizer: "PreTrainedTokenizerBase"
    strings: tuple[str, ...]
    _closing: dict[int, bool] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __call__(self, tokens: list[int]) -> bool:
        """Whether the last token completes one of them: to be asked after every token.

        Few tokens can, and which is remembered, for decoding takes 20 µs or more. A token is at least a byte, so
        only the last few are decoded.
        """
        if not tokens or not self._may_close(tokens[-1]):
            return False
        window = max((len(string.encode()) for string in self.strings), default=0) + 4
        text = self.text(tokens[-window:])
        return any(string in text for string in self.strings)

    def _may_close(self, token: int) -> bool:
        """Whether the token says the last character of a string, or a part of any character.

        It is decoded twice over, as many tokens say a space only where something is before them.
        """
        known = self._closing.get(token)
        if known is None:
            last = {UNREADABLE, *(string[-1] for string in self.strings)}
            known = self._closing[token] = not last.isdisjoint(self.text([token, token]))
        return known

    def text(self, tokens: Sequence[int]) -> str:
        """What the tokens say, control tokens left out."""
        text = self.tokenizer.decode(
            list(tokens), skip_special_tokens=True, clean_up_tokenization_spaces=False
        )
        return str(text)

    def cut(self, text: str) -> str:
        """The text before the first of them."""
        return min((text.split(string, 1)[0] for string in self.strings), key=len, default=text)
