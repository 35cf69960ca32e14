"""The tree of a recipe with everything looked up that its levels name, as far as it could be found."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tgc import ir, recipe
from tgc.dialogue import Role
from tgc.errors import Span
from tgc.filters.base import Filter
from tgc.recipe import Reading
from tgc.recipe.section import KINDS
from tgc.sampling import Sampling
from tgc.template import Template


def key_of(says: recipe.Level) -> str:
    """The key that says what a level does."""
    return next(kind for kind in KINDS if kind in type(says).model_fields)


@dataclass(frozen=True, slots=True)
class Draft:
    """A level on its way to the Program; what it does not have, or what could not be found, is None.

    Attributes:
        name: of its own among the drafts.
        written: its name in the recipe; a level applied to its own output is several drafts of one such name.
        fields: those that all its nodes have; None where they are plain text.
    """

    name: str
    written: str
    says: recipe.Level
    parent: str | None
    items: tuple[ir.Value, ...] | None = None
    fields: frozenset[str] | None = None
    template: Template | None = None
    system: Template | None = None
    when: Template | None = None
    examples: tuple[ir.Value, ...] | None = None
    model: ir.Model | None = None
    embedder: ir.Model | None = None
    sampling: Sampling = field(default_factory=Sampling)

    @property
    def asks(self) -> recipe.Generating | None:
        """What it says to a model; None where no model is asked."""
        return self.says if isinstance(self.says, recipe.Generating) else None

    @property
    def speaks(self) -> Role | None:
        """Whose turn of the dialogue its nodes are."""
        match self.says:
            case recipe.Turn(role=role):
                return role
            case recipe.Score():
                return None
            case _:
                return self.says.speaks

    @property
    def is_broken(self) -> bool:
        """Whether its values could not be read."""
        return isinstance(self.says, recipe.Values) and self.items is None

    @property
    def branch(self) -> int:
        """Children kept per parent."""
        return self.asks.branch if self.asks else len(self.items or (None,))


@dataclass(frozen=True, slots=True)
class Outline:
    """The drafts of all levels, parents first, and the recipe that they are of.

    Attributes:
        filters: the recipe's, with what stands in the data files that they name.
        blend: the files that are blended into the mix.
        embedders: the sentence-transformers models that filters name, by those names.
    """

    reading: Reading
    search: tuple[Path, ...]
    drafts: Mapping[str, Draft]
    filters: tuple[Filter, ...] = ()
    blend: tuple[ir.Blend, ...] = ()
    embedders: Mapping[str, ir.Model] = field(default_factory=dict)

    @property
    def recipe(self) -> recipe.Recipe:
        """What the author wrote."""
        return self.reading.recipe

    def above(self, name: str) -> tuple[Draft, ...]:
        """The ancestors of a level, root first."""
        parent = self.drafts[name].parent
        return (*self.above(parent), self.drafts[parent]) if parent else ()

    def path_to(self, name: str) -> tuple[Draft, ...]:
        """The ancestors of a level and itself."""
        return (*self.above(name), self.drafts[name])

    def ends(self) -> tuple[Draft, ...]:
        """The levels with which conversations end, after as many turns as the mix names.

        Where it names none that there are: the assistant's levels without one of the assistant's below. Of pairs
        they are the levels that are told apart.
        """
        return self._paired() or tuple(filter(self._is_wanted, self.answers())) or self._deepest()

    def judged(self, given: Filter) -> tuple[Draft, ...]:
        """The levels that a filter judges: of one that scores, what it scores."""
        drafts = self.drafts.values()
        if given.level is None:
            return tuple(draft for draft in drafts if draft.speaks in given.roles)
        named = self.drafts.get(given.level)
        if named and isinstance(named.says, recipe.Score) and named.parent:
            return (self.drafts[named.parent],)
        return tuple(draft for draft in drafts if given.level in (draft.name, draft.written))

    def answers(self) -> tuple[Draft, ...]:
        """The levels that speak as the assistant."""
        return tuple(draft for draft in self.drafts.values() if draft.speaks == "assistant")

    def turns(self, name: str) -> int:
        """How many turns a conversation has that ends with a level; a user's and the reply are one."""
        return sum(draft.speaks is not None for draft in self.path_to(name)) // 2

    def _paired(self) -> tuple[Draft, ...]:
        pairs = self.recipe.mix.pairs
        names = (pairs.chosen, pairs.rejected) if pairs else ()
        return tuple(draft for draft in self.answers() if draft.name in names)

    def _is_wanted(self, draft: Draft) -> bool:
        match self.recipe.mix.turns:
            case None:
                return False
            case recipe.Gaussian():
                return True
            case shares:
                return bool(shares.get(str(self.turns(draft.name))))

    def _deepest(self) -> tuple[Draft, ...]:
        passed = {above.name for draft in self.answers() for above in self.above(draft.name)}
        return tuple(draft for draft in self.answers() if draft.name not in passed)

    def place(self, name: str, *keys: str | int) -> Span:
        """Where a level says something; where it leaves that out, the level's name."""
        document = self.reading.document
        written = self.drafts[name].written
        loc = ("tree", written, *keys)
        return document.at(*loc) if keys and document.has(*loc) else document.key("tree", written)
