"""Everything a recipe names, looked up: templates, data files and models."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from tgc import ir, recipe, source, template
from tgc.errors import Diagnostic, RecipeError, Span, nearest
from tgc.lower import hierarchy, models, rows, values
from tgc.lower.outline import Draft, Outline
from tgc.recipe import Reading
from tgc.sampling import Sampling
from tgc.template import Template

T = TypeVar("T")


def outline(reading: Reading, root: Path, search: tuple[Path, ...]) -> tuple[Outline, tuple[Diagnostic, ...]]:
    """The outline of a recipe, and a diagnostic for everything it names that could not be found."""
    parents, problems = hierarchy.arrange(reading)
    looker = _Looker(reading, root, search, [*problems])
    found = looker.models()
    drafts = {name: looker.draft(name, parent, found) for name, parent in parents.items()}
    return Outline(reading, search, drafts), tuple(looker.problems)


@dataclass(frozen=True, slots=True)
class _Looker:
    """Looks up what a recipe names; what is not found becomes a problem, and None."""

    reading: Reading
    root: Path
    search: tuple[Path, ...]
    problems: list[Diagnostic]

    def models(self) -> dict[str | None, ir.Model | None]:
        """The recipe's models by name, its own under None."""
        written = self.reading.recipe
        found: dict[str | None, ir.Model | None] = {
            name: self._model(given, "models", name) for name, given in written.models.items()
        }
        found[None] = None if written.model is None else self._model(written.model, "model")
        return found

    def draft(self, name: str, parent: str | None, found: dict[str | None, ir.Model | None]) -> Draft:
        """A level with its values, templates and model."""
        says = self.reading.recipe.tree[name]
        draft = Draft(name, says, parent)
        match says:
            case recipe.Values():
                return replace(draft, items=self._values(name, says))
            case recipe.Map():
                return replace(draft, template=self._template(name, "map", says.map))
            case recipe.Prompt():
                draft = replace(draft, template=self._template(name, "prompt", says.prompt))
        return replace(
            draft,
            system=None if says.system is None else self._template(name, "system", says.system),
            model=self._level_model(name, says, found),
            sampling=self._sampling(says),
        )

    def _values(self, name: str, says: recipe.Values) -> tuple[ir.Value, ...] | None:
        document, loc = self.reading.document, ("tree", name, "values")
        if isinstance(says.values, str):
            return self._try(document.at(*loc), partial(self._load, says.values))
        return self._try(document.at(*loc), lambda: values.inline(document, *loc))

    def _load(self, name: str) -> tuple[ir.Value, ...]:
        places = [folder / name for folder in self._folders()]
        path = next(filter(source.is_file, places), None)
        if path is None:
            hint = nearest(name, _neighbours(name, self._folders()))
            raise RecipeError([Diagnostic("missing-file", f"there is no data file `{name}`", None, hint)])
        if not path.resolve().is_relative_to(self.root.resolve()):
            raise RecipeError([Diagnostic("unsafe-path", f"`{name}` is outside of the project")])
        return values.load(path, str(path))

    def _template(self, name: str, key: str, given: str) -> Template | None:
        span = self.reading.document.at("tree", name, key)
        return self._try(span, lambda: template.load(given, self.search))

    def _model(self, given: str | recipe.Model, *loc: str) -> ir.Model | None:
        wanted = recipe.Model(id=given) if isinstance(given, str) else given
        span = self.reading.document.at(*loc)
        return self._try(span, lambda: models.resolve(wanted.id, wanted.revision, self._folders()))

    def _gives_a_model(self) -> bool:
        """Whether the recipe gives its model, if wrongly."""
        whole = self.reading.whole
        return whole.has("model") and whole.get("model") is not None

    def _level_model(
        self, name: str, says: recipe.Generating, found: dict[str | None, ir.Model | None]
    ) -> ir.Model | None:
        if says.model is not None and says.model not in self.reading.recipe.models:
            span = self.reading.document.at("tree", name, "model")
            hint = (
                nearest(says.model, self.reading.recipe.models) or "name it under `models`, then use it here"
            )
            self.problems.append(
                Diagnostic("unknown-model", f"no model is called `{says.model}`", span, hint)
            )
        elif says.model is None and not self._gives_a_model():
            span = self.reading.document.key("tree", name)
            hint = "add `model: …` to the recipe; `builtin:atlas` ships with tgc"
            self.problems.append(Diagnostic("missing-model", f"no model is given for `{name}`", span, hint))
        return found.get(says.model)

    def _sampling(self, says: recipe.Generating) -> Sampling:
        given = {**self.reading.recipe.sampling.model_dump(), **says.sampling.model_dump(exclude_unset=True)}
        return Sampling(**given)

    def _folders(self) -> tuple[Path, Path]:
        return Path(self.reading.document.path).parent, self.root

    def _try(self, span: Span, make: Callable[[], T]) -> T | None:
        try:
            return make()
        except RecipeError as error:
            self.problems.extend(replace(problem, span=problem.span or span) for problem in error.diagnostics)
            return None


def _neighbours(name: str, folders: tuple[Path, ...]) -> tuple[str, ...]:
    named = [folder / name for folder in folders]
    files = [
        path.name for place in named if source.is_directory(place.parent) for path in place.parent.iterdir()
    ]
    return tuple(str(Path(name).parent / file) for file in files if rows.is_data(Path(file)))
