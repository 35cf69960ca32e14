"""Drop levels that nothing needs."""

from dataclasses import replace

from tgc import ir


def prune(program: ir.Program) -> ir.Program:
    """The program without leaf levels that nothing needs: they say no turn, and no filter and no mix names them.

    A `prompt` or a `text` is kept: what it writes may be wanted for its own sake, by SQL.

    >>> from pathlib import Path
    >>> from tgc.template import Template
    >>> def level(name, parent, does, speaks=None):
    ...     return ir.Level(name, parent, 0, 1, does, None, speaks, name, ())
    >>> greeting = ir.Map(Template("", "Hello"))
    >>> levels = (level("topic", None, ir.Values(())), level("hello", "topic", greeting, "user"),
    ...           level("note", "topic", greeting), level("aside", "note", greeting))
    >>> program = ir.Program("x", Path(), Path(), "", 0, (), levels, (), ir.Mix(None, (), None), ())
    >>> [level.name for level in program.levels]
    ['topic', 'hello', 'note', 'aside']
    >>> [level.name for level in prune(program).levels]
    ['topic', 'hello']
    """
    kept = tuple(level for level in program.levels if _is_needed(level, program))
    return program if kept == program.levels else prune(replace(program, levels=kept))


def _is_needed(level: ir.Level, program: ir.Program) -> bool:
    return (
        isinstance(level.does, ir.Turn | ir.Prompt | ir.Text)
        or level.speaks is not None
        or bool(program.below(level.name))
        or level.name in _named(program)
    )


def _named(program: ir.Program) -> set[str | None]:
    split: set[str | None] = {program.mix.split.by} if program.mix.split else set()
    return (
        {name for check in program.checks for name in (*check.levels, check.by)}
        | {key.level for margin in program.mix.balance for key in margin.keys}
        | {program.mix.best.by if program.mix.best else None}
        | {program.mix.diverse.of if program.mix.diverse else None}
        | {program.mix.pairs.by if program.mix.pairs else None}
        | split
    )
