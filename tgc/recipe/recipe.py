"""The recipe as its author wrote it: sections, levels and options, before any name is looked up."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    PlainValidator,
    Strict,
    Tag,
    ValidationError,
    model_validator,
)
from pydantic_core import PydanticCustomError

from tgc import schema
from tgc.dialogue import Role
from tgc.errors import Diagnostic, RecipeError
from tgc.filters.base import Filter
from tgc.formats.base import TRAIN, Format
from tgc.recipe import wording
from tgc.recipe.section import KINDS, NAME, Count, Number, Section, Share, Word, plugin, shaped
from tgc.source import Document

MOST_DEPTH = 16
"""How often a level may be applied to its own output; deeper trees are a mistake."""


def _form(given: object) -> str:
    """Which member of a union is meant, by what is written."""
    if isinstance(given, str):
        return "as text"
    return "as mapping" if isinstance(given, Mapping | BaseModel) else "as list"


class Sampling(Section):
    """How tokens are drawn; a level may give single fields of it anew."""

    temperature: Annotated[Number, Field(ge=0)] = 1.0
    top_k: Annotated[int, Strict(), Field(ge=0)] = 0
    top_p: Annotated[Number, Field(gt=0, le=1)] = 1.0
    min_p: Annotated[Number, Field(ge=0, le=1)] = 0.0
    repetition_penalty: Annotated[Number, Field(gt=0)] = 1.0


class Model(Section):
    """A model at a revision."""

    id: Word
    revision: Word | None = None


class Distinct(Section):
    """Semantic deduplication among siblings: draw more than `branch`, keep the least alike."""

    by: Literal["mmr"]
    oversample: Annotated[Number, Field(ge=1)] = 2.0
    diversity: Annotated[Number, Field(ge=0, le=1)] = 0.5
    embedder: Word | None = None


class Query(Section):
    """Rows of the warehouse as values."""

    sql: Word


class Examples(Section):
    """Few-shot examples: how many of which pool each prompt shows."""

    source: Annotated[Word, Field(alias="from")]
    k: Count = 3


class _Level(Section):
    """What every level may say."""

    under: str | None = None
    when: Word | None = None
    tags: tuple[Word, ...] = ()


class Values(_Level):
    """A level that enumerates data: an inline list, a file or folder, or what a query gives."""

    values: Annotated[
        Annotated[Word, Tag("as text")]
        | Annotated[tuple[object, ...], Tag("as list")]
        | Annotated[Query, Tag("as mapping")],
        Discriminator(_form),
    ]
    speaks: Role | None = None


class Map(_Level):
    """A level that renders a template over its ancestors, without a model."""

    map: Word
    speaks: Role | None = None


class Generating(_Level):
    """What every level that asks a model may say."""

    branch: Count = 1
    depth: Annotated[Count, Field(le=MOST_DEPTH)] = 1
    max_tokens: Count = 256
    sampling: Sampling = Sampling()
    model: str | None = None
    stop: tuple[Word, ...] = ()
    distinct: Distinct | None = None
    examples: Examples | None = None

    @property
    def shape(self) -> schema.Shape:
        """The shape of an answer."""
        return schema.Text()


class Chatting(Generating):
    """What every level that asks by way of a chat may say."""

    system: Word | None = None


class Turn(Chatting):
    """A level that continues the dialogue along the path as `role`."""

    role: Role


class Prompt(Chatting):
    """A level that renders an instruction; the reply is the node."""

    prompt: Word
    answers: Annotated[object, AfterValidator(shaped())] = "text"
    speaks: Role | None = None

    @property
    def shape(self) -> schema.Shape:
        """The shape of an answer."""
        return schema.parse(self.answers)


class Text(Generating):
    """A level that renders the beginning of a text; what the model continues it with is the node."""

    text: Word
    speaks: Role | None = None


class Score(Chatting):
    """A level that has a model judge the node above, by a number or a choice."""

    score: Word
    answers: Annotated[object, AfterValidator(shaped(schema.Range, schema.Choice))] = "1..5"

    @property
    def shape(self) -> schema.Shape:
        """The shape of an answer."""
        return schema.parse(self.answers)


class Split(Section):
    """A held-out share by its name, and the level whose subtrees are held out whole."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Share] = Field(init=False)

    by: str

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


class Mix(Section):
    """Which of the conversations are emitted."""

    size: Count | None = None
    balance: tuple[str, ...] = ()
    split: Split | None = None


class Limits(Section):
    """What a build of the recipe may not exceed."""

    nodes: Count = 1_000_000


def _kind(given: object) -> str | None:
    said = [kind for kind in KINDS if isinstance(given, Mapping) and kind in given]
    return f"as {said[0]}" if len(said) == 1 else None


Level = Annotated[
    Annotated[Values, Tag("as values")]
    | Annotated[Turn, Tag("as role")]
    | Annotated[Prompt, Tag("as prompt")]
    | Annotated[Text, Tag("as text")]
    | Annotated[Score, Tag("as score")]
    | Annotated[Map, Tag("as map")],
    Discriminator(_kind),
]
Reference = Annotated[
    Annotated[Word, Tag("as text")] | Annotated[Model, Tag("as mapping")],
    Discriminator(lambda given: "as mapping" if isinstance(given, Mapping | Model) else "as text"),
]


class Recipe(Section):
    """Everything a recipe says; every default is filled, no name is resolved."""

    name: Annotated[str, Field(pattern=NAME)]
    seed: Annotated[int, Strict()] = 0
    model: Reference | None = None
    models: Mapping[str, Reference] = Field(default_factory=dict)
    sampling: Sampling = Sampling()
    vars: Mapping[str, object] = Field(default_factory=dict)
    tree: Mapping[str, Level]
    filters: tuple[Annotated[Filter, PlainValidator(plugin("filters"))], ...] = ()
    mix: Mix = Mix()
    emit: tuple[Annotated[Format, PlainValidator(plugin("formats"))], ...] = ()
    limits: Limits = Limits()


@dataclass(frozen=True, slots=True)
class Reading:
    """As much of a recipe as can be understood, and what is wrong with the rest.

    Attributes:
        whole: the document as it was given.
        document: the document less what could not be understood.
    """

    recipe: Recipe
    whole: Document
    document: Document
    problems: tuple[Diagnostic, ...] = ()

    @property
    def lost(self) -> frozenset[str]:
        """Names of the levels that could not be understood."""
        written = {str(loc[1]) for loc in self.whole.keys if loc[:-1] == ("tree",)}
        return frozenset(written - set(self.recipe.tree))


def parse(document: Document) -> Recipe:
    """The recipe in a document.

    Raises:
        RecipeError: keys, types or ranges are wrong; all of them at once.
    """
    reading = read(document)
    if reading.problems:
        raise RecipeError(reading.problems)
    return reading.recipe


def read(document: Document) -> Reading:
    """The recipe in a document; what is wrong is noted, taken out, and the rest is read again.

    Raises:
        RecipeError: the document is no mapping at all.
    """
    whole, problems = document, list(wording.missing(document, Recipe))
    while True:
        try:
            return Reading(_validated(document), whole, document, tuple(problems))
        except ValidationError as error:
            flaws = [wording.explain(details, whole, document) for details in error.errors()]
            problems += [flaw.problem for flaw in flaws if flaw.problem]
            document = document.without(flaw.loc for flaw in flaws)


def _validated(document: Document) -> Recipe:
    given = document.value if isinstance(document.value, dict) else {}
    return Recipe.model_validate({"name": "recipe", "tree": {}, **given})
