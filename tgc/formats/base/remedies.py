"""How a row is put right without a change of what it says."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from tgc.dialogue import IMAGE, SURROGATE, Conversation, Message

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
"""What stands in Unicode for what cannot be told."""


def whole(conversation: Conversation) -> Conversation:
    """With what no file can hold replaced."""
    return _rewritten(conversation, lambda text: SURROGATE.sub(REPLACEMENT, text))


def loosened(words: Sequence[str], conversation: Conversation) -> Conversation:
    """With these words written such that a client does not find them."""
    return _rewritten(conversation, lambda text: _loosened(words, text))


def unpictured(conversation: Conversation) -> Conversation:
    """With what would be the place of an image written such that it is a word like others."""
    return loosened((IMAGE,), conversation)


def spaced(word: str) -> str:
    """A space before the last character, which leaves HTML what it is.

    >>> spaced("</s>"), spaced(" ASSISTANT: ")
    ('</s >', ' ASSISTANT : ')
    """
    core = word.rstrip()
    return f"{core[:-1]} {core[-1]}{word[len(core) :]}"


def _loosened(words: Sequence[str], text: str) -> str:
    for word in words:
        text = text.replace(word, spaced(word))
    return text


def _rewritten(conversation: Conversation, rewrite: Callable[[str], str]) -> Conversation:
    said = tuple(Message(message.role, rewrite(message.content)) for message in conversation.messages)
    rejected = None if conversation.rejected is None else rewrite(conversation.rejected)
    return replace(conversation, messages=said, rejected=rejected)
