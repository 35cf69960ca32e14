"""Find what siblings and cousins are asked alike, so that it is made once for all of them."""

from collections.abc import Iterator
from dataclasses import replace

from tgc import ir
from tgc.template import Template


def hoist(program: ir.Program) -> ir.Program:
    """The program in which each level says how much of its path decides what is asked.

    >>> from pathlib import Path
    >>> from tgc.sampling import Sampling
    >>> from tgc.template import Template
    >>> def level(name, depth, does):
    ...     return ir.Level(name, None, depth, 1, does, None, None, name, ())
    >>> def prompt(text, *variables):
    ...     return ir.Prompt(Template("", text, (), variables), ask)
    >>> from tgc.origin import Origin
    >>> ask = ir.Ask(ir.Model("m", Origin("m"), "", None), Sampling(), 8)
    >>> levels = (level("topic", 0, ir.Values(())), level("fact", 1, prompt("A fact.")),
    ...     level("doubt", 2, prompt("Doubt {{ fact }}.", "fact")),
    ...     level("aside", 3, prompt("Of {{ topic }}.", "topic")),
    ...     level("other", 4, prompt("{{ ordinal }} of {{ topic }}.", "ordinal", "topic")))
    >>> levels = tuple(replace(one, parent=above) for one, above in
    ...     zip(levels, (None, "topic", "fact", "doubt", "aside"), strict=True))
    >>> program = ir.Program("x", Path(), Path(), "", 0, (), levels, (), ir.Mix(None, (), None), ())
    >>> [level.decided for level in program.levels]
    [None, None, None, None, None]
    >>> [level.decided for level in hoist(program).levels]
    [None, 0, 2, 1, None]
    """
    return replace(program, levels=tuple(_marked(program, level) for level in program.levels))


def _marked(program: ir.Program, level: ir.Level) -> ir.Level:
    reach = tuple(_reach(program, level))
    return replace(
        level, decided=None if level.ask is None or None in reach else max(filter(None, reach), default=0)
    )


def _reach(program: ir.Program, level: ir.Level) -> Iterator[int | None]:
    """For all that goes into a request, how many nodes from the root it depends on; None for its own ordinal."""
    if level.ask is None:
        return
    path = program.path_to(level.name)[:-1]
    if opening := level.ask.system:
        yield from _seen(opening.template, path[: opening.depth], shown=opening.examples is not None)
    match level.does:
        case ir.Turn() | ir.Score(measure=str()):
            yield from (place for place, above in enumerate(path, start=1) if above.speaks)
        case (
            ir.Prompt(template=Template() as template)
            | ir.Text(template=Template() as template)
            | ir.Score(template=Template() as template)
        ):
            names = template.names
            if not level.ask.listed and ("ordinal" in names or ("examples" in names and level.ask.examples)):
                yield None
            yield from _seen(template, path, shown=level.ask.examples is not None)


def _seen(template: Template, path: tuple[ir.Level, ...], *, shown: bool) -> Iterator[int]:
    """The places of the ancestors that a template names; examples are drawn by all of the path."""
    for place, above in enumerate(path, start=1):
        if above.written in template.names:
            yield place
    if "parent" in template.names or (shown and "examples" in template.names):
        yield len(path)
