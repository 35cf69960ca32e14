"""Which worker gets which request: those that share a beginning go where that has been read; pure.

What is drawn does not depend on where, so nothing here is about texts: sharing a beginning spares a worker
reading it again, and reading costs little beside writing. So a shared beginning decides among workers that are
about as busy as each other, and between two that are not, the load does.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate

from tgc.backends.base import Request
from tgc.dialogue import Message

PIECE = 32
"""Siblings to keep together: what they share is read once for so many, and more would gain little."""

SKEW = 1.5
"""How many times the least load another may be, and still get what shares a beginning with what it has."""

REMEMBERED = 2**16
"""Beginnings to remember, the last used: a worker keeps fewer of them."""

Shares = dict[int, list[Request]]
"""Requests by worker."""

Path = tuple[int, ...]
"""What a request begins with, shortest first, by hashes: two that are equal by chance cost time, no text."""


class Routes:
    """Remembers which workers have read what."""

    def __init__(self) -> None:
        self._holders = dict[int, frozenset[int]]()

    def assign(self, requests: Sequence[Request], loads: Mapping[int, int], piece: int = PIECE) -> Shares:
        """A worker for every request, siblings together up to `piece` of them.

        Args:
            requests: in the order of the tree, in which each worker gets its own.
            loads: the tokens that each worker may yet have to draw; those that are not there get nothing.
            piece: smaller where requests are to be spread.
        """
        shares: Shares = {worker: [] for worker in loads}
        after = dict(loads)
        for path, siblings in _pieces(requests, piece):
            worker = self._pick(path, after)
            self._remember(path, worker)
            shares[worker] += siblings
            after[worker] += sum(sibling.max_tokens for sibling in siblings)
        return {worker: share for worker, share in shares.items() if share}

    def _pick(self, path: Path, loads: Mapping[int, int]) -> int:
        """The worker that has read most of the path, or the least busy where that one is much busier."""
        least = min(loads, key=loads.__getitem__)
        read = (self._holders.get(beginning, frozenset()) & loads.keys() for beginning in reversed(path))
        nearest = min(sorted(next(filter(None, read), {least})), key=loads.__getitem__)
        return nearest if loads[nearest] <= SKEW * loads[least] else least

    def _remember(self, path: Path, worker: int) -> None:
        for beginning in path:
            self._holders[beginning] = self._holders.pop(beginning, frozenset()) | {worker}
        while len(self._holders) > REMEMBERED:
            del self._holders[next(iter(self._holders))]


def _pieces(requests: Sequence[Request], most: int) -> Iterator[tuple[Path, list[Request]]]:
    """Siblings by the path that they share, in the order in which the first of them came."""
    families = dict[Path, list[Request]]()
    for request in requests:
        families.setdefault(_path(request), []).append(request)
    for path, family in families.items():
        for start in range(0, len(family), most):
            yield path, family[start : start + most]


def _path(request: Request) -> Path:
    return tuple(accumulate(_parts(request), lambda before, part: hash((before, part)), initial=0))[1:]


def _parts(request: Request) -> tuple[Message | str, ...]:
    return request.messages or (request.prefix,)
