"""A lock as a value, and as the JSON file that lies beside a recipe."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePath
from typing import Annotated, Literal, TypeVar

from pydantic import Field, ValidationError

from tgc import source
from tgc.errors import Diagnostic, RecipeError
from tgc.recipe.section import Section, Word

SUFFIX = ".lock"
SHOWN = 12
"""How many digits of a hash a message shows."""

Place = TypeVar("Place", bound=PurePath)

_FOLDED = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")  # allowed in JSON, but not as such in YAML
Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Files = Mapping[str, Hash]


class Model(Section):
    """What a model is made of: the sha256 of its files, by what they say of it.

    Attributes:
        revision: the commit, of a model from a hub.
        digest: the identity that nodes are known by, of a directory; while it is the same, so are the hashes
            as far as a build without `--locked` looks.
    """

    revision: Word | None = None
    digest: Word | None = None
    weights: Files = Field(default_factory=dict)
    tokenizer: Files = Field(default_factory=dict)
    chat_template: Files = Field(default_factory=dict)
    config: Files = Field(default_factory=dict)

    @property
    def aspects(self) -> dict[str, Files]:
        """The hashes by what the files say of the model, in the order of `lower.models.ASPECTS`."""
        return {
            "weights": self.weights,
            "tokenizer": self.tokenizer,
            "chat_template": self.chat_template,
            "config": self.config,
        }


class Lock(Section):
    """Models by their names in the recipe, `id` or `id@revision`, and data files by theirs."""

    version: Literal[1] = 1
    models: Mapping[str, Model] = Field(default_factory=dict)
    files: Files = Field(default_factory=dict)

    @property
    def pins(self) -> dict[str, str]:
        """The commit of every model from a hub."""
        return {name: model.revision for name, model in self.models.items() if model.revision}


def place(recipe: Place) -> Place:
    """Where the lock of a recipe lies.

    >>> place(Path("recipes/demo.yaml")).as_posix()
    'recipes/demo.lock'
    """
    return recipe.with_name((recipe.name if recipe.suffix == SUFFIX else recipe.stem) + SUFFIX)


def beside(recipe: Path) -> Lock | None:
    """The lock of a recipe; None where it has none.

    Raises:
        RecipeError: the file is no lock.
    """
    path = place(recipe)
    return parse(source.read(path, str(path)), str(path)) if path.is_file() else None


def parse(text: str, shown: str) -> Lock:
    """The lock in a text.

    Args:
        text: what `write` gave.
        shown: the file that it is in, as it is to be named.

    Raises:
        RecipeError: it is no lock.
    """
    document = source.parse(text, shown)
    try:
        return Lock.model_validate(document.value)
    except ValidationError as error:
        span = document.at(*error.errors()[0]["loc"])
        hint = "`tgc lock` writes it anew"
        raise RecipeError([Diagnostic("bad-lock", f"`{shown}` is not a lock", span, hint)]) from error


def write(lock: Lock) -> str:
    """The lock as text: JSON with sorted keys, one hash per line, so that git shows what changed.

    >>> parse(write(Lock(files={"topics.csv": "0" * 64})), "demo.lock").files
    {'topics.csv': '0000000000000000000000000000000000000000000000000000000000000000'}
    """
    content = {"version": lock.version, **lock.model_dump(exclude_defaults=True)}
    text = json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False)
    return _FOLDED.sub(lambda found: f"\\u{ord(found.group()):04x}", text) + "\n"


def changes(before: Lock, after: Lock) -> Iterator[str]:
    """What a lock says otherwise than an earlier one, in a sentence for each model and data file.

    >>> earlier, later = (Lock(models={"org/name": Model(revision=one * 40)}) for one in "12")
    >>> list(changes(earlier, later))
    ['`org/name` moves from commit `111111111111` to `222222222222`']
    """
    old, new = _entries(before), _entries(after)
    for name in sorted({*old, *new}):
        if old.get(name) != new.get(name):
            yield f"`{name}` {_becomes(old.get(name), new.get(name))}"


def short(hashed: str) -> str:
    """As much of a hash as tells it from others, as messages show it."""
    return f"`{hashed[:SHOWN]}`"


def _entries(lock: Lock) -> dict[str, Model | str]:
    return {**lock.files, **lock.models}


def _becomes(old: Model | str | None, new: Model | str | None) -> str:
    match old, new:
        case None, _:
            return "is new"
        case _, None:
            return "is named no more"
        case Model(revision=str(before)), Model(revision=str(after)):
            return f"moves from commit {short(before)} to {short(after)}"
        case _:
            return "has changed"
