"""Evaluate cheap filters before expensive levels, where the recipe says so."""

from dataclasses import replace

from tgc import ir
from tgc.filters.base import Filter


def early(program: ir.Program) -> ir.Program:
    """The program in which levels do not grow under nodes that a filter with `early` rejects.

    The mix is the same, for nothing below a rejected node goes into it.

    >>> from pathlib import Path
    >>> from tgc.filters.length import Length
    >>> def level(name, parent):
    ...     return ir.Level(name, parent, 0, 1, ir.Values(()), None, None, name, ())
    >>> check = ir.Check(Length(min_tokens=8, early=True), ("question",))
    >>> levels = (level("question", None), level("answer", "question"))
    >>> program = ir.Program("x", Path(), Path(), "", 0, (), levels, (check,), ir.Mix(None, (), None), ())
    >>> [[judge.kind for judge in level.early] for level in program.levels]
    [[], []]
    >>> [[judge.kind for judge in level.early] for level in early(program).levels]
    [[], ['length']]
    """
    levels = (replace(level, early=_judges(program, level.parent)) for level in program.levels)
    return replace(program, levels=tuple(levels))


def _judges(program: ir.Program, parent: str | None) -> tuple[Filter, ...]:
    return tuple(check.filter for check in program.checks if check.filter.early and parent in check.levels)
