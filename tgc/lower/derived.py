"""A model as a recipe puts it together: others of its architecture averaged into it, an adapter on top."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from tgc import fingerprint, ir, recipe
from tgc.errors import Diagnostic, RecipeError, Span
from tgc.lower import models

Find = Callable[[str, str | None, tuple[Path, ...], Mapping[str, str]], ir.Model]
Part = tuple[ir.Model, float]

ARCHITECTURE = (
    *("model_type", "vocab_size", "tie_word_embeddings"),
    *("hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads", "num_key_value_heads"),
    *("head_dim", "num_experts", "num_local_experts", "n_embd", "n_inner", "n_layer", "n_head"),
)
"""What a `config.json` says of the names and shapes of weights; it leaves out what is the default."""


def model(
    wanted: recipe.Model,
    place: Callable[..., Span],
    folders: tuple[Path, ...],
    pins: Mapping[str, str] = models.NO_PINS,
) -> ir.Model:
    """The model that a recipe describes, known by the content of all its parts, in whatever order they are merged.

    Args:
        wanted: what the recipe says.
        place: where it says a part of that.
        folders: where directories are looked up.
        pins: the commits that references to hub ids stand for; see `models.reference`.

    Raises:
        RecipeError: parts of it are not to be found or do not fit; all that is wrong.
    """
    look = _Look(place, folders, pins)
    base = look.up(models.resolve, wanted)
    merged = [(look.up(models.resolve, part, "merge", n), part.weight) for n, part in enumerate(wanted.merge)]
    given = recipe.Place(id=wanted.adapter) if isinstance(wanted.adapter, str) else wanted.adapter
    adapter = look.up(models.adapter, given, "adapter") if given else None
    parts = [(part, weight) for part, weight in merged if part is not None]
    if base is not None:
        look.problems.extend(_problems(base, parts, place))
    if base is None or look.problems:
        raise RecipeError(look.problems)
    return _adapted(_merged(base, parts), adapter)


@dataclass(frozen=True, slots=True)
class _Look:
    """Looks up parts; what is wrong with them becomes problems, and None."""

    place: Callable[..., Span]
    folders: tuple[Path, ...]
    pins: Mapping[str, str]
    problems: list[Diagnostic] = field(default_factory=list)

    def up(self, find: Find, part: recipe.Place, *loc: str | int) -> ir.Model | None:
        """What is found for a part."""
        span = self.place(*loc, "id") if loc else self.place()
        try:
            return find(part.id, part.revision, self.folders, self.pins)
        except RecipeError as error:
            self.problems.extend(replace(problem, span=span) for problem in error.diagnostics)
            return None


def _problems(base: ir.Model, parts: Sequence[Part], place: Callable[..., Span]) -> Iterator[Diagnostic]:
    total = sum(weight for _, weight in parts)
    if total >= 1:
        message = f"the weights of `merge` add up to {total:g}"
        hint = f"together they are less than 1, which leaves the rest to `{base.id}`"
        yield Diagnostic("bad-shares", message, place("merge"), hint)
    for index, (part, _) in enumerate(parts):
        for key, here, there in islice(models.differences(base, part, ARCHITECTURE), 1):
            message = f"`{part.id}` cannot be merged into `{base.id}`: its `{key}` is `{there}`, not `{here}`"
            hint = "models that are merged have one architecture"
            yield Diagnostic("bad-model", message, place("merge", index, "id"), hint)


def _merged(base: ir.Model, parts: Sequence[Part]) -> ir.Model:
    if not parts:
        return base
    ordered = sorted(parts, key=lambda part: (part[0].digest, part[1]))
    rest = 1 - sum(weight for _, weight in ordered)
    names = (f"{weight:g} {part.id}" for part, weight in ((base, rest), *ordered))
    weights = (f"{part.digest} {weight!r}" for part, weight in ordered)
    return replace(
        base,
        id=" + ".join(names),
        origin=replace(base.origin, merge=tuple((part.origin, weight) for part, weight in ordered)),
        digest=fingerprint.digest("merge", base.digest, *weights),
        loose=tuple(dict.fromkeys((*base.loose, *(name for part, _ in ordered for name in part.loose)))),
    )


def _adapted(base: ir.Model, adapter: ir.Model | None) -> ir.Model:
    if adapter is None:
        return base
    return replace(
        base,
        id=f"{base.id} + {adapter.id}",
        origin=replace(base.origin, adapter=adapter.origin),
        digest=fingerprint.digest("adapter", base.digest, adapter.digest),
        loose=(*base.loose, *adapter.loose),
    )
