"""What a client asks of a row: what is wrong where it is not so, what would be right, and maybe a remedy."""

from collections.abc import Callable
from dataclasses import dataclass

from tgc.dialogue import Conversation

Find = Callable[[Conversation], str | None]
Mend = Callable[[Conversation], Conversation]


@dataclass(frozen=True, slots=True)
class Flaw:
    """A rule that a row breaks: its name, what is wrong, what would be right, and whether we can mend it."""

    rule: str
    message: str
    hint: str
    mends: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """Something on which a client fails, or that it skips or learns wrongly in silence.

    Attributes:
        name: under which it is told and counted.
        find: what is wrong with a row; None where nothing is.
        hint: what would be right.
        mend: the row with that put right; None where nobody knows how.
    """

    name: str
    find: Find
    hint: str
    mend: Mend | None = None

    def flaw(self, conversation: Conversation) -> Flaw | None:
        """How a row breaks the rule, if it does."""
        message = self.find(conversation)
        return Flaw(self.name, message, self.hint, self.mend is not None) if message else None
