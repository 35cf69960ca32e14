"""How rows of files are kept on disk until they are written: one after the other, as JSON without white space."""

from pydantic_core import from_json, to_json

from tgc.dialogue import Conversation, Message


def packed(conversation: Conversation) -> bytes | None:
    """A row as it is kept, but for its source; None where no file can hold it.

    >>> packed(Conversation("1", (Message("user", "Why?"),)))
    b'["1",[["user","Why?"]],[],{},null]'
    """
    said = [(message.role, message.content) for message in conversation.messages]
    kept = (conversation.id, said, conversation.images, conversation.extras, conversation.rejected)
    try:
        told = to_json(kept, bytes_mode="base64", fallback=str)
        if conversation.extras:
            from_json(told)  # which takes fewer levels of lists in lists
    except ValueError:
        return None
    return told


def unpacked(kept: bytes, source: str, folder: str) -> Conversation:
    """The row that was kept."""
    name, said, images, extras, rejected = from_json(kept, cache_strings="keys")
    messages = tuple([Message(role, content) for role, content in said])
    return Conversation(name, messages, tuple(images), source, extras, folder, rejected)
