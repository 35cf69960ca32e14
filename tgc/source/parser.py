"""YAML 1.2 text as plain values, with the exact place of every one of them."""

from pathlib import Path

import yaml

from tgc.errors import Diagnostic, RecipeError
from tgc.source import files
from tgc.source.document import Document
from tgc.source.extent import Extent, Source
from tgc.source.yaml12 import Builder, Loader


def load(path: Path, shown: str) -> Document:
    """The document in a file.

    Raises:
        RecipeError: there is no such file, it is not UTF-8, or `parse` refuses it.
    """
    return parse(files.read(path, shown), shown)


def parse(text: str, shown: str) -> Document:
    """The document in a text: one YAML 1.2 document under the core schema, without custom tags.

    >>> parse("answer: no", "recipe.yaml").value
    {'answer': 'no'}

    Raises:
        RecipeError: the text is empty or is not such a document; all duplicate keys and unknown tags at once.
    """
    text = text.removeprefix("\ufeff")
    return compose(Source(shown, text), text)


def compose(source: Source, text: str) -> Document:
    """The document in a text that stands for a source: as long as it, so that places fit; otherwise as `parse`."""
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
    if builder.flaws:
        raise RecipeError(
            Diagnostic(flaw.code, flaw.message, flaw.extent.span, flaw.hint) for flaw in builder.flaws
        )
    return Document(source.path, value, builder.values, builder.keys)


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
