"""What clients fail on, or skip in silence: flaws of a row, in words."""

from collections.abc import Iterable, Sequence

from tgc.dialogue import IMAGE, Conversation, Message


def uneven(messages: Sequence[Message]) -> str | None:
    """That, after the system's, turns do not go from a user's to an assistant's, and so on to an answer."""
    roles = [message.role for message in messages]
    turns = roles[1:] if roles[:1] == ["system"] else roles
    if not turns or turns != ["user", "assistant"] * (len(turns) // 2):
        return "turns do not alternate from a user's to an assistant's"
    return None


def unanswered(messages: Sequence[Message]) -> str | None:
    """That the last turn is not an answer."""
    return None if messages and messages[-1].role == "assistant" else "no answer at the end"


def unfit(messages: Iterable[Message]) -> str | None:
    """That a turn is blank, or not valid Unicode."""
    return next((message.flaw for message in messages if message.flaw), None)


def holding(messages: Iterable[Message], words: Sequence[str]) -> str | None:
    """That a text holds one of these words, which mean something else to a client."""
    held = next((word for message in messages for word in words if word in message.content), None)
    return held and f"a text holds `{held.strip()}`"


def pictured(conversation: Conversation) -> str | None:
    """That a row has images, or asks for one, for clients of text."""
    if conversation.images:
        return "a row has images"
    return f"a text holds `{IMAGE}`" if conversation.shown else None


def crowded(conversation: Conversation) -> str | None:
    """That a row has several images, for clients that take one."""
    return "a row has more than one image" if len(conversation.images) > 1 else None


def misplaced(conversation: Conversation) -> str | None:
    """That not every image stands in a user's turn, for clients to whom `<image>` is its place."""
    if not conversation.images:
        return pictured(conversation)
    if len(conversation.shown) != len(conversation.images):
        return f"images and `{IMAGE}` differ in number"
    if any(turn.role != "user" for turn in conversation.shown):
        return f"`{IMAGE}` is not in a user's turn"
    return None


def late(conversation: Conversation) -> str | None:
    """That an image stands after the user's first turn, for clients that put all of them there."""
    first = next((turn for turn in conversation.turns if turn.role == "user"), None)
    if misplaced(conversation) or all(turn is first for turn in conversation.shown):
        return misplaced(conversation)
    return f"`{IMAGE}` is not in the user's first turn"
