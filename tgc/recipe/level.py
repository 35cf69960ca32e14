"""Levels as their author wrote them: a class for each kind, told apart by the key that says what it does."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Discriminator, Field, Strict, Tag, model_validator
from pydantic_core import PydanticCustomError

from tgc import schema
from tgc.dialogue import Role
from tgc.likelihood import MEASURES, Measure
from tgc.recipe.section import (
    KINDS,
    Count,
    Number,
    Section,
    Shaped,
    Word,
    form,
    refuse_unknown_keys,
    said,
)
from tgc.sampling import Siblings

UNASKED = frozenset({"score", "model", "system", "under", "when", "tags"})
"""What a level may say whose score is measured."""

MOST_DEPTH = 16
"""How often a level may be applied to its own output; deeper trees are a mistake."""


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

    dp_lambda: Annotated[Number, Field(gt=0, le=1)] = 1.0
    """Below 1 a token comes from this distribution with that probability, else from all tokens alike."""

    siblings: Siblings = "independent"
    """`distinct` siblings begin with tokens that differ, as long as there are some: drawn without replacement."""


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
        Discriminator(form),
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
    """The shape: `text`, `easy | hard`, `1..5`, `{weighed: 1..5}`, fields as `{title: str}`, or `{list: str}`."""

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
    """A level that has a model judge the node above, by a number or a choice, or by how likely it finds it."""

    score: Word
    """A template for a question about the node above; or `ifd` or `perplexity`, which are measured, not asked."""

    answers: Annotated[object, AfterValidator(Shaped((schema.Range, schema.Choice, schema.Weighed)))] = "1..5"
    """The scale: whole numbers such as `1..5`, or a choice such as `good | bad`; `{weighed: 1..5}` weighs each."""

    @model_validator(mode="before")
    @classmethod
    def _asks_nothing(cls, given: object) -> object:
        """Where the score is a measure, nothing is drawn, and no key says how."""
        if not isinstance(given, Mapping) or given.get("score") not in MEASURES:
            return given
        for key in given:
            if key not in UNASKED:
                context = {"key": key, "known": sorted(UNASKED), "takers": ()}
                raise PydanticCustomError("unknown_key", "unknown key", context)
        return {**given, "max_tokens": 1, "answers": "0..1"}

    @property
    def measure(self) -> Measure | None:
        """What is made of the likelihood of the node above; None where a model is asked about it."""
        match self.score:
            case "ifd" | "perplexity" as measure:
                return measure
            case _:
                return None

    @property
    def shape(self) -> schema.Shape:
        """The shape of an answer; a measure is any number."""
        return schema.Text() if self.measure else schema.parse(self.answers)


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
