"""What can be wrong with a row, in words; what one finding says no other says again."""

from collections.abc import Sequence

from tgc.dialogue import IMAGE, SURROGATE, Conversation
from tgc.formats.base import rows


def unanswered(conversation: Conversation) -> str | None:
    """That the last turn is not an answer."""
    messages = conversation.messages
    return None if messages and messages[-1].role == "assistant" else "no answer at the end"


def uneven(conversation: Conversation) -> str | None:
    """That turns, which end with an answer, do not go from a user's to an assistant's, and so on to there."""
    roles = [message.role for message in conversation.messages]
    turns = roles[1:] if roles[:1] == ["system"] else roles
    if unanswered(conversation) or turns == ["user", "assistant"] * (len(turns) // 2):
        return None
    return "turns do not alternate from a user's to an assistant's"


def unpaired(conversation: Conversation) -> str | None:
    """That there is no answer to which the last one could be preferred."""
    return "no answer is rejected" if conversation.rejected is None else None


def alike(conversation: Conversation) -> str | None:
    """That the last answer is preferred to itself."""
    same = conversation.messages and conversation.messages[-1].content == conversation.rejected
    return "the same answer is chosen and rejected" if same else None


def blank(conversation: Conversation) -> str | None:
    """That a turn says nothing."""
    return None if all(map(str.strip, conversation.texts)) else "a turn is blank"


def bare(conversation: Conversation) -> str | None:
    """That a turn says nothing but where an image stands."""
    said = all(message.content.strip() for message in rows.bare(conversation.said))
    return None if said else "a turn is blank"


def halved(conversation: Conversation) -> str | None:
    """That a text holds half of a UTF-16 pair, which no file can."""
    texts = conversation.texts
    if all(map(str.isascii, texts)):  # which looks at no letter
        return None
    return "a text is not valid Unicode" if any(map(SURROGATE.search, texts)) else None


def holding(words: Sequence[str], conversation: Conversation) -> str | None:
    """That a text holds one of these words, which mean something else to a client."""
    told = "\0".join(conversation.texts)
    held = next((word for word in words if word in told), None)
    return held and f"a text holds `{held.strip()}`"


def unpictured(conversation: Conversation) -> str | None:
    """That a row without images asks for one."""
    return None if conversation.images else holding((IMAGE,), conversation)


def pictured(conversation: Conversation) -> str | None:
    """That a row has images."""
    return "a row has images" if conversation.images else None


def crowded(conversation: Conversation) -> str | None:
    """That a row has several images."""
    return "a row has more than one image" if len(conversation.images) > 1 else None


def miscounted(conversation: Conversation) -> str | None:
    """That not every image of a row stands once in its texts."""
    same = len(conversation.shown) == len(conversation.images)
    return None if same or not conversation.images else f"images and `{IMAGE}` differ in number"


def misplaced(conversation: Conversation) -> str | None:
    """That an image stands where it is not the user's turn."""
    asked = all(turn.role == "user" for turn in conversation.shown)
    return None if asked or not conversation.images else f"`{IMAGE}` is not in a user's turn"


def not_once(conversation: Conversation) -> str | None:
    """That the one image of a row does not stand once in a user's turn."""
    once = [turn.role for turn in conversation.shown] == ["user"]
    return None if once or len(conversation.images) != 1 else f"`{IMAGE}` is not once in a user's turn"


def late(conversation: Conversation) -> str | None:
    """That an image stands after the user's first turn."""
    first = next((turn for turn in conversation.turns if turn.role == "user"), None)
    early = all(turn is first for turn in conversation.shown)
    return None if early or not conversation.images else f"`{IMAGE}` is not in the user's first turn"
