"""Jinja templates as values: text with holes, rendered in a sandbox; what a model wrote stays data."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from pathlib import Path

import jinja2

from tgc.errors import Diagnostic, RecipeError
from tgc.fingerprint import digest
from tgc.template import holes, sandbox, shelf
from tgc.template.fields import Fields


@dataclass(frozen=True, slots=True)
class Template:
    """A self-contained template: its name as the recipe spells it, its text, its partials, its variables.

    Attributes:
        fixed: what it renders as, whatever it is given; None where that depends, or is not known.
    """

    name: str
    text: str
    partials: tuple[tuple[str, str], ...] = ()
    variables: tuple[str, ...] = ()
    fixed: str | None = None

    def render(self, scope: Mapping[str, object]) -> str:
        """The text with its holes filled from `scope`, stripped of surrounding white space.

        Raises:
            RecipeError: a hole cannot be filled.
        """
        if self.fixed is not None:
            return self.fixed
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
            raise RecipeError(
                [Diagnostic("template-render", f"{shelf.label(self.name)}: {shelf.said(error)}")]
            ) from error

    @property
    def texts(self) -> tuple[tuple[str, str], ...]:
        """Its own name and text, then those of its partials."""
        return ((self.name, self.text), *self.partials)

    @property
    def names(self) -> frozenset[str]:
        """Every name it may ask for, those included that a partial asks for and it may set itself."""
        return frozenset().union(*(holes.variables(text) for _, text in self.texts), self.variables)

    @property
    def fields(self) -> tuple[tuple[str, str], ...]:
        """Every `variable.field` it asks for, as pairs, sorted."""
        return tuple(sorted(frozenset().union(*(holes.fields(text) for _, text in self.texts))))

    @property
    def identity(self) -> str:
        """Digest of what can change the rendered text: neither comments nor space that is stripped."""
        partials = ((name, *holes.tokens(text)) for name, text in self.partials)
        return digest(*holes.stripped(self.text), *chain.from_iterable(partials))


def scope(
    ancestors: Iterable[tuple[str, str, str | None]], variables: Mapping[str, object]
) -> dict[str, object]:
    """What any template may ask for: the recipe's `vars`, each ancestor by its level's name, and `parent`.

    An ancestor is its level's name, its text, and the JSON of its fields if it has any. Of two of one name the
    last is meant; `parent` is the last of all.

    >>> given = scope([("topic", "jazz", '{"era": 1920}')], {})
    >>> Template("", "{{ topic.era }}: {{ parent }}").render(given)
    '1920: jazz'
    """
    texts = [(name, fielded(text, data)) for name, text, data in ancestors]
    return {**variables, **dict(texts), **({"parent": texts[-1][1]} if texts else {})}


def fielded(text: str, data: str | None) -> str:
    """A text as a template sees it: with its fields, if it has any."""
    return text if data is None else Fields(text, data)


def load(given: str, search: tuple[Path, ...]) -> Template:
    """The template a recipe means: inline text where it has holes or spaces, else a `.j2` file.

    Files are looked up in the directories of `search`, in order, and never outside of them.

    Raises:
        RecipeError: no such file, a syntax error, or partials that include each other; the diagnostic's
            span is in the `.j2` file, or None where the recipe itself is to blame.
    """
    text = given if shelf.is_inline(given) else shelf.read(given, search)
    partials = shelf.partials(given, text, search)
    asked = (holes.variables(inner) - holes.assigned(text) for inner in partials.values())
    variables = holes.variables(text).union(*asked)
    return Template(given, text, tuple(sorted(partials.items())), tuple(sorted(variables)))


@lru_cache(maxsize=1024)
def _compiled(template: Template) -> jinja2.Template:
    loader = jinja2.DictLoader(dict(template.partials))
    return sandbox.environment().overlay(loader=loader).from_string(template.text)
