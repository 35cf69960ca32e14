"""How much of a recipe a command is about: which levels, how many nodes, and whether to forget what there is."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from tgc import ir
from tgc.catalog import Catalog
from tgc.errors import UsageError, nearest
from tgc.fingerprint import Ids
from tgc.planner import changes, planner, refill
from tgc.planner.steps import LevelPlan, Plan

_TERM = re.compile(r"(?P<up>\+?)(?P<what>[^+]+)(?P<down>\+?)")
METHODS = ("tag", "state")
STATES = ("modified",)
HINT = "a term is `name`, `+name`, `name+`, `tag:x` or `state:modified`"


@dataclass(frozen=True, slots=True)
class Scope:
    """How much to do; all of it, if nothing is said.

    Attributes:
        select: levels to grow, as terms; none for all.
        exclude: levels not to grow, as terms.
        limit: the most nodes to ask of models.
        afresh: whether to forget first what the recipe's nodes hold.

    A term is the name of a level, `tag:x` or `state:modified`; with a `+` before it, the levels above are meant
    too, with one after it, those below. Terms stand apart by spaces or commas.
    """

    select: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    limit: int | None = None
    afresh: bool = False


ALL = Scope()


def within(program: ir.Program, catalog: Catalog, scope: Scope) -> Plan:
    """What a build within `scope` would do; levels that it does not grow are there with what they lack.

    Raises:
        UsageError: a term means no level.
    """
    whole = replace(refill.plan(program, catalog), limit=scope.limit)
    skipped = frozenset(level.name for level in program.levels) - chosen(program, catalog, scope)
    if not skipped or not whole.steps:
        return whole
    part = planner.plan(program, catalog, skipped)
    levels = tuple(map(_shown, part.levels, whole.levels))
    return replace(part, levels=levels, lacking=whole.lacking, limit=scope.limit)


def afresh(planned: Plan, forgotten: Ids) -> Plan:
    """A plan of what is left without these nodes, which are forgotten first."""
    again = "to be made afresh" if len(forgotten) else ""
    levels = (replace(level, why=again or level.why) if level.asks else level for level in planned.levels)
    return replace(planned, levels=tuple(levels), forgotten=forgotten)


def verify(program: ir.Program, scope: Scope) -> None:
    """Look whether all that a scope names is there, before anything is opened.

    Raises:
        UsageError: a term means no level.
    """
    chosen(program, Catalog(), scope)


def chosen(program: ir.Program, catalog: Catalog, scope: Scope) -> frozenset[str]:
    """The levels that a build within `scope` grows.

    Raises:
        UsageError: a term means no level.
    """
    every = frozenset(level.name for level in program.levels)
    picked = _named(program, catalog, scope.select) if scope.select else every
    return picked - _named(program, catalog, scope.exclude)


def _shown(level: LevelPlan, whole: LevelPlan) -> LevelPlan:
    """A level of a partial plan; where it is not grown, with all that the whole tree wants of it."""
    if level.chosen:
        return level
    return replace(level, new=whole.new, held=whole.held, tokens=whole.tokens, why=whole.why)


def _named(program: ir.Program, catalog: Catalog, given: tuple[str, ...]) -> frozenset[str]:
    terms = [term for text in given for term in re.split(r"[\s,]+", text) if term]
    if given and not terms:
        raise UsageError("nothing is selected", HINT)
    return frozenset(name for term in terms for name in _meant(program, catalog, term))


def _meant(program: ir.Program, catalog: Catalog, term: str) -> Iterator[str]:
    """The names of the levels that one term stands for."""
    match = _TERM.fullmatch(term)
    if match is None:
        raise UsageError(f"`{term}` selects nothing", HINT)
    for level in filter(_test(program, catalog, match["what"]), program.levels):
        path = program.path_to(level.name)
        yield from (above.name for above in (path if match["up"] else (level,)))
        if match["down"]:
            yield from _below(program, level.name)


def _test(program: ir.Program, catalog: Catalog, what: str) -> Callable[[ir.Level], bool]:
    """Tells whether a term without its `+` means a level."""
    method, colon, value = what.rpartition(":")
    match (method, colon):
        case ("tag", _):
            known = {tag for level in program.levels for tag in level.tags}
            _know(value, known, f"no level has the tag `{value}`")
            return lambda level: value in level.tags
        case ("state", _):
            _know(value, STATES, f"there is no state `{value}`")
            return lambda level: changes.edited(level, catalog)
        case (_, ""):
            names = {name for level in program.levels for name in (level.name, level.written)}
            _know(value, names, f"there is no level `{value}`")
            return lambda level: value in (level.name, level.written)
        case _:
            raise UsageError(f"levels cannot be selected by `{method}`", nearest(method, METHODS))


def _know(value: str, known: Iterable[str], problem: str) -> None:
    if value not in known:
        raise UsageError(problem, nearest(value, known))


def _below(program: ir.Program, name: str) -> Iterator[str]:
    for level in program.below(name):
        yield level.name
        yield from _below(program, level.name)
