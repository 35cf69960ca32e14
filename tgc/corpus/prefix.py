"""Nodes by the first digits of their ids, like commits in git."""

import re
from collections.abc import Callable, Sequence

from tgc.errors import MOST_CANDIDATES, UsageError
from tgc.fingerprint import spell

Find = Callable[[int, int], Sequence[int]]
"""The nodes in a range of ids, ascending."""

DIGITS = 16
FEWEST = 4
"""Digits of an id, and as few as may be given."""

MOST = MOST_CANDIDATES + 1
"""How many nodes are worth finding where one is asked for."""

_DIGITS = re.compile(rf"[0-9a-f]{{{FEWEST},{DIGITS}}}")


def span(given: str) -> tuple[int, int]:
    """The least and the greatest id that begin with these digits.

    >>> [spell(bound) for bound in span("0aF3")]
    ['0af3000000000000', '0af3ffffffffffff']

    Raises:
        UsageError: they are no hex digits, or too few or too many.
    """
    digits = given.lower()
    if not _DIGITS.fullmatch(digits):
        hint = f"a node is {DIGITS} hex digits, or at least {FEWEST} that no other node begins with"
        raise UsageError(f"`{given}` names no node", hint)
    return int(digits.ljust(DIGITS, "0"), 16), int(digits.ljust(DIGITS, "f"), 16)


def only(given: str, find: Find, where: str) -> int:
    """The one node whose id begins with these digits.

    Args:
        given: what the user typed.
        find: the nodes in a range of ids, ascending.
        where: what is looked into, for a message.

    Raises:
        UsageError: there is none, or there are several.
    """
    found = find(*span(given))
    if not found:
        raise UsageError(f"there is no node `{given}` {where}", "`tgc tree RECIPE` shows what there is")
    if len(found) > 1:
        names = ", ".join(f"`{spell(node_id)}`" for node_id in found[:MOST_CANDIDATES])
        more = ", …" if len(found) > MOST_CANDIDATES else ""
        raise UsageError(f"several nodes begin with `{given}`", f"they are {names}{more}")
    return found[0]
