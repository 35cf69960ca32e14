"""Everything a recipe names, looked up: templates, data files and models."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from tgc import ir, recipe, schema
from tgc.datafile import DataFile
from tgc.errors import Diagnostic, RecipeError, Span, UsageError, nearest
from tgc.filters.base import MODEL, WORDS, Filter
from tgc.lower import blend, derived, drawing, hierarchy, models, rows, sources, templates, values
from tgc.lower.around import Around
from tgc.lower.outline import Draft, Outline, key_of
from tgc.readers.base import Reader
from tgc.recipe import Reading
from tgc.template import Template

T = TypeVar("T")


def outline(reading: Reading, around: Around) -> tuple[Outline, tuple[Diagnostic, ...]]:
    """The outline of a recipe, and a diagnostic for everything it names that could not be found."""
    parents, problems = hierarchy.arrange(reading)
    looker = _Looker(reading, around, [*problems])
    given = looker.models()
    drafts = [
        draft for name, parent in parents.items() for draft in _applied(looker.draft(name, parent, given))
    ]
    filters, blended, embedders = looker.filters(), looker.blend(), looker.embedders()
    levels = {draft.name: draft for draft in drafts}
    found = Outline(reading, around.search, levels, filters, blended, embedders)
    return found, tuple(looker.problems)


def _applied(draft: Draft) -> Iterator[Draft]:
    """A level as often as it is applied to its own output; the last bears its name."""
    parent = draft.parent
    for time in range(1, draft.asks.depth if draft.asks else 1):
        yield replace(draft, name=f"{draft.name}.{time}", parent=parent)
        parent = f"{draft.name}.{time}"
    yield replace(draft, parent=parent)


@dataclass(frozen=True, slots=True)
class _Looker:
    """Looks up what a recipe names; what is not found becomes a problem, and None."""

    reading: Reading
    around: Around
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
        when = None if says.when is None else self._template(name, "when", says.when)
        draft = Draft(name, name, says, parent, when=when)
        match says:
            case recipe.Values():
                items = self._values(name, says)
                return replace(draft, items=items, fields=values.common_fields(items or ()))
            case recipe.Map(map=given):
                return replace(draft, template=self._template(name, "map", given))
            case recipe.Score(measure=str()):
                pass
            case recipe.Prompt(prompt=given) | recipe.Text(text=given) | recipe.Score(score=given):
                draft = replace(draft, template=self._template(name, key_of(says), given))
        return replace(
            draft,
            fields=schema.fields(says.shape),
            system=self._system(name, says),
            examples=self._examples(name, says),
            model=self._level_model(name, says, found),
            embedder=self._embedder(name, says),
            sampling=drawing.sampling(self.reading.recipe, draft),
        )

    def filters(self) -> tuple[Filter, ...]:
        """The recipe's filters, with what stands in the data files that they name."""
        return tuple(self._filter(index, given) for index, given in enumerate(self.reading.recipe.filters))

    def blend(self) -> tuple[ir.Blend, ...]:
        """The files that are blended into the mix, as far as they can be read."""
        given = enumerate(self.reading.recipe.mix.blend)
        return tuple(filter(None, (self._source(index, reader) for index, reader in given)))

    def embedders(self) -> dict[str, ir.Model]:
        """The sentence-transformers models that filters and the mix name, as far as there are such."""
        found = {
            name: self._vectors(name, *loc)
            for name, loc in self._embedded()
            if name not in (None, MODEL, WORDS)
        }
        return {name: model for name, model in found.items() if model}

    def _embedded(self) -> Iterator[tuple[str | None, tuple[str | int, ...]]]:
        """What is to make vectors, and where the recipe says so."""
        for index, given in enumerate(self.reading.recipe.filters):
            yield given.embedded_by, ("filters", index, "embedder")
        if isinstance(diverse := self.reading.recipe.mix.diverse, recipe.Diverse):
            yield diverse.embedder, ("mix", "diverse", "embedder")

    def _filter(self, index: int, given: Filter) -> Filter:
        files = {
            key: tuple(
                found
                for place, file in enumerate(option)
                for found in self._files(file, "filters", index, key, place)
            )
            for key, option in given
            if isinstance(option, tuple) and all(isinstance(file, DataFile) for file in option)
        }
        return given.model_copy(update=files)

    def _files(self, file: DataFile, *loc: str | int) -> tuple[DataFile, ...]:
        """A data file with what stands in it; of a folder, all of its files."""
        span = self.reading.document.at(*loc)
        return self._try(span, lambda: rows.contents(file, self._data(file.name))) or (file,)

    def _source(self, index: int, reader: Reader) -> ir.Blend | None:
        place = partial(self.reading.document.at, "mix", "blend", index)
        name, images = reader.images, None
        if name is not None:
            images = self._try(place("images"), lambda: blend.folder(name, self._folders))
        return self._try(place("source"), lambda: self._found(reader, images))

    def _found(self, reader: Reader, images: Path | None) -> ir.Blend:
        path, files = sources.find(reader, self.around, self._home, self.reading.recipe.seed)
        return blend.found(reader, path, images, files)

    def _values(self, name: str, says: recipe.Values) -> tuple[ir.Value, ...] | None:
        document, loc = self.reading.document, ("tree", name, "values")
        place = document.at(*loc)
        match says.values:
            case str(file):
                return self._try(place, partial(self._load, file))
            case recipe.Query(sql=query):
                return self._try(place, lambda: values.answered(self._answer(query), place))
            case _:
                return self._try(place, lambda: values.inline(document, *loc))

    def _answer(self, query: str) -> Iterable[Mapping[str, object]]:
        try:
            return self.around.answer(query)
        except UsageError as error:
            raise RecipeError([Diagnostic("bad-query", error.message, None, error.hint)]) from error

    def _examples(self, name: str, says: recipe.Generating) -> tuple[ir.Value, ...] | None:
        if says.examples is None:
            return None
        span = self.reading.document.at("tree", name, "examples", "from")
        return self._try(span, partial(self._load, says.examples.source))

    def _system(self, name: str, says: recipe.Generating) -> Template | None:
        if not isinstance(says, recipe.Chatting) or says.system is None:
            return None
        return self._template(name, "system", says.system)

    def _load(self, name: str) -> tuple[ir.Value, ...]:
        path = self._data(name)
        return values.load(path, str(path))

    def _template(self, name: str, key: str, given: str) -> Template | None:
        extent = self.reading.document.extent("tree", name, key)
        return self._try(extent.span, partial(templates.load, given, self.around.search, extent))

    def _model(self, given: str | recipe.Model, *loc: str) -> ir.Model | None:
        wanted = recipe.Model(id=given) if isinstance(given, str) else given
        place = partial(self.reading.document.at, *loc)
        return self._try(place(), lambda: derived.model(wanted, place, self._folders, self.around.pins))

    def _embedder(self, name: str, says: recipe.Generating) -> ir.Model | None:
        given = says.distinct.embedder if says.distinct else None
        if given is None:
            return None
        return self._vectors(given, "tree", name, "distinct", "embedder")

    def _vectors(self, given: str, *loc: str | int) -> ir.Model | None:
        """The sentence-transformers model that goes by that name."""
        span = self.reading.document.at(*loc)
        return self._try(span, lambda: models.embedder(given, self._folders, self.around.pins))

    def _wants_a_model(self) -> bool:
        """Whether the recipe gives no model, not even wrongly, and that has not been said."""
        whole = self.reading.whole
        given = whole.has("model") and (whole.get("model") is not None or ("model",) in whole.void)
        return not given and all(problem.code != "missing-model" for problem in self.problems)

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
        elif says.model is None and self._wants_a_model() and name not in self.reading.lost:
            span = self.reading.document.key("tree", name)
            hint = "add `model: …` to the recipe; `builtin:atlas` ships with tgc"
            self.problems.append(Diagnostic("missing-model", f"no model is given for `{name}`", span, hint))
        return found.get(says.model)

    def _data(self, name: str) -> Path:
        return self.around.data(self._home, name)

    @property
    def _folders(self) -> tuple[Path, ...]:
        return self.around.folders(self._home)

    @property
    def _home(self) -> Path:
        """Where the recipe lies."""
        return Path(self.reading.document.path).parent

    def _try(self, span: Span, make: Callable[[], T]) -> T | None:
        try:
            return make()
        except RecipeError as error:
            self.problems.extend(replace(problem, span=problem.span or span) for problem in error.diagnostics)
            return None
