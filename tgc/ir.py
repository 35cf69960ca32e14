"""The Program: a recipe with every name resolved and every default filled, frozen."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import assert_never

import numpy as np

from tgc import fingerprint, schema
from tgc.dialogue import Role
from tgc.filters.base import Filter
from tgc.fingerprint import Ids
from tgc.formats.base import Format
from tgc.origin import Origin
from tgc.readers.base import Reader
from tgc.sampling import Sampling
from tgc.template import Template


@dataclass(frozen=True, slots=True)
class Model:
    """Which weights write.

    Attributes:
        id: as the recipe names it; of several, all of them: `0.7 a + 0.3 b + an-adapter`.
        origin: what a backend opens.
        digest: what counts as identity.
        context: the longest prompt and completion together, in tokens; None when the model does not say.
        chats: whether it has a chat template, as far as can be told; a base model has none.
        loose: what of it is known by name alone, as named in the recipe.
    """

    id: str
    origin: Origin
    digest: str
    context: int | None
    chats: bool = True
    loose: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Value:
    """One enumerated datum: its text, and its JSON when it has fields."""

    text: str
    data: str | None = None

    @property
    def content(self) -> str:
        """What identifies it: its JSON, or its text, marked where that might be JSON.

        >>> Value('{"era": 1920}').content == Value("1920", '{"era": 1920}').content
        False
        """
        if self.data is not None:
            return self.data
        return f"\0{self.text}" if self.text.startswith(("{", "\0")) else self.text


@dataclass(frozen=True, slots=True)
class Examples:
    """A pool of which each prompt shows `count`, drawn by what the prompt is about.

    Attributes:
        words: 64 bits of each value's content.
    """

    pool: tuple[Value, ...]
    count: int
    words: Ids = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        words = np.array([fingerprint.word(value.content) for value in self.pool], dtype=np.uint64)
        object.__setattr__(self, "words", words)


@dataclass(frozen=True, slots=True)
class Opening:
    """The system prompt of a dialogue, set by one level and the same for all below it.

    Attributes:
        depth: how many nodes from the root it may refer to: those above the level that sets it.
    """

    template: Template
    depth: int
    examples: Examples | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked of a model for one node.

    Attributes:
        stop: strings that end the text.
        system: how the dialogue opens, by the level itself or the nearest above that says so.
        answers: the shape of the answer, under which it is decoded.
        examples: what the level's own template may show.
    """

    model: Model
    sampling: Sampling
    max_tokens: int
    stop: tuple[str, ...] = ()
    system: Opening | None = None
    answers: schema.Shape = field(default_factory=schema.Text)
    examples: Examples | None = None

    @property
    def listed(self) -> bool:
        """Whether siblings are the items of one list, each written after those before it."""
        return isinstance(self.answers, schema.Items)


@dataclass(frozen=True, slots=True)
class Values:
    """Enumerate data: one node per value under each parent."""

    items: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Turn:
    """Continue the dialogue along the path as `role`."""

    role: Role
    ask: Ask


@dataclass(frozen=True, slots=True)
class Prompt:
    """Render an instruction; the reply is the node."""

    template: Template
    ask: Ask


@dataclass(frozen=True, slots=True)
class Text:
    """Render the beginning of a text, which a base model continues; the continuation is the node."""

    template: Template
    ask: Ask


@dataclass(frozen=True, slots=True)
class Score:
    """Render a question about the parent; the reply, a number or a choice, is its score."""

    template: Template
    ask: Ask


@dataclass(frozen=True, slots=True)
class Map:
    """Render a template over the ancestors: no model."""

    template: Template


Does = Values | Turn | Prompt | Text | Score | Map


@dataclass(frozen=True, slots=True)
class Distinct:
    """Keep `branch` of `branch * oversample` siblings by Maximal Marginal Relevance (Carbonell 1998).

    Attributes:
        oversample: draws per kept sibling, at least 1.
        diversity: weight of distance against typicality, 0 to 1.
        embedder: a sentence-transformers model, or None for the generating model's own hidden states.
    """

    oversample: float
    diversity: float
    embedder: Model | None


@dataclass(frozen=True, slots=True)
class Level:
    """One generation of nodes in the tree schema.

    Attributes:
        name: unique; a level applied to its own output is several, `area.1`, `area.2` … and `area` itself.
        parent: the level it hangs under; None at the root.
        depth: 0 at the root.
        branch: children kept per parent; 1 for a map, the number of values for values.
        speaks: whose turn a node is in the emitted conversation, if it is one.
        fingerprint: identity of the level with its ancestors, 32 hex digits.
        parts: the identity of each aspect by the names of `fingerprint.TABLE`, to say what changed.
        when: which parents it grows under: those for which this renders as true; None for all.
        condition: identity of `when` and of the vars that it names; empty for none.
        early: filters of the level above; it does not grow under a node that one of them rejects.
        tags: names by which it can be selected.
        decided: by how many nodes from the root it is decided what is asked of the level, ordinals and items of
            the same list apart; None where siblings may be asked differently.
    """

    name: str
    parent: str | None
    depth: int
    branch: int
    does: Does
    distinct: Distinct | None
    speaks: Role | None
    fingerprint: str
    parts: tuple[tuple[str, str], ...]
    when: Template | None = None
    condition: str = ""
    early: tuple[Filter, ...] = ()
    tags: tuple[str, ...] = ()
    decided: int | None = None

    @property
    def written(self) -> str:
        """Its name in the recipe.

        >>> Level("area.2", "area.1", 2, 1, Values(()), None, None, "", ()).written
        'area'
        """
        return self.name.partition(".")[0]

    @property
    def gated(self) -> bool:
        """Whether it grows under some parents only, by what they say."""
        return bool(self.when or self.early)

    @property
    def ask(self) -> Ask | None:
        """What is asked of a model; None where none is."""
        match self.does:
            case Turn(ask=ask) | Prompt(ask=ask) | Text(ask=ask) | Score(ask=ask):
                return ask
            case Values() | Map():
                return None
            case _:
                assert_never(self.does)

    @property
    def template(self) -> Template | None:
        """What its own text, or the question for it, is rendered from."""
        match self.does:
            case Prompt(template=template) | Text(template=template) | Score(template=template):
                return template
            case Map(template=template):
                return template
            case Values() | Turn():
                return None
            case _:
                assert_never(self.does)

    @property
    def templates(self) -> tuple[Template, ...]:
        """Every template that the level is made with."""
        system = self.ask.system.template if self.ask and self.ask.system else None
        return tuple(template for template in (self.template, system, self.when) if template)


@dataclass(frozen=True, slots=True)
class Check:
    """A filter and the levels it judges, top to bottom; `by` is the level whose scores it judges them by."""

    filter: Filter
    levels: tuple[str, ...]
    by: str | None = None


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


@dataclass(frozen=True, slots=True)
class Program:
    """All that a recipe says, and nothing of what already exists.

    Attributes:
        path: the recipe as the user named it.
        root: the project directory.
        text: the recipe's canonical text (what is hashed and kept with every run).
        vars: plain values that every template may use, by name.
        levels: parents before children.
    """

    name: str
    path: Path
    root: Path
    text: str
    seed: int
    vars: tuple[tuple[str, object], ...]
    levels: tuple[Level, ...]
    checks: tuple[Check, ...]
    mix: Mix
    emit: tuple[Format, ...]

    def level(self, name: str) -> Level:
        """The level of that name."""
        return next(level for level in self.levels if level.name == name)

    def path_to(self, name: str) -> tuple[Level, ...]:
        """The level of that name and its ancestors, root first."""
        level = self.level(name)
        return (*(self.path_to(level.parent) if level.parent else ()), level)

    @property
    def gated(self) -> bool:
        """Whether where it grows depends on what was written."""
        return any(level.gated for level in self.levels)

    def below(self, name: str) -> tuple[Level, ...]:
        """The levels that hang directly under the one of that name."""
        return tuple(level for level in self.levels if level.parent == name)
