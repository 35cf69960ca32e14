"""The recipe as its author wrote it: all of its sections, before any name is looked up."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Discriminator, Field, PlainValidator, Strict, Tag

from tgc.filters.base import Filter
from tgc.formats.base import Format
from tgc.recipe.level import Level, Sampling
from tgc.recipe.mix import Mix
from tgc.recipe.model import Reference
from tgc.recipe.section import NAME, Count, Plugin, Section, Word, form

Files = Annotated[
    Annotated[Word, Tag("as text")] | Annotated[tuple[Word, ...], Tag("as list")], Discriminator(form)
]


class Limits(Section):
    """What a build of the recipe may not exceed."""

    nodes: Count = 1_000_000
    """The most nodes that the tree may have."""


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
