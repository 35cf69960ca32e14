"""The options of an answer in tokens, where its shape has few."""

from typing import TYPE_CHECKING

from tgc import schema
from tgc.engine.drawing.choices import Options, options
from tgc.engine.drawing.trie import Text

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


class Spelled:
    """Spells options with one tokenizer, those of a shape once.

    Args:
        vocabulary: how many tokens the model knows how likely they are; others are never said.
    """

    def __init__(self, tokenizer: "PreTrainedTokenizerBase", vocabulary: int) -> None:
        self._tokenizer, self._vocabulary = tokenizer, vocabulary
        self._known: dict[tuple[schema.Shape, int], Options | None] = {}

    def of(self, shape: schema.Shape, max_tokens: int) -> Options | None:
        """The options of an answer; None where there are too many, or one cannot be spelled in so many tokens."""
        key = shape, max_tokens
        if key not in self._known:
            ways = [self._ways(text, max_tokens) for text in _texts(shape)]
            self._known[key] = options(ways) if ways and all(ways) else None
        return self._known[key]

    def _ways(self, text: str, max_tokens: int) -> list[Text]:
        """The spellings of a text; a space may come first, as it does in most tokens."""
        both = dict.fromkeys(self._spelling(spaced) for spaced in (text, f" {text}"))
        known = (ids for ids in both if 0 < len(ids) <= max_tokens and max(ids) < self._vocabulary)
        return [ids for ids in known if self._says(ids) == text]

    def _spelling(self, text: str) -> Text:
        return tuple(self._tokenizer.encode(text, add_special_tokens=False))

    def _says(self, ids: Text) -> str:
        said = self._tokenizer.decode(list(ids), skip_special_tokens=True, clean_up_tokenization_spaces=False)
        return str(said).strip()


def _texts(shape: schema.Shape) -> list[str]:
    """All that a shape can be; none where that is much, or has no end."""
    match shape:
        case schema.Choice(texts) if len(texts) <= schema.MOST_WEIGHED:
            return list(texts)
        case schema.Range(low, high) if high - low < schema.MOST_WEIGHED:
            return [str(number) for number in range(low, high + 1)]
        case _:
            return []
