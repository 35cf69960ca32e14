"""Models as a recipe names them: by a word, or as a mapping that says of which parts they are put together."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, Discriminator, Tag

from tgc.recipe.section import Section, Share, Word


def _named(given: object) -> str:
    """Whether something is named in a word or in a mapping."""
    return "as mapping" if isinstance(given, Mapping | BaseModel) else "as text"


class Place(Section):
    """Where weights are, at a revision."""

    id: Word
    """A hub id or a directory."""

    revision: Word | None = None
    """A branch, a tag or a commit on the hub; a commit pins the weights."""


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


Reference = Annotated[
    Annotated[Word, Tag("as text")] | Annotated[Model, Tag("as mapping")],
    Discriminator(_named),
]
