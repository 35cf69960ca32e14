"""YAML 1.2 text as plain values, with the exact place of every one of them."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import yaml

from tgc.errors import Diagnostic, RecipeError, Span
from tgc.source.yaml12 import Builder, Extent, Loader, Loc

_BREAK = re.compile(r"\r\n|[\n\r\x85\u2028\u2029]")  # what PyYAML counts as the end of a line


@dataclass(frozen=True, slots=True)
class Document:
    """A file's text, its value, and where in the text each part of the value stands.

    Attributes:
        path: the file as the user named it.
        value: dicts with string keys, lists, strings, numbers, booleans and None.
        values: first and last offset of every value, by its location.
        keys: first and last offset of every mapping's key, by its value's location.
    """

    path: str
    text: str
    value: object
    values: Mapping[Loc, Extent]
    keys: Mapping[Loc, Extent]

    def at(self, *loc: str | int) -> Span:
        """The place of a value, or of its nearest ancestor that exists."""
        return span(self.path, self.text, *self._extent(self.values, loc))

    def key(self, *loc: str | int) -> Span:
        """The place of a value's key, or of its nearest ancestor's; an item of a list is its own key."""
        return span(self.path, self.text, *self._extent({**self.values, **self.keys}, loc))

    def raw(self, *loc: str | int) -> tuple[int, str]:
        """The offset of a value and its text as written, quotes and all."""
        start, end = self._extent(self.values, loc)
        return start, self.text[start:end]

    def get(self, *loc: str | int) -> object:
        """The part of the value that stands at a location.

        Raises:
            LookupError: nothing stands there.
        """
        value = self.value
        for part in loc:
            match value:
                case dict() | list():
                    value = value[part]  # type: ignore[index]
                case _:
                    raise LookupError(loc)
        return value

    def has(self, *loc: str | int) -> bool:
        """Whether something stands at that very location."""
        return loc in self.values

    def without(self, locs: Iterable[Loc]) -> "Document":
        """The same document less some of its parts; the rest keeps its place in the text."""
        document = self
        for loc in sorted(set(locs), key=_by_index, reverse=True):
            document = document._less(loc)
        return document

    def canonical(self) -> str:
        """The value as JSON with sorted keys: what is hashed; layout and comments carry no meaning."""
        return json.dumps(self.value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))

    def _less(self, loc: Loc) -> "Document":
        return replace(
            self,
            value=_removed(self.value, loc),
            values=_rekeyed(self.values, loc),
            keys=_rekeyed(self.keys, loc),
        )

    def _extent(self, extents: Mapping[Loc, Extent], loc: Loc) -> Extent:
        while loc and loc not in extents:
            loc = loc[:-1]
        return extents[loc]


def load(path: Path, shown: str) -> Document:
    """The document in a file.

    Raises:
        RecipeError: there is no such file, it is not UTF-8, or `parse` refuses it.
    """
    return parse(read(path, shown), shown)


def read(path: Path, shown: str) -> str:
    """A file's text, without a byte order mark.

    Raises:
        RecipeError: there is no such file, or it is not UTF-8.
    """
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        problem = Diagnostic("missing-file", f"`{shown}` cannot be read: {error.strerror}")
    except UnicodeDecodeError as error:
        start = path.read_bytes()[: error.start].decode("utf-8", "replace")
        place = span(shown, start, len(start), len(start))
        hint = "save the file as UTF-8"
        problem = Diagnostic("not-utf8", f"`{shown}` is not UTF-8 text", place, hint)
    raise RecipeError([problem])


def is_file(path: Path) -> bool:
    """Whether a file is there; a path too long or too odd to exist names none."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def is_directory(path: Path) -> bool:
    """Whether a directory is there; a path too long or too odd to exist names none."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def parse(text: str, shown: str) -> Document:
    """The document in a text: one YAML 1.2 document under the core schema, without custom tags.

    >>> parse("answer: no", "recipe.yaml").value
    {'answer': 'no'}

    Raises:
        RecipeError: the text is empty or is not such a document; all duplicate keys and unknown tags at once.
    """
    text = text.removeprefix("\ufeff")
    builder = Builder()
    try:
        node = Loader(text).get_single_node()
        if node is None:
            problem = Diagnostic("empty-file", f"`{shown}` is empty", span(shown, text, 0, 0))
            raise RecipeError([problem])
        value = builder.build(node, ())
    except yaml.YAMLError as error:
        raise RecipeError([_syntax(error, text, shown)]) from error
    except RecursionError as error:
        problem = Diagnostic("yaml-syntax", "nested too deeply", span(shown, text, 0, 0))
        raise RecipeError([problem]) from error
    if builder.flaws:
        raise RecipeError(
            Diagnostic(flaw.code, flaw.message, span(shown, text, *flaw.extent), flaw.hint)
            for flaw in builder.flaws
        )
    return Document(shown, text, value, builder.values, builder.keys)


def span(path: str, text: str, start: int, end: int) -> Span:
    """The place of `text[start:end]`, cut at the end of its first line."""
    first, number = 0, 1
    for match in _BREAK.finditer(text, 0, start):
        first, number = match.end(), number + 1
    after = _BREAK.search(text, first)
    line = text[first : after.start() if after else len(text)]
    length = len(line[start - first : end - first].rstrip())
    return Span(path, number, start - first + 1, max(length, 1), line)


def _syntax(error: yaml.YAMLError, text: str, shown: str) -> Diagnostic:
    hint = None
    match error:
        case yaml.reader.ReaderError():
            message, index = "a character that YAML does not allow", error.position
        case yaml.MarkedYAMLError(problem=str(problem), problem_mark=yaml.Mark(index=index)):
            words = (error.context, problem) if problem.startswith("but ") else (problem, error.context)
            message = " ".join(word for word in words if word).replace("'", "`")
        case _:
            message, index = str(error), 0
    index = min(index, len(text.rstrip()))
    if "\\t" in message:
        message, hint = "a tab where YAML wants spaces", "indent with spaces"
    return Diagnostic("yaml-syntax", message, span(shown, text, index, index), hint)


def _removed(value: object, loc: Loc) -> object:
    head, *rest = loc
    if isinstance(value, dict):
        kept = {key: item for key, item in value.items() if key != head}
        return {**value, head: _removed(value[head], tuple(rest))} if rest else kept
    if isinstance(value, list) and isinstance(head, int):
        middle = [_removed(value[head], tuple(rest))] if rest else []
        return [*value[:head], *middle, *value[head + 1 :]]
    return value


def _rekeyed(extents: Mapping[Loc, Extent], gone: Loc) -> dict[Loc, Extent]:
    kept = {loc: extent for loc, extent in extents.items() if loc[: len(gone)] != gone}
    return {_moved(loc, gone): extent for loc, extent in kept.items()}


def _moved(loc: Loc, gone: Loc) -> Loc:
    *parent, index = gone
    depth = len(parent)
    if len(loc) <= depth or loc[:depth] != tuple(parent):
        return loc
    here = loc[depth]
    if isinstance(index, int) and isinstance(here, int) and here > index:
        return (*loc[:depth], here - 1, *loc[depth + 1 :])
    return loc


def _by_index(loc: Loc) -> tuple[tuple[bool, int, str], ...]:
    return tuple((isinstance(part, int), part if isinstance(part, int) else 0, str(part)) for part in loc)
