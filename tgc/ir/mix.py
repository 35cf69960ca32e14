"""The mix: how many conversations, of which kinds, and what is put between them."""

from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Literal

from tgc.filters.base import WORDS
from tgc.ir.model import Model
from tgc.readers.base import Reader
from tgc.records import ALL, Take


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
        edges: where the bins meet into which numbers go, ascending; empty for what is said as it is.
    """

    level: str | None
    field: str | None = None
    edges: tuple[float, ...] = ()

    @property
    def name(self) -> str:
        """As a recipe writes it.

        >>> Key("topic", "domain").name, Key(None, "turns").name
        ('topic.domain', 'turns')
        """
        return ".".join(part for part in (self.level, self.field) if part)

    @property
    def bins(self) -> tuple[str, ...]:
        """What its bins are called, from the lowest to the highest; none without edges.

        >>> Key("stars", edges=(2.0, 4.5)).bins
        ('under 2', '2 to under 4.5', '4.5 and over')
        """
        if not self.edges:
            return ()
        written = [f"{edge:.15g}" for edge in self.edges]
        between = (f"{low} to under {high}" for low, high in pairwise(written))
        return (f"under {written[0]}", *between, f"{written[-1]} and over")


TURNS, TOKENS, LEVEL, LANGUAGE = WHOLE = ("turns", "tokens", "level", "language")
"""What a conversation is as a whole: how many turns it has, and tokens, to the next power of two; the level at
which it ends, and the language of the answer there."""


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


Unit = Literal["rows", "tokens", "supervised_tokens"]
"""What shares of a blended mix are of; supervised are the tokens of answers."""


@dataclass(frozen=True, slots=True)
class File:
    """One of the files that a source stands for.

    Attributes:
        path: where it is.
        digest: sha256 of its bytes, in hex.
        take: how much of it the source has.
    """

    path: Path = field(repr=False)
    digest: str
    take: Take = ALL


@dataclass(frozen=True, slots=True)
class Blend:
    """A source of the user's, rows of which go into the mix.

    Attributes:
        reader: how it is read, and how much of it is taken.
        digest: sha256 of its bytes, in hex, or of those of its files: what identifies it, whatever it is called.
        path: where it is.
        files: those that it stands for; empty if it is a file itself.
        images: the folder in which the paths of its images begin; None where they are not looked for.
    """

    reader: Reader
    digest: str
    path: Path = field(repr=False)
    images: Path | None = field(default=None, repr=False)
    files: tuple[File, ...] = ()

    @property
    def parts(self) -> tuple[File, ...]:
        """The files that are read, in their order."""
        return self.files or (File(self.path, self.digest),)


@dataclass(frozen=True, slots=True)
class Best:
    """Of the siblings that the level `by` scores, the `keep` with the highest scores."""

    by: str
    keep: int


Sameness = Literal["exact", "folded"]
"""Word for word, or but for case, width, white space and punctuation."""


@dataclass(frozen=True, slots=True)
class Near:
    """Nearly the same: n-grams of words, of which two rows share at least a `threshold` of those in either."""

    threshold: float
    ngram: int


@dataclass(frozen=True, slots=True)
class Dedupe:
    """Which rows say the same as others, and which of them stay: those of files, or those of the tree."""

    by: Sameness | Near
    keep: Literal["blend", "tree"] = "blend"

    @property
    def name(self) -> str:
        """How rows are compared, in words.

        >>> Dedupe("folded").name, Dedupe(Near(0.8, 3)).name
        ('folded', 'near 0.8 of 3-grams')
        """
        match self.by:
            case Near(threshold, ngram):
                return f"near {threshold:g} of {ngram}-grams"
            case by:
                return by


@dataclass(frozen=True, slots=True)
class Pairs:
    """Answers to the same turn of which one is preferred: of two levels, or of one by the score that `by` gives.

    Attributes:
        margin: by how much the better score is to be higher.
    """

    chosen: str
    rejected: str
    by: str | None = None
    margin: float = 0.0


MESSAGES = "messages"
"""In place of a level's name, for all that is said in a conversation."""

Method = Literal["k_center", "facility_location"]
"""First those that are unlike all before, or those that stand for most others."""


@dataclass(frozen=True, slots=True)
class Diverse:
    """Texts that are to differ.

    Attributes:
        of: the level that says them, or `MESSAGES`.
        embedder: what makes their vectors, as a filter names it.
        model: the sentence-transformers model that it names, where it does; its digest is identity.
    """

    of: str
    embedder: str = WORDS
    method: Method = "k_center"
    model: Model | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Mix:
    """How many conversations there are to be, and of which kinds.

    Attributes:
        size: in rows; None for no such bound.
        balance: what shares are to hold, all at once.
        tokens: in tokens; None for no such bound.
        turns: shares by the number of turns, ascending; empty for conversations as long as they get.
        refill: how far levels may branch while the mix lacks rows, by their names.
        best: of which siblings the best alone are taken; None for all of them.
        diverse: which texts are to differ most; None where that does not count.
        blend: files of which rows are put between the conversations.
        dedupe: how rows of files and conversations are told to say the same; None where they are not compared.
        share_of: what the shares of `blend` are of.
        blocks: so many rows in a row have all images, or none has; None where they may come as they do.
        pairs: which answers are told apart as chosen and rejected; None for plain conversations.
    """

    size: int | None
    balance: tuple[Margin, ...]
    split: Split | None
    tokens: int | None = None
    turns: tuple[tuple[int, float], ...] = ()
    refill: tuple[tuple[str, int], ...] = ()
    best: Best | None = None
    diverse: Diverse | None = None
    blend: tuple[Blend, ...] = ()
    dedupe: Dedupe | None = None
    share_of: Unit = "rows"
    blocks: int | None = None
    pairs: Pairs | None = None

    @property
    def margins(self) -> tuple[Margin, ...]:
        """What shares are to hold, of numbers of turns too."""
        if not self.turns:
            return self.balance
        weights = tuple((str(turns), share) for turns, share in self.turns)
        return (*self.balance, Margin((Key(None, "turns"),), Weights(weights, 0.0)))

    def tells(self, whole: str) -> bool:
        """Whether it goes by what conversations are as a whole in one of the respects of `WHOLE`."""
        return any(key.level is None and key.field == whole for margin in self.margins for key in margin.keys)
