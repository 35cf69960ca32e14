"""Where along a path conversations end: at the deepest answer, or after as many turns as was drawn. Pure."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from tgc import fingerprint, ir
from tgc.fingerprint import Ids


def ends(program: ir.Program) -> tuple[ir.Level, ...]:
    """The assistant's levels at which conversations of the mix end."""
    if pairs := program.mix.pairs:
        return tuple(level for level in _answers(program) if level.name in (pairs.chosen, pairs.rejected))
    wanted = {turns for turns, share in program.mix.turns if share}
    if not wanted:
        return _leaves(program)
    return tuple(level for level in _answers(program) if count(program.path_to(level.name)) in wanted)


def count(path: tuple[ir.Level, ...]) -> int:
    """How many turns a conversation along a path has; a user's and the reply are one."""
    return sum(level.speaks is not None for level in path) // 2


def drawn(program: ir.Program, path: tuple[ir.Level, ...], ids: Mapping[str, Ids]) -> NDArray[np.bool_]:
    """For which conversations it was drawn that they end here, and not at an answer above.

    Each answer draws by its id whether a conversation ends with it, such that conversations end after the
    shares of turns that are asked for. So none that is drawn is the beginning of another one.

    Args:
        program: whose `mix` says the shares.
        path: the levels of the conversations, root first.
        ids: their nodes at each level, by its name.
    """
    *above, last = (level for level in path if level.speaks == "assistant")
    found = _stops(program, last, ids[last.name])
    for level in above:
        found &= ~_stops(program, level, ids[level.name])
    return found


def _stops(program: ir.Program, level: ir.Level, ids: Ids) -> NDArray[np.bool_]:
    here = count(program.path_to(level.name))
    left = sum(share for turns, share in program.mix.turns if turns >= here)
    chance = dict(program.mix.turns).get(here, 0.0) / left if left else 0.0
    if level in _leaves(program):
        chance = 1.0
    stops: NDArray[np.bool_] = fingerprint.order(ids, f"{program.seed} turns") / 2.0**64 <= chance
    return stops


def _answers(program: ir.Program) -> tuple[ir.Level, ...]:
    return tuple(level for level in program.levels if level.speaks == "assistant")


def _leaves(program: ir.Program) -> tuple[ir.Level, ...]:
    answers = _answers(program)
    inner = {above.name for level in answers for above in program.path_to(level.name)[:-1]}
    return tuple(level for level in answers if level.name not in inner)
