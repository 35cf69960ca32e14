"""How many tokens a row has, and how many of them a trainer learns from: counted, or estimated from its length."""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from tgc import ir
from tgc.dialogue import IMAGE, Conversation
from tgc.mixing.dialogues import endings
from tgc.mixing.dialogues.tree import BYTES

Count = Callable[[Sequence[str]], Sequence[int]]
"""The tokens of each of some turns."""


def target(program: ir.Program) -> ir.Model | None:
    """Whose tokenizer counts: the model that writes the answers with which conversations end, or else any."""
    levels = (*endings.ends(program), *program.levels)
    return next((level.ask.model for level in levels if level.ask), None)


def estimate(texts: Sequence[str]) -> list[int]:
    """A token for every four bytes of UTF-8.

    >>> estimate(["Why?", "So."])
    [1, 1]
    """
    return [-(-(len(text) if text.isascii() else len(text.encode())) // BYTES) for text in texts]


def tokens(conversations: Sequence[Conversation], count: Count) -> Iterator[tuple[int, int]]:
    """Of each conversation its tokens, and those of its answers; images count nothing."""
    counts = iter(count([text for one in conversations for text in _read(one)]))
    for one in conversations:
        sizes = list(islice(counts, len(one.messages)))
        answers = [size for size, said in zip(sizes, one.messages, strict=True) if said.role == "assistant"]
        yield sum(sizes), sum(answers)


def _read(conversation: Conversation) -> list[str]:
    texts = [message.content for message in conversation.messages]
    return [text.replace(IMAGE, "") for text in texts] if conversation.images else texts
