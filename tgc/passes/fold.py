"""Render once, when the recipe is compiled, what is the same for every node."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import assert_never

from tgc import ir
from tgc.errors import RecipeError
from tgc.template import Template

DRAWN = frozenset({"parent", "ordinal", "examples"})
"""Names that mean something else for another node, whatever its ancestors are called."""


def fold(program: ir.Program) -> ir.Program:
    """The program in which templates are fixed that ask for nothing but the recipe's `vars`.

    >>> from pathlib import Path
    >>> hello = ir.Map(Template("", "Hello, {{ who }}", (), ("who",)))
    >>> bye = ir.Map(Template("", "Bye, {{ topic }}", (), ("topic",)))
    >>> def level(name, parent, does):
    ...     return ir.Level(name, parent, 0, 1, does, None, None, name, ())
    >>> levels = (level("topic", None, ir.Values(())), level("hello", "topic", hello), level("bye", "topic", bye))
    >>> given = (("who", "you"),)
    >>> program = ir.Program("x", Path(), Path(), "", 0, given, levels, (), ir.Mix(None, (), None), ())
    >>> [level.template.fixed for level in program.levels[1:]]
    [None, None]
    >>> [level.template.fixed for level in fold(program).levels[1:]]
    ['Hello, you', None]
    """
    return replace(program, levels=tuple(_folded(program, level) for level in program.levels))


def _folded(program: ir.Program, level: ir.Level) -> ir.Level:
    varying = DRAWN.union(above.written for above in program.path_to(level.name))

    def fixed(template: Template) -> Template:
        if template.names & varying:
            return template
        with suppress(RecipeError):  # a build records why, for every node
            return replace(template, fixed=template.render(dict(program.vars)))
        return template

    return replace(level, does=_with(level.does, fixed), when=level.when and fixed(level.when))


def _with(does: ir.Does, change: Callable[[Template], Template]) -> ir.Does:
    match does:
        case ir.Values():
            return does
        case ir.Turn(ask=ask):
            return replace(does, ask=_asked(ask, change))
        case ir.Score(template, ask):
            return replace(does, template=template and change(template), ask=_asked(ask, change))
        case ir.Prompt(template, ask) | ir.Text(template, ask):
            return replace(does, template=change(template), ask=_asked(ask, change))
        case ir.Map(template):
            return replace(does, template=change(template))
        case _:
            assert_never(does)


def _asked(ask: ir.Ask, change: Callable[[Template], Template]) -> ir.Ask:
    if ask.system is None:
        return ask
    return replace(ask, system=replace(ask.system, template=change(ask.system.template)))
