"""How vectors of large groups are compared with each other: on a GPU where there is one."""

from functools import partial

from tgc.cosine import Elsewhere, Exact, Indices, Nearest, Units

WORTH = 50_000
"""Rows for which a GPU is woken: numpy compares them in two seconds on two cores, and torch takes that to load."""


def exact(units: Units, members: Indices, threshold: float) -> Nearest:
    """An exact search, the verdicts of which are the same on every machine; a `cosine.Keep`."""
    if len(members) < WORTH:
        return Exact(units, members, threshold)
    from tgc.engine.services import products

    device = products.gpu()
    if device is None:
        return Exact(units, members, threshold)
    return Elsewhere(units, members, threshold, partial(products.Held, device=device))
