"""Which conversations are emitted, as the author wrote it: budgets, turns, shares, and what is held out."""

import re
from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    PlainValidator,
    Tag,
    model_validator,
)
from pydantic_core import PydanticCustomError

from tgc.filters.base import WORDS
from tgc.formats.base import TRAIN
from tgc.readers.base import Reader
from tgc.recipe.section import NAME, Count, Number, Plugin, Section, Share, Word

TURNS = r"^[1-9][0-9]{0,3}$"
AMOUNT = r"^([0-9]+(?:\.[0-9]+)?)([kMG])$"
_UNITS = {"k": 10**3, "M": 10**6, "G": 10**9}


def _amount(given: object) -> object:
    """A number of which the last three, six or nine digits are written `k`, `M` or `G`.

    >>> _amount("1.5M"), _amount(12)
    (1500000, 12)
    """
    if not isinstance(given, str):
        return given
    written = re.fullmatch(AMOUNT, given)
    if not written:
        raise PydanticCustomError("amount", "an amount is written as `800_000`, `800k`, `50M` or `1.5G`")
    return round(float(written[1]) * _UNITS[written[2]])


def _spelled(given: object) -> str:
    return "as mapping" if isinstance(given, Mapping | BaseModel) else "as list"


def _spread(given: object) -> str:
    binned = isinstance(given, Bins) or (isinstance(given, Mapping) and "bins" in given)
    return "as text" if isinstance(given, str) else "as bins" if binned else "as weights"


def _preferred(given: object) -> str:
    return "as mapping" if isinstance(given, Mapping | BaseModel) else "as text"


def _turned(given: object) -> str:
    gaussian = isinstance(given, Gaussian) or (isinstance(given, Mapping) and {"mean", "std"} & set(given))
    return "as gaussian" if gaussian else "as shares"


Amount = Annotated[
    Count,
    BeforeValidator(_amount, json_schema_input_type=Count | Annotated[str, Field(pattern=AMOUNT)]),
]
Weight = Annotated[Number, Field(ge=0)]


class Bins(Section):
    """Numbers by the bins that they fall into, and what each of these weighs."""

    bins: Annotated[tuple[Number, ...], Field(min_length=1)]
    """Where they meet, ascending: `[2, 4]` makes three, of numbers under 2, of 2 to under 4, and of 4 and over."""

    weights: tuple[Weight, ...] = ()
    """What each weighs, from the lowest to the highest; all the same if not given."""


Spread = Annotated[
    Annotated[Literal["even"], Tag("as text")]
    | Annotated[Bins, Tag("as bins")]
    | Annotated[Mapping[str, Weight], Tag("as weights")],
    Discriminator(_spread),
]


class Gaussian(Section):
    """Shares by the number of turns in proportion to a normal density, over those that the tree has."""

    mean: Number
    """The number of turns that most conversations have."""

    std: Annotated[Number, Field(gt=0)]
    """The standard deviation, in turns."""


class Split(Section):
    """A held-out share by its name, and the level whose subtrees are held out whole."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "minProperties": 2,
            "maxProperties": 2,
            "propertyNames": {"pattern": NAME, "not": {"const": TRAIN}},
        },
    )
    __pydantic_extra__: dict[str, Share] = Field(init=False)

    by: str
    """The level whose subtrees are held out whole, so that siblings never straddle the split."""

    @model_validator(mode="after")
    def _has_one_share(self) -> Self:
        if len(self.__pydantic_extra__) != 1:
            raise PydanticCustomError("one_share", "not one share")
        return self

    @model_validator(mode="after")
    def _is_named(self) -> Self:
        if self.name == TRAIN or not re.fullmatch(NAME, self.name):
            raise PydanticCustomError("split_name", "not a name", {"key": self.name})
        return self

    @property
    def name(self) -> str:
        """What the held-out rows are called."""
        return next(iter(self.__pydantic_extra__))

    @property
    def share(self) -> float:
        """How much of the mix is held out, between 0 and 1."""
        return self.__pydantic_extra__[self.name]


class Best(Section):
    """How many siblings are taken, by which score."""

    by: Word
    """The level that scores them by a number."""

    keep: Count = 1
    """How many of the children of each parent are taken."""


class Diverse(Section):
    """Which texts are to differ, by which vectors, and how that is judged."""

    of: Word
    """The level whose texts they are, or `messages` for whole conversations."""

    embedder: Word = WORDS
    """What makes vectors: `words`, which need no model, `model`, or a sentence-transformers model."""

    method: Literal["k_center", "facility_location"] = "k_center"
    """Whether those come first that are unlike all before, or those that stand for most others."""


class Dedupe(Section):
    """How rows are compared with each other, and which of those that say the same stay."""

    by: Literal["exact", "folded", "near"]
    """Word for word; but for case, width, white space and punctuation; or nearly, as `near_duplicate` has it."""

    keep: Literal["blend", "tree"] = "blend"
    """Whose row stays where a file and the tree say the same; of files it is the first."""

    threshold: Annotated[Number, Field(gt=0, le=1)] = 0.7
    """How like they are that are nearly the same, as the Jaccard index of their word n-grams."""

    ngram: Count = 3
    """Words per n-gram of those that are nearly the same: 3 for a sentence, 5 for pages."""

    @model_validator(mode="before")
    @classmethod
    def _likens(cls, given: object) -> object:
        """Where rows are not likened to each other, no key says how."""
        if isinstance(given, Mapping) and given.get("by") in ("exact", "folded"):
            for key in ("threshold", "ngram"):
                if key in given:
                    context = {"key": key, "known": ("by", "keep"), "takers": ()}
                    raise PydanticCustomError("unknown_key", "unknown key", context)
        return given


class Pairs(Section):
    """Answers to the same turn, of which one is preferred."""

    chosen: Word
    """The level whose answers are preferred."""

    rejected: Word
    """The level whose answers are not; with `by` the same one."""

    by: Word | None = None
    """The level that scores answers by a number: the best of siblings is chosen, the worst rejected."""

    margin: Annotated[Number, Field(ge=0)] = 0.0
    """By how much the better score is to be higher."""


class Mix(Section):
    """Which of the conversations are emitted."""

    size: Count | None = None
    """Rows to emit, all splits together; all there are if not given."""

    tokens: Amount | None = None
    """Tokens to emit instead of rows, such as `50_000_000` or `50M`."""

    turns: (
        Annotated[
            Annotated[Gaussian, Tag("as gaussian")]
            | Annotated[
                Mapping[str, Annotated[Number, Field(ge=0, le=1)]],
                Field(json_schema_extra={"propertyNames": {"pattern": TURNS}}),
                Tag("as shares"),
            ],
            Discriminator(_turned),
        ]
        | None
    ) = None
    """Shares by the number of turns, such as `{1: 0.3, 2: 0.7}` or `{mean: 2, std: 1}`; without, the longest."""

    balance: Annotated[
        Annotated[tuple[str, ...], Tag("as list")] | Annotated[Mapping[str, Spread], Tag("as mapping")],
        Discriminator(_spelled),
    ] = ()
    """Over what the mix is spread evenly, taken together; or key by key, as in `{topic: {physics: 2, law: 1}}`."""

    split: Split | None = None
    """A share to hold out, such as `{validation: 0.02, by: question}`."""

    refill: Mapping[str, Count] = Field(default_factory=dict)
    """Up to which `branch` levels may grow while the mix lacks rows, such as `{answer: 8}`."""

    best: Best | None = None
    """Of siblings the best by their scores, such as `{by: quality, keep: 1}`; all of them if not given."""

    diverse: (
        Annotated[
            Annotated[Word, Tag("as text")] | Annotated[Diverse, Tag("as mapping")],
            Discriminator(_preferred),
        ]
        | None
    ) = None
    """Whose texts are to differ most: a level, `messages` for whole conversations, or with by which vectors."""

    blend: tuple[Annotated[Reader, PlainValidator(Plugin("readers"))], ...] = ()
    """Files of your own, rows of which are put between the conversations."""

    pairs: Pairs | None = None
    """Preference pairs, such as `{chosen: answer, rejected: weak}`; plain conversations if not given."""

    dedupe: Dedupe | None = None
    """How rows of `blend` are compared with each other and with the tree's; not at all if not given."""

    share_of: Literal["rows", "tokens", "supervised_tokens"] = "rows"
    """What a `share` of `blend` is a share of; supervised are the tokens of answers, which trainers learn from."""

    blocks: Annotated[Count, Field(gt=1)] | None = None
    """Rows of a batch: every so many in a row are all text, or all with images."""
