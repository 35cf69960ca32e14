"""Names of levels and vars: a template can use each, and none hides another."""

import re
from collections.abc import Iterator

from tgc.errors import Diagnostic
from tgc.lower.outline import Outline

JINJA = (
    "and as block call context do elif else endblock endcall endfilter endfor endif endmacro endset "
    "extends false filter for from if import in include is macro none not or recursive set true with without "
    "False None True"
)
RESERVED = frozenset(
    (
        *JINJA.split(" "),
        "ordinal",
        "parent",
        "examples",
        "self",
        "super",
        "caller",
        "loop",
        "varargs",
        "kwargs",
    )
)
"""Words that mean something else inside a template."""


def check(outline: Outline) -> Iterator[Diagnostic]:
    """Say which names a template could not use."""
    document = outline.reading.whole
    if document.has("tree") and not any(loc[:1] == ("tree",) for loc in document.keys if len(loc) > 1):
        yield Diagnostic("empty-tree", "the tree has no levels", document.key("tree"))
    for loc in document.keys:
        if len(loc) > 1 and loc[:-1] in {("tree",), ("vars",)}:
            yield from _unusable(outline, str(loc[0]), str(loc[1]))
    for name in outline.recipe.vars:
        yield from _shadowed(outline, name)


def _unusable(outline: Outline, section: str, name: str) -> Iterator[Diagnostic]:
    span = outline.reading.whole.key(section, name)
    if name in RESERVED:
        yield Diagnostic("bad-name", f"`{name}` means something else in a template", span, "rename it")
    elif not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
        hint = "letters, digits and `_`, and not a digit first, so that templates can use it"
        yield Diagnostic("bad-name", f"`{name}` cannot be a name here", span, hint)


def _shadowed(outline: Outline, name: str) -> Iterator[Diagnostic]:
    if name in outline.recipe.tree:
        span = outline.reading.document.key("vars", name)
        yield Diagnostic(
            "shadowed-name", f"`{name}` is a level and one of `vars`", span, "rename one of them"
        )
