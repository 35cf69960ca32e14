"""The core schema of YAML 1.2 on PyYAML's parser: `no` is a string, a date is a string, keys are strings."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import yaml
from yaml.composer import Composer
from yaml.parser import Parser
from yaml.reader import Reader
from yaml.resolver import BaseResolver
from yaml.scanner import Scanner

from tgc.source.extent import Extent, Source

Loc = tuple[str | int, ...]
Scalar = str | int | float | bool | None

MOST_VALUES = 250_000
"""Aliases may repeat parts of a document, but not blow it up beyond this many values."""

_CORE = "tag:yaml.org,2002:"
_INT = r"[-+]?(?:[0-9]{1,3}(?:_[0-9]{3})+|[0-9]+)|0o[0-7]+|0x[0-9a-fA-F]+"
_FLOAT = r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
_SCALARS: tuple[tuple[str, str, Callable[[str], Scalar]], ...] = (
    ("null", r"~|null|Null|NULL|", lambda _: None),
    ("bool", r"true|True|TRUE|false|False|FALSE", lambda text: text.lower() == "true"),
    ("int", _INT, lambda text: int(text, 0) if text[:2] in {"0o", "0x"} else int(text)),
    ("float", _FLOAT, lambda text: float(re.sub(r"\.(?=[iInN])", "", text))),
    ("str", r"(?s:.*)", str),
)


class Loader(Reader, Scanner, Parser, Composer, BaseResolver):
    """PyYAML's reader, scanner, parser and composer with YAML 1.2's rules for plain scalars."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - as PyYAML declares it
        None: [(_CORE + name, re.compile(f"(?:{pattern})\\Z")) for name, pattern, _ in _SCALARS[:-1]]
    }

    def __init__(self, text: str) -> None:
        Reader.__init__(self, text)
        Scanner.__init__(self)
        Parser.__init__(self)
        Composer.__init__(self)
        BaseResolver.__init__(self)


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something that parses and yet may not stand in a document.

    Attributes:
        void: the location that holds no value for it; None where there is one all the same.
    """

    code: str
    message: str
    extent: Extent
    hint: str | None = None
    void: Loc | None = None


@dataclass(slots=True)
class Builder:
    """Values out of composed nodes, noting the extent of each value and key, and every flaw met."""

    source: Source
    values: dict[Loc, Extent] = field(default_factory=dict)
    keys: dict[Loc, Extent] = field(default_factory=dict)
    flaws: list[Flaw] = field(default_factory=list)
    _open: list[yaml.Node] = field(default_factory=list)

    def build(self, node: yaml.Node, loc: Loc) -> object:
        """The node's value, which stands at `loc`."""
        self._guard(node)
        self.values[loc] = self._extent(node)
        self._open.append(node)
        value = self._value(node, loc)
        self._open.pop()
        return value

    def _guard(self, node: yaml.Node) -> None:
        if any(node is outer for outer in self._open):
            raise yaml.MarkedYAMLError(problem="an alias to itself", problem_mark=node.start_mark)
        if len(self.values) >= MOST_VALUES:
            raise yaml.MarkedYAMLError(problem="too many values", problem_mark=node.start_mark)

    def _value(self, node: yaml.Node, loc: Loc) -> object:
        match node:
            case yaml.MappingNode(tag="tag:yaml.org,2002:map"):
                return self._mapping(node, loc)
            case yaml.SequenceNode(tag="tag:yaml.org,2002:seq"):
                return [self.build(item, (*loc, index)) for index, item in enumerate(node.value)]
            case _:
                return self._scalar(node, loc)

    def _mapping(self, node: yaml.MappingNode, loc: Loc) -> dict[str, object]:
        value: dict[str, object] = {}
        for key, item in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self._flaw("wrong-type", "a key should be text", key)
                continue
            here = (*loc, key.value)
            if key.value in value:
                self._flaw("duplicate-key", f"`{key.value}` is given twice", key, _first(node, key))
            self.keys[here] = self._extent(key)
            value[key.value] = _joined(value.get(key.value), self.build(item, here))
            if item.start_mark.index == item.end_mark.index:
                self.values[here] = self._extent(key)
        return value

    def _scalar(self, node: yaml.Node, loc: Loc) -> Scalar:
        text = node.value if isinstance(node, yaml.ScalarNode) else ""
        for name, pattern, convert in _SCALARS:
            if node.tag == _CORE + name and re.fullmatch(pattern, text):
                return self._converted(convert, text, node, loc)
        hint = "write the value without a tag"
        self._flaw("unknown-tag", f"the tag `{node.tag}` does not fit here", node, hint, loc)
        return None

    def _converted(self, convert: Callable[[str], Scalar], text: str, node: yaml.Node, loc: Loc) -> Scalar:
        try:
            text.encode()
            return convert(text)
        except UnicodeEncodeError:
            self._flaw("yaml-syntax", "an escape that is no character", node, None, loc)
        except ValueError:
            self._flaw("wrong-type", "a number with too many digits", node, None, loc)
        return None

    def _flaw(
        self, code: str, message: str, node: yaml.Node, hint: str | None = None, void: Loc | None = None
    ) -> None:
        self.flaws.append(Flaw(code, message, self._extent(node), hint, void))

    def _extent(self, node: yaml.Node) -> Extent:
        return Extent(self.source, node.start_mark.index, node.end_mark.index)


def _joined(first: object, again: object) -> object:
    """What is meant by a key that is given twice: of mappings both, of all else the last."""
    if isinstance(first, dict) and isinstance(again, dict):
        return {**first, **{key: _joined(first.get(key), item) for key, item in again.items()}}
    return again


def _first(node: yaml.MappingNode, again: yaml.ScalarNode) -> str:
    first = next(key for key, _ in node.value if key.value == again.value)
    return f"first given on line {first.start_mark.line + 1}"
