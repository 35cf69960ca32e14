"""Turns that are there already, in tokens: what comes before them, and what is theirs."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import takewhile

from tgc.backends.base import Said
from tgc.chat import Opening, Openings
from tgc.engine.services.likelihood import Scored


def scored(said: Sequence[Said], openings: Openings, head: tuple[int, ...]) -> list[Scored]:
    """Each turn behind `head` and what it was said after; cut into tokens as one text.

    Raises:
        BackendError: as for `Openings.tokens`.
    """
    starts = [Opening(one.messages, one.role, one.prefix) for one in said]
    wholes = [replace(start, prefix=start.prefix + one.text) for start, one in zip(starts, said, strict=True)]
    ids = openings.tokens([*starts, *wholes])
    return [_split(head, ids[start], ids[whole]) for start, whole in zip(starts, wholes, strict=True)]


def _split(head: tuple[int, ...], start: tuple[int, ...], whole: tuple[int, ...]) -> Scored:
    """What follows the beginning that both have; all of it, where a token to begin with is no part of the whole.

    >>> _split((9,), (1, 2), (1, 2, 3)), _split((), (0,), (2, 3)), _split((), (), (2, 3))
    (Scored(prompt=(9, 1, 2), text=(3,)), Scored(prompt=(0,), text=(2, 3)), Scored(prompt=(2,), text=(3,)))
    """
    pairs = zip(start, whole, strict=False)
    shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    if shared:
        return Scored((*head, *whole[:shared]), whole[shared:])
    before = (*head, *start)
    return Scored(before, whole) if before else Scored(whole[:1], whole[1:])
