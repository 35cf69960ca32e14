"""Where templates lie: read from the search path with all they include, checked, and quoted."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import jinja2

from tgc import source
from tgc.errors import Diagnostic, RecipeError, Span, nearest
from tgc.template import holes, sandbox

Search = tuple[Path, ...]


def is_inline(given: str) -> bool:
    """Whether a recipe gives a template's text and not the name of its file."""
    return any(mark in given for mark in ("{{", "{%", " ", "\n"))


def label(name: str) -> str:
    """How a message refers to a template: by its file, or as the text it is itself."""
    return "the text" if is_inline(name) else f"`{name}`"


def said(error: Exception) -> str:
    """Jinja's message in the form of ours."""
    message = str(error).removesuffix(".").replace("'", "`")
    return message[:1].lower() + message[1:]


def blamed(message: str) -> str:
    """What a message quotes last; nothing where it quotes nothing.

    >>> blamed("encountered unknown tag `fro`")
    'fro'
    """
    return next(reversed(re.findall("`([^`]+)`", message)), "")


def once(text: str, word: str) -> tuple[int, int] | None:
    """First and last offset of a word that a text has once; None where it has it never, or more often.

    >>> once("a line with a word", "word"), once("a line with a word", "a")
    ((14, 18), None)
    """
    found = [*re.finditer(rf"(?<!\w){re.escape(word)}(?!\w)", text)] if word else []
    return found[0].span() if len(found) == 1 else None


def read(name: str, search: Search) -> str:
    """The text of a `.j2` file in the first directory of `search` that has it.

    Raises:
        RecipeError: the name leads outside of `search`, or to no template.
    """
    path = _path(name, search)
    return source.read(path, str(path))


def partials(name: str, text: str, search: Search, including: tuple[str, ...] = ()) -> dict[str, str]:
    """The texts of everything a template includes, by name, after a check of its syntax.

    Raises:
        RecipeError: the syntax of one of them is wrong, or what it includes cannot be known.
    """
    _check_syntax(name, text, search)
    found: dict[str, str] = {}
    for partial in holes.partials(text):
        try:
            inside, inner = _included(partial, name, search, (*including, name))
        except RecipeError as error:
            where = _at(name, search, text, holes.inclusion(text, partial))
            problems = (replace(problem, span=problem.span or where) for problem in error.diagnostics)
            raise RecipeError(problems) from error
        found |= {inside: inner, **partials(inside, inner, search, (*including, name))}
    return found


def _included(partial: str | None, name: str, search: Search, including: tuple[str, ...]) -> tuple[str, str]:
    if partial is None:
        hint = "a partial is included by its name, in quotes"
        raise _problem("template-include", f"{label(name)} computes the name of a template it includes", hint)
    if partial in including:
        hint = "one of them does without the other"
        raise _problem("template-include", f"`{partial}` includes itself, by way of {label(name)}", hint)
    return partial, read(partial, search)


def place(
    texts: Iterable[tuple[str, str]], search: Search, variable: str, field: str | None = None
) -> Span | None:
    """Where the first of some named templates asks for a variable or a field of it; None where inline."""
    for name, text in texts:
        extent = holes.find(text, variable, field)
        if span := _at(name, search, text, extent):
            return span
    return None


def _check_syntax(name: str, text: str, search: Search) -> None:
    try:
        problems = (*_unknown_words(name, text, search), *_hidden_words(name, text, search))
        if problems:
            raise RecipeError(problems)
        sandbox.environment().compile(text)
    except jinja2.TemplateSyntaxError as error:
        where = _word(name, search, text, error.lineno, blamed(said(error)))
        raise RecipeError([Diagnostic("template-syntax", f"{label(name)}: {said(error)}", where)]) from error


def _unknown_words(name: str, text: str, search: Search) -> Iterator[Diagnostic]:
    """Filters and tests that there are not."""
    environment = sandbox.environment()
    for kind, known, uses in (
        ("filter", environment.filters, holes.filters(text)),
        ("test", environment.tests, holes.tests(text)),
    ):
        for used, number in uses:
            if used not in known:
                message = f"{label(name)} uses the {kind} `{used}`, which Jinja does not have"
                where = _word(name, search, text, number, used)
                yield Diagnostic("template-syntax", message, where, nearest(used, known))


def _hidden_words(name: str, text: str, search: Search) -> Iterator[Diagnostic]:
    """What reaches for the insides of Python."""
    for used, number in holes.hidden(text):
        message = f"{label(name)} asks for what no template may see: `{used}`"
        where = _word(name, search, text, number, used)
        yield Diagnostic("unsafe-template", message, where, "texts, their fields and `vars` are all there is")


def _path(name: str, search: Search) -> Path:
    if Path(name).is_absolute() or ".." in Path(name).parts or "\\" in name:
        raise _problem("unsafe-path", f"the template `{name}` is outside of `templates/`")
    for directory in search:
        path = directory / name
        if (
            source.is_file(path)
            and path.resolve().is_relative_to(directory.resolve())
            and name.endswith(".j2")
        ):
            return path
    known = {path.relative_to(top).as_posix() for top in search for path in top.rglob("*.j2")}
    raise _problem("unknown-template", f"there is no template `{name}`", nearest(name, known))


def _at(name: str, search: Search, text: str, extent: tuple[int, int] | None) -> Span | None:
    """A stretch of a template, if it is a file; the recipe shows those that are not."""
    return source.span(str(_path(name, search)), text, *extent) if extent and not is_inline(name) else None


def _word(name: str, search: Search, text: str, number: int, word: str) -> Span | None:
    """The place of a word that a line has once; else the line."""
    if is_inline(name):
        return None
    line = text.splitlines()[number - 1] if text else ""
    start, end = once(line, word) or (len(line) - len(line.lstrip()), len(line.rstrip()))
    return Span(str(_path(name, search)), number, start + 1, max(end - start, 1), line)


def _problem(code: str, message: str, hint: str | None = None) -> RecipeError:
    return RecipeError([Diagnostic(code, message, None, hint)])
