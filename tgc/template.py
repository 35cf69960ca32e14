"""Jinja templates as values: text with holes, rendered in a sandbox; what a model wrote stays data."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from pathlib import Path

import jinja2

from tgc import holes, source
from tgc.errors import Diagnostic, RecipeError, Span, nearest
from tgc.fingerprint import digest


@dataclass(frozen=True, slots=True)
class Template:
    """A self-contained template: its name as the recipe spells it, its text, its partials, its variables."""

    name: str
    text: str
    partials: tuple[tuple[str, str], ...] = ()
    variables: tuple[str, ...] = ()

    def render(self, scope: Mapping[str, object]) -> str:
        """The text with its holes filled from `scope`, stripped of surrounding white space.

        Raises:
            RecipeError: a hole cannot be filled.
        """
        try:
            return _compiled(self).render(scope).strip()
        except (
            jinja2.TemplateError,
            ArithmeticError,
            AttributeError,
            LookupError,
            TypeError,
            ValueError,
        ) as error:
            raise RecipeError([Diagnostic("template-render", f"`{self.name}`: {_said(error)}")]) from error

    @property
    def texts(self) -> tuple[str, ...]:
        """Its own text and those of its partials."""
        return (self.text, *(text for _, text in self.partials))

    @property
    def fields(self) -> tuple[tuple[str, str], ...]:
        """Every `variable.field` it asks for, as pairs, sorted."""
        return tuple(sorted(frozenset().union(*map(holes.fields, self.texts))))

    @property
    def identity(self) -> str:
        """Digest of what can change the rendered text: neither comments nor surrounding white space."""
        partials = ((name, *holes.tokens(text)) for name, text in self.partials)
        return digest(*holes.tokens(self.text), *chain.from_iterable(partials))


class Fields:
    """A value with fields, as a template sees it: `{{ topic }}` is its text, `{{ topic.era }}` a field."""

    __slots__ = ("_fields", "_text")

    def __init__(self, text: str, data: str) -> None:
        self._text = text
        self._fields = json.loads(data)

    def __str__(self) -> str:
        return self._text

    def __getitem__(self, name: str) -> object:
        return self._fields[name]


def scope(
    ancestors: Iterable[tuple[str, str, str | None]], variables: Mapping[str, object], ordinal: int
) -> dict[str, object]:
    """What a template may ask for: the recipe's `vars`, `ordinal`, and each ancestor by its level's name.

    An ancestor is its level's name, its text, and the JSON of its fields if it has any.

    >>> given = scope([("topic", "jazz", '{"era": 1920}')], {}, 0)
    >>> Template("", "{{ topic.era }}: {{ topic }}").render(given)
    '1920: jazz'
    """
    texts = {name: text if data is None else Fields(text, data) for name, text, data in ancestors}
    return {**variables, "ordinal": ordinal, **texts}


def load(given: str, search: tuple[Path, ...]) -> Template:
    """The template a recipe means: inline text where it has holes or spaces, else a `.j2` file.

    Files are looked up in the directories of `search`, in order, and never outside of them.

    Raises:
        RecipeError: no such file, a syntax error, or partials that include each other; the diagnostic's
            span is in the `.j2` file, or None where the recipe itself is to blame.
    """
    text = given if is_inline(given) else _read(given, search)
    partials = _partials(given, text, search, (given,))
    asked = (holes.variables(inner) - holes.assigned(text) for inner in partials.values())
    variables = holes.variables(text).union(*asked)
    return Template(given, text, tuple(sorted(partials.items())), tuple(sorted(variables)))


def is_inline(given: str) -> bool:
    """Whether a recipe gives a template's text and not the name of its file."""
    return any(mark in given for mark in ("{{", "{%", " ", "\n"))


def place(
    template: Template, search: tuple[Path, ...], variable: str, field: str | None = None
) -> Span | None:
    """Where in a `.j2` file the template asks for a variable or a field of it; None where it is inline."""
    for name, text in ((template.name, template.text), *template.partials):
        extent = holes.find(text, variable, field)
        if extent and not is_inline(name):
            return source.span(str(_path(name, search)), text, *extent)
    return None


@lru_cache(maxsize=1024)
def _compiled(template: Template) -> jinja2.Template:
    loader = jinja2.DictLoader(dict(template.partials))
    return holes.environment().overlay(loader=loader).from_string(template.text)


def _partials(name: str, text: str, search: tuple[Path, ...], including: tuple[str, ...]) -> dict[str, str]:
    _check_syntax(name, text, search)
    found: dict[str, str] = {}
    for partial in holes.partials(text):
        if partial is None:
            raise _problem("template-include", f"`{name}` computes the name of a template it includes")
        if partial in including:
            raise _problem("template-include", f"`{partial}` includes itself, by way of `{name}`")
        inner = _read(partial, search)
        found |= {partial: inner, **_partials(partial, inner, search, (*including, partial))}
    return found


def _check_syntax(name: str, text: str, search: tuple[Path, ...]) -> None:
    try:
        holes.environment().compile(text)
    except jinja2.TemplateSyntaxError as error:
        where = None if is_inline(name) else _line(str(_path(name, search)), text, error.lineno)
        raise RecipeError([Diagnostic("template-syntax", f"`{name}`: {_said(error)}", where)]) from error


def _read(name: str, search: tuple[Path, ...]) -> str:
    path = _path(name, search)
    return source.read(path, str(path))


def _path(name: str, search: tuple[Path, ...]) -> Path:
    if Path(name).is_absolute() or ".." in Path(name).parts or "\\" in name:
        raise _problem("unsafe-path", f"the template `{name}` is outside of `templates/`")
    for directory in search:
        path = directory / name
        if path.is_file() and path.resolve().is_relative_to(directory.resolve()) and name.endswith(".j2"):
            return path
    known = {str(path.relative_to(top).as_posix()) for top in search for path in top.rglob("*.j2")}
    raise _problem("unknown-template", f"there is no template `{name}`", nearest(name, known))


def _line(path: str, text: str, number: int) -> Span:
    line = text.splitlines()[number - 1] if text else ""
    column = len(line) - len(line.lstrip()) + 1
    return Span(path, number, column, max(len(line.strip()), 1), line)


def _problem(code: str, message: str, hint: str | None = None) -> RecipeError:
    return RecipeError([Diagnostic(code, message, None, hint)])


def _said(error: Exception) -> str:
    message = str(error).removesuffix(".").replace("'", "`")
    return message[:1].lower() + message[1:]
