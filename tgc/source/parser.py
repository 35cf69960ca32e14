"""YAML 1.2 text as plain values, with the exact place of every one of them."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import yaml

from tgc.errors import Diagnostic, RecipeError
from tgc.source import files
from tgc.source.document import Document
from tgc.source.extent import Extent, Source
from tgc.source.yaml12 import Builder, Flaw, Loader


def load(path: Path, shown: str) -> Document:
    """The document in a file.

    Raises:
        RecipeError: there is no such file, it is not UTF-8, or `parse` refuses it.
    """
    return parse(files.read(path, shown), shown)


def salvage(path: Path, shown: str) -> Document:
    """As much of the document in a file as can be understood, with its problems.

    Raises:
        RecipeError: there is no such file, it is not UTF-8, it is empty, or it is no YAML.
    """
    text = files.read(path, shown)
    return compose(Source(shown, text), text)


def parse(text: str, shown: str) -> Document:
    """The document in a text: one YAML 1.2 document under the core schema, without custom tags.

    >>> parse("answer: no", "recipe.yaml").value
    {'answer': 'no'}

    Raises:
        RecipeError: the text is empty or is not such a document; all duplicate keys and unknown tags at once.
    """
    text = text.removeprefix("\ufeff")
    return sound(compose(Source(shown, text), text))


def sound(document: Document) -> Document:
    """The same document.

    Raises:
        RecipeError: it has problems.
    """
    if document.problems:
        raise RecipeError(document.problems)
    return document


def compose(source: Source, text: str) -> Document:
    """The document in a text that stands for a source, as long as it, so that places fit; with its problems.

    Raises:
        RecipeError: the text is empty or no YAML.
    """
    builder = Builder(source)
    try:
        node = Loader(text).get_single_node()
        if node is None:
            start = Extent(source, 0, 0).span
            raise RecipeError([Diagnostic("empty-file", f"`{source.path}` is empty", start)])
        value = builder.build(node, ())
    except yaml.YAMLError as error:
        raise RecipeError([_syntax(error, source)]) from error
    except RecursionError as error:
        start = Extent(source, 0, 0).span
        raise RecipeError([Diagnostic("yaml-syntax", "nested too deeply", start)]) from error
    document = Document(source.path, value, builder.values, builder.keys)
    return _flawed(document, builder.flaws) if builder.flaws else document


def _flawed(document: Document, flaws: Sequence[Flaw]) -> Document:
    """The document with its problems, and without the places of what another key of the same name hides."""
    return replace(
        document,
        values={loc: extent for loc, extent in document.values.items() if document.holds(*loc)},
        keys={loc: extent for loc, extent in document.keys.items() if document.holds(*loc)},
        problems=tuple(Diagnostic(flaw.code, flaw.message, flaw.extent.span, flaw.hint) for flaw in flaws),
        void=frozenset(flaw.void for flaw in flaws if flaw.void is not None),
    )


def _syntax(error: yaml.YAMLError, source: Source) -> Diagnostic:
    hint = None
    match error:
        case yaml.reader.ReaderError():
            message, index = "a character that YAML does not allow", error.position
        case yaml.MarkedYAMLError(problem=str(problem), problem_mark=yaml.Mark(index=index)):
            words = (error.context, problem) if problem.startswith("but ") else (problem, error.context)
            message = " ".join(word for word in words if word).replace("'", "`")
        case _:
            message, index = str(error), 0
    index = min(index, len(source.text.rstrip()))
    if "\\t" in message:
        message, hint = "a tab where YAML wants spaces", "indent with spaces"
    return Diagnostic("yaml-syntax", message, Extent(source, index, index).span, hint)
