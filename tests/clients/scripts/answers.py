"""The answers of pairs as a client is to learn them, read back from tokens."""

from collections.abc import Iterable, Sequence
from typing import Any

ENDS = ("<|im_end|>", "</s>")
"""What ends an answer, as templates of clients have it."""

Ids = Sequence[int]


def told(words: Any, pairs: Iterable[tuple[Ids, Ids]]) -> list[tuple[str, str]]:  # noqa: ANN401 - of a library
    """What stands in the tokens of chosen and rejected answers; those that are not learned are negative."""
    return [(_text(words, chosen), _text(words, rejected)) for chosen, rejected in pairs]


def _text(words: Any, ids: Ids) -> str:  # noqa: ANN401 - of a library that is not ours
    text: str = words.decode([number for number in ids if number >= 0], clean_up_tokenization_spaces=False)
    for end in ENDS:
        text = text.partition(end)[0]
    return text
