"""The recipe as its author wrote it: sections, levels and options, before any name is looked up."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    Discriminator,
    Field,
    PlainValidator,
    Strict,
    Tag,
    ValidationError,
    model_validator,
)

from tgc import schema
from tgc.dialogue import Role
from tgc.errors import Diagnostic, RecipeError
from tgc.filters.base import Filter
from tgc.formats.base import Format
from tgc.recipe import wording
from tgc.recipe.mix import Mix
from tgc.recipe.section import (
    KINDS,
    NAME,
    Count,
    Number,
    Plugin,
    Section,
    Shaped,
    Share,
    Word,
    refuse_unknown_keys,
    said,
)
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
    """Above 1 draws more freely, below 1 more surely; 0 always takes the likeliest token."""

    top_k: Annotated[int, Strict(), Field(ge=0)] = 0
    """Only the so many likeliest tokens are drawn from; 0 is all."""

    top_p: Annotated[Number, Field(gt=0, le=1)] = 1.0
    """Only the likeliest tokens are drawn from that make up this share together."""

    min_p: Annotated[Number, Field(ge=0, le=1)] = 0.0
    """Only tokens are drawn from that are at least this share as likely as the likeliest."""

    repetition_penalty: Annotated[Number, Field(gt=0)] = 1.0
    """Above 1 makes tokens less likely that occurred before."""


class Place(Section):
    """Where weights are, at a revision."""

    id: Word
    """A hub id or a directory."""

    revision: Word | None = None
    """A branch, a tag or a commit on the hub; a commit pins the weights."""


def _named(given: object) -> str:
    """Whether something is named in a word or in a mapping."""
    return "as mapping" if isinstance(given, Mapping | BaseModel) else "as text"


class Merged(Place):
    """A model that is averaged into another of its architecture."""

    id: Word
    """A hub id, a directory, or `builtin:atlas`, which ships with tgc."""

    weight: Share
    """What share of the whole it is; the model that it is merged into is the rest."""


class Model(Place):
    """A model at a revision, and what is put together with it."""

    id: Word
    """A hub id, a directory, or `builtin:atlas`, which ships with tgc."""

    adapter: (
        Annotated[
            Annotated[Word, Tag("as text")] | Annotated[Place, Tag("as mapping")], Discriminator(_named)
        ]
        | None
    ) = None
    """A LoRA or other adapter that peft saved, a hub id or a directory; or `{id, revision}`."""

    merge: tuple[Merged, ...] = ()
    """Models of its architecture that it is averaged with, weight by weight; an adapter comes on top."""


class Distinct(Section):
    """Semantic deduplication among siblings: draw more than `branch`, keep the least alike."""

    by: Literal["mmr"]
    """The method: Maximal Marginal Relevance."""

    oversample: Annotated[Number, Field(ge=1)] = 2.0
    """How many siblings are drawn per sibling kept."""

    diversity: Annotated[Number, Field(ge=0, le=1)] = 0.5
    """0 picks the typical, 1 the unlike."""

    embedder: Word | None = None
    """A sentence-transformers model; without, the generating model's own states."""


class Query(Section):
    """Rows of the warehouse as values."""

    sql: Word
    """One SELECT over the views of the warehouse; a row is a value."""


class Examples(Section):
    """Few-shot examples: how many of which pool each prompt shows."""

    source: Annotated[Word, Field(alias="from")]
    """A file of examples: any that `values` can read."""

    k: Count = 3
    """How many a prompt shows, as `examples` in its template."""


class _Level(Section):
    """What every level may say."""

    under: str | None = None
    """The level that it hangs under; the one above if not given."""

    when: Word | None = None
    """A template over what is above, such as `"{{ topic.level == 'school' }}"`: it grows where that is true."""

    tags: tuple[Word, ...] = ()
    """Names by which it can be selected."""

    @model_validator(mode="before")
    @classmethod
    def _knows_its_keys(cls, given: object) -> object:
        refuse_unknown_keys(cls, given, _takers)
        return given


class Values(_Level):
    """A level that enumerates data: an inline list, a file or folder, or what a query gives."""

    values: Annotated[
        Annotated[Word, Tag("as text")]
        | Annotated[tuple[object, ...], Tag("as list")]
        | Annotated[Query, Tag("as mapping")],
        Discriminator(_form),
    ]
    """An inline list, the name of a file or folder, or `{sql: …}`: one node per value."""

    speaks: Role | None = None
    """Whose turn of the dialogue a value is, if it is one."""


class Map(_Level):
    """A level that renders a template over its ancestors, without a model."""

    map: Word
    """A template over what is above; the text it renders is the node."""

    speaks: Role | None = None
    """Whose turn of the dialogue the text is, if it is one."""


class Generating(_Level):
    """What every level that asks a model may say."""

    branch: Count = 1
    """Children per parent."""

    depth: Annotated[Count, Field(le=MOST_DEPTH)] = 1
    """How often the level is applied to its own output, as for a tree of topics."""

    max_tokens: Count = 256
    """Most tokens of one text; with the prompt they must fit the model's context."""

    sampling: Sampling = Sampling()
    """Single fields of the recipe's `sampling`, given anew."""

    model: str | None = None
    """One of `models` by its name; the recipe's `model` if not given."""

    stop: tuple[Word, ...] = ()
    """Strings that end the text and are no part of it; the end of a turn always does."""

    distinct: Distinct | None = None
    """Draws more siblings than `branch` and keeps those least alike."""

    examples: Examples | None = None
    """Few-shot examples, drawn anew for every prompt and always the same."""

    @property
    def shape(self) -> schema.Shape:
        """The shape of an answer."""
        return schema.Text()


class Chatting(Generating):
    """What every level that asks by way of a chat may say."""

    system: Word | None = None
    """A template for the system prompt; that of the nearest level above if not given."""


class Turn(Chatting):
    """A level that continues the dialogue along the path as `role`."""

    role: Role
    """Who speaks: the chat is cut at the start of that turn, and the model goes on."""


class Prompt(Chatting):
    """A level that renders an instruction; the reply is the node."""

    prompt: Word
    """A template for an instruction: a `.j2` file, or text with holes."""

    answers: Annotated[object, AfterValidator(Shaped())] = "text"
    """The shape of the answer: `text`, `easy | hard`, `1..5`, fields as in `{question: str}`, or `{list: str}`."""

    speaks: Role | None = None
    """Whose turn of the dialogue the answer is, if it is one."""

    @property
    def shape(self) -> schema.Shape:
        """The shape of an answer."""
        return schema.parse(self.answers)


class Text(Generating):
    """A level that renders the beginning of a text; what the model continues it with is the node."""

    text: Word
    """A template for the beginning of a text, which a base model continues."""

    speaks: Role | None = None
    """Whose turn of the dialogue the continuation is, if it is one."""


class Score(Chatting):
    """A level that has a model judge the node above, by a number or a choice."""

    score: Word
    """A template for a question about the node above."""

    answers: Annotated[object, AfterValidator(Shaped((schema.Range, schema.Choice)))] = "1..5"
    """The scale: whole numbers such as `1..5`, or a choice such as `good | bad`."""

    @property
    def shape(self) -> schema.Shape:
        """The shape of an answer."""
        return schema.parse(self.answers)


class Limits(Section):
    """What a build of the recipe may not exceed."""

    nodes: Count = 1_000_000
    """The most nodes that the tree may have."""


def _takers(key: str) -> tuple[str, ...]:
    """The kinds of level that take a key."""
    levels: tuple[type[_Level], ...] = (Values, Turn, Prompt, Text, Score, Map)
    return tuple(kind for kind, level in zip(KINDS, levels, strict=True) if key in level.model_fields)


def _kind(given: object) -> str | None:
    kinds = said(given)
    return f"as {kinds[0]}" if len(kinds) == 1 else None


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
    Discriminator(_named),
]
Files = Annotated[
    Annotated[Word, Tag("as text")] | Annotated[tuple[Word, ...], Tag("as list")], Discriminator(_form)
]


class Recipe(Section):
    """Everything a recipe says, with what it includes; every default is filled, no name is resolved."""

    name: Annotated[str, Field(pattern=NAME)]
    """What the mix and its nodes are called: lower-case letters, digits, `-` and `_`."""

    include: Files = ()
    """Files that this one is put on top of."""

    seed: Annotated[int, Strict()] = 0
    """Another seed draws another corpus."""

    model: Reference | None = None
    """Who writes: a hub id, a directory, or `builtin:atlas`; or `{id, revision, adapter, merge}`."""

    models: Mapping[str, Reference] = Field(default_factory=dict)
    """Further models by the names that levels use."""

    sampling: Sampling = Sampling()
    """How tokens are drawn, for every level."""

    vars: Mapping[str, object] = Field(default_factory=dict)
    """Values that every template may use by name; `--vars` gives others."""

    tree: Mapping[str, Level]
    """Levels by name, top to bottom; each hangs under the one above, or `under` another."""

    filters: tuple[Annotated[Filter, PlainValidator(Plugin("filters"))], ...] = ()
    """What is left out of the mix, in this order; each filter sees what is still alive."""

    mix: Mix = Mix()
    """Which of the conversations are emitted."""

    emit: tuple[Annotated[Format, PlainValidator(Plugin("formats"))], ...] = ()
    """The files to write."""

    limits: Limits = Limits()
    """What a build may not exceed."""


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
        """Names of the levels that could not be understood, or of which it can only be guessed what they do."""
        tree = self.whole.get("tree") if self.whole.has("tree") else None
        return frozenset(filter(self._is_lost, tree if isinstance(tree, dict) else ()))

    def _is_lost(self, name: str) -> bool:
        return name not in self.recipe.tree or wording.is_guess(self.whole, self.document, "tree", name)


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
    if () in document.void:
        raise RecipeError(document.problems)
    whole, problems = document, [*document.problems, *wording.missing(document, Recipe)]
    flaws = [*wording.aimless(document)]
    problems += [flaw.problem for flaw in flaws if flaw.problem]
    document = document.without((*document.void, *(flaw.loc for flaw in flaws)))
    while True:
        try:
            return Reading(_validated(document), whole, document, tuple(problems))
        except ValidationError as error:
            flaws = [wording.explain(details, whole, document) for details in error.errors()]
            problems += [flaw.problem for flaw in flaws if flaw.problem]
            document = document.without(flaw.loc for flaw in flaws)


def _validated(document: Document) -> Recipe:
    given = {"name": "recipe", "tree": {}, **(document.value if isinstance(document.value, dict) else {})}
    if isinstance(given["tree"], dict):
        given["tree"] = {name: _aimed(level) for name, level in given["tree"].items()}
    return Recipe.model_validate(given)


def _aimed(level: object) -> object:
    """A level that does not say what it does, as some level; the rest of it can be checked all the same."""
    return {"role": "user", **level} if isinstance(level, dict) and not said(level) else level
