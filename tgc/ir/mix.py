"""The mix: how many conversations, of which kinds, and what is put between them."""

from dataclasses import dataclass, field
from pathlib import Path

from tgc.readers.base import Reader


@dataclass(frozen=True, slots=True)
class Split:
    """A held-out share, drawn by the subtree of `by`, so that siblings never straddle it."""

    name: str
    share: float
    by: str


@dataclass(frozen=True, slots=True)
class Key:
    """Something in which conversations differ.

    Attributes:
        level: whose nodes say it; None for what a conversation is as a whole.
        field: of the level's values or answers, and None for their text; or one of `WHOLE`.
    """

    level: str | None
    field: str | None = None

    @property
    def name(self) -> str:
        """As a recipe writes it.

        >>> Key("topic", "domain").name, Key(None, "turns").name
        ('topic.domain', 'turns')
        """
        return ".".join(part for part in (self.level, self.field) if part)


WHOLE = ("turns", "tokens")
"""What a conversation is as a whole: how many turns it has, and tokens, to the next power of two."""


@dataclass(frozen=True, slots=True)
class Weights:
    """Shares in proportion to weights; even if none are given.

    Attributes:
        named: the weights of single values.
        others: what every other value weighs.
    """

    named: tuple[tuple[str, float], ...] = ()
    others: float = 1.0


@dataclass(frozen=True, slots=True)
class Temperature:
    """Shares in proportion to the `value`-th root of what there is: 1 is as there is, more is more even."""

    value: float


@dataclass(frozen=True, slots=True)
class Margin:
    """What shares the mix is to have over the values of one key, or over those of several together."""

    keys: tuple[Key, ...]
    spread: Weights | Temperature = field(default_factory=Weights)

    @property
    def name(self) -> str:
        """Its keys, as a recipe writes them."""
        return ", ".join(key.name for key in self.keys)


@dataclass(frozen=True, slots=True)
class Blend:
    """A file of the user's, rows of which go into the mix.

    Attributes:
        reader: how the file is read, and how much of it is taken.
        digest: sha256 of its bytes, in hex: what identifies it, whatever it is called.
        path: where it is.
        images: the folder in which the paths of its images begin; None where they are not looked for.
    """

    reader: Reader
    digest: str
    path: Path = field(repr=False)
    images: Path | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Mix:
    """How many conversations there are to be, and of which kinds.

    Attributes:
        size: in rows; None for no such bound.
        balance: what shares are to hold, all at once.
        tokens: in tokens; None for no such bound.
        turns: shares by the number of turns, ascending; empty for conversations as long as they get.
        blend: files of which rows are put between the conversations.
    """

    size: int | None
    balance: tuple[Margin, ...]
    split: Split | None
    tokens: int | None = None
    turns: tuple[tuple[int, float], ...] = ()
    blend: tuple[Blend, ...] = ()

    @property
    def margins(self) -> tuple[Margin, ...]:
        """What shares are to hold, of numbers of turns too."""
        if not self.turns:
            return self.balance
        weights = tuple((str(turns), share) for turns, share in self.turns)
        return (*self.balance, Margin((Key(None, "turns"),), Weights(weights, 0.0)))
