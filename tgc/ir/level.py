"""A level of the tree: what it does, where it hangs, and what identifies it."""

from dataclasses import dataclass
from typing import assert_never

from tgc.dialogue import Role
from tgc.filters.base import Filter
from tgc.ir.ask import Ask, Value
from tgc.ir.model import Model
from tgc.likelihood import Measure
from tgc.template import Template


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
    """Render a question about the parent; the reply, a number or a choice, is its score.

    Attributes:
        template: of the question; None where nothing is asked.
        measure: what is made of how likely the model finds the parent's text as a turn of the dialogue, which is
            the score then; None where the model is asked.
    """

    template: Template | None
    ask: Ask
    measure: Measure | None = None


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
