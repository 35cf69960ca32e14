"""What a Jinja text asks for and where it does: its free variables, fields, partials and tokens."""

import re
from collections.abc import Callable, Iterator
from itertools import chain

from jinja2 import meta, nodes

from tgc.template.sandbox import environment

_QUOTED = r"""\\?"[^"]*"|'[^']*'"""
_HOLE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_INCLUDE = re.compile(
    r"""\{%[-+]?\s*(?:include|import|from|extends)\s+(?P<name>"[^"]*"|'[^']*'|.+?)\s*(?:%\}|[-+]%\}|\s\w)"""
)
_Tokens = tuple[tuple[str, str], ...]


def variables(text: str) -> frozenset[str]:
    """The names it needs from outside.

    >>> sorted(variables("{% for line in lines %}{{ line }} of {{ topic.name }}{% endfor %}"))
    ['lines', 'topic']
    """
    return frozenset(meta.find_undeclared_variables(environment().parse(text)))


def assigned(text: str) -> frozenset[str]:
    """The names it gives a value itself, which its partials then see."""
    found = environment().parse(text).find_all(nodes.Name)
    return frozenset(name.name for name in found if name.ctx != "load")


def fields(text: str) -> frozenset[tuple[str, str]]:
    """Every `variable.field` or `variable["field"]` it reads, as pairs.

    >>> sorted(fields("{{ topic.name }} {{ topic['era'] }} {{ topic[0] }}"))
    [('topic', 'era'), ('topic', 'name')]
    """
    tree = environment().parse(text)
    named = {(get.node, get.attr) for get in tree.find_all(nodes.Getattr)}
    indexed = {
        (get.node, get.arg.value)
        for get in tree.find_all(nodes.Getitem)
        if isinstance(get.arg, nodes.Const) and isinstance(get.arg.value, str)
    }
    return frozenset((node.name, field) for node, field in named | indexed if isinstance(node, nodes.Name))


def filters(text: str) -> tuple[tuple[str, int], ...]:
    """The Jinja filters it uses, each with its line.

    >>> filters("{{ topic | upper }}")
    (('upper', 1),)
    """
    return tuple((use.name, use.lineno) for use in environment().parse(text).find_all(nodes.Filter))


def hidden(text: str) -> tuple[tuple[str, int], ...]:
    """The attributes it asks for that begin with `_`, each with its line: no template may see them.

    >>> hidden("{{ topic.__class__ }}")
    (('__class__', 1),)
    """
    found = environment().parse(text).find_all(nodes.Getattr)
    return tuple((get.attr, get.lineno) for get in found if get.attr.startswith("_"))


def tests(text: str) -> tuple[tuple[str, int], ...]:
    """The Jinja tests it uses, each with its line.

    >>> tests("{{ 'yes' if topic is defined }}")
    (('defined', 1),)
    """
    return tuple((use.name, use.lineno) for use in environment().parse(text).find_all(nodes.Test))


def partials(text: str) -> tuple[str | None, ...]:
    """The templates it includes, in order; None for one whose name is computed."""
    return tuple(meta.find_referenced_templates(environment().parse(text)))


def inclusion(text: str, partial: str | None) -> tuple[int, int] | None:
    """First and last offset of where it names a partial; with None, of the first name that is computed.

    >>> inclusion("{% include 'a.j2' %}", "a.j2")
    (11, 17)
    """
    for match in _INCLUDE.finditer(text):
        name = match["name"]
        if name[1:-1] == partial if name[0] in "\"'" else partial is None:
            return match.span("name")
    return None


def find(text: str, variable: str, field: str | None = None) -> tuple[int, int] | None:
    """First and last offset of a variable, or of a field of it, within the holes of a text.

    >>> find("the topic is {{ 'topic' ~ topic }}", "topic")
    (26, 31)
    """
    tail = rf"\s*(?:\.\s*|\[\s*\\?[\"'])(?P<field>{re.escape(field)})\b" if field else ""
    pattern = re.compile(rf"{_QUOTED}|(?P<name>(?<![\w.]){re.escape(variable)}\b{tail})")
    for hole in _HOLE.finditer(text):
        for match in pattern.finditer(text, *hole.span()):
            if match["name"]:
                return match.span("field" if field else "name")
    return None


def tokens(text: str) -> tuple[str, ...]:
    r"""What can change the rendered text: comments and layout within holes cannot.

    >>> tokens("{# about #} {{topic}}!\n") == tokens(" {{ topic }}!")
    True
    """
    return tuple(chain.from_iterable(_merged(text)))


def stripped(text: str) -> tuple[str, ...]:
    r"""The tokens where what is rendered is stripped: surrounding space cannot change it either.

    >>> stripped("{# about #}\n{{topic}}!\n") == stripped("{{ topic }}!")
    True
    """
    pairs = _merged(text)
    pairs = (*_trimmed(pairs[:1], str.lstrip), *pairs[1:])
    pairs = (*pairs[:-1], *_trimmed(pairs[-1:], str.rstrip))
    return tuple(chain.from_iterable(pairs))


def _trimmed(pairs: _Tokens, strip: Callable[[str], str]) -> _Tokens:
    shown = ((kind, strip(value) if kind == "data" else value) for kind, value in pairs)
    return tuple(pair for pair in shown if pair[1])


def _merged(text: str) -> _Tokens:
    merged = [("", "")]
    for kind, value in _lexed(text):
        before = merged.pop()[1] if kind == merged[-1][0] == "data" else ""
        merged.append((kind, before + value))
    return tuple(merged[1:])


def _lexed(text: str) -> Iterator[tuple[str, str]]:
    for _, kind, value in environment().lex(text):
        shown = value.lstrip() if kind.endswith("_begin") else value
        shown = shown.rstrip() if kind.endswith("_end") else shown
        if shown and kind != "whitespace" and not kind.startswith("comment"):
            yield kind, shown
