"""The Program: a recipe with every name resolved and every default filled, frozen."""

from dataclasses import dataclass
from pathlib import Path
from typing import assert_never

from tgc.dialogue import Role
from tgc.filters.base import Filter
from tgc.formats.base import Format
from tgc.sampling import Sampling
from tgc.template import Template


@dataclass(frozen=True, slots=True)
class Model:
    """Which weights write.

    Attributes:
        id: as the recipe names it.
        source: what a backend opens: a local directory or a hub id.
        digest: what counts as identity.
        context: the longest prompt and completion together, in tokens; None when the model does not say.
    """

    id: str
    source: str
    revision: str | None
    digest: str
    context: int | None


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked of a model for one node."""

    model: Model
    sampling: Sampling
    max_tokens: int
    stop: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Value:
    """One enumerated datum: its text, and its JSON when it has fields."""

    text: str
    data: str | None = None

    @property
    def content(self) -> str:
        """What identifies it."""
        return self.text if self.data is None else self.data


@dataclass(frozen=True, slots=True)
class Values:
    """Enumerate data: one node per value under each parent."""

    items: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Turn:
    """Continue the dialogue along the path as `role`; `system` opens it."""

    role: Role
    system: Template | None
    ask: Ask


@dataclass(frozen=True, slots=True)
class Prompt:
    """Render an instruction; the reply is the node."""

    template: Template
    system: Template | None
    ask: Ask


@dataclass(frozen=True, slots=True)
class Map:
    """Render a template over the ancestors: no model."""

    template: Template


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
    embedder: str | None


@dataclass(frozen=True, slots=True)
class Level:
    """One generation of nodes in the tree schema.

    Attributes:
        parent: the level it hangs under; None at the root.
        depth: 0 at the root.
        branch: children kept per parent; 1 for a map, the number of values for values.
        speaks: whose turn a node is in the emitted conversation, if it is one.
        system: the prompt that opens the dialogue below, inherited from the nearest level that sets one.
        fingerprint: identity of the level with its ancestors, 32 hex digits.
        parts: the identity of each aspect by the names of `fingerprint.TABLE`, to say what changed.
    """

    name: str
    parent: str | None
    depth: int
    branch: int
    does: Values | Turn | Prompt | Map
    distinct: Distinct | None
    speaks: Role | None
    fingerprint: str
    parts: tuple[tuple[str, str], ...]

    @property
    def ask(self) -> Ask | None:
        """What is asked of a model; None where none is."""
        match self.does:
            case Turn(ask=ask) | Prompt(ask=ask):
                return ask
            case Values() | Map():
                return None
            case _:
                assert_never(self.does)

    @property
    def templates(self) -> tuple[Template, ...]:
        """The templates that a node of the level is rendered from."""
        match self.does:
            case Values():
                return ()
            case Turn(system=system):
                return (system,) if system else ()
            case Prompt(template=template, system=system):
                return (template, system) if system else (template,)
            case Map(template=template):
                return (template,)
            case _:
                assert_never(self.does)


@dataclass(frozen=True, slots=True)
class Check:
    """A filter and the levels it judges, top to bottom."""

    filter: Filter
    levels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Split:
    """A held-out share, drawn by the subtree of `by`, so that siblings never straddle it."""

    name: str
    share: float
    by: str


@dataclass(frozen=True, slots=True)
class Mix:
    """How many conversations, spread evenly over the values of the levels in `balance`."""

    size: int | None
    balance: tuple[str, ...]
    split: Split | None


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

    def below(self, name: str) -> tuple[Level, ...]:
        """The levels that hang directly under the one of that name."""
        return tuple(level for level in self.levels if level.parent == name)
