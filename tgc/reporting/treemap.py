"""Areas side by side in a rectangle: the squarified treemap of Bruls, Huizing and van Wijk (2000). Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle; `x` and `y` are of its upper left corner."""

    x: float
    y: float
    width: float
    height: float


def boxes(weights: Sequence[float], within: Box) -> list[Box]:
    """A rectangle for each weight, which must descend and be positive, with areas in proportion to them.

    >>> for box in boxes([2, 1, 1], Box(0, 0, 4, 2)):
    ...     print(box)
    Box(x=0, y=0.0, width=2.0, height=2.0)
    Box(x=2.0, y=0.0, width=2.0, height=1.0)
    Box(x=2.0, y=1.0, width=2.0, height=1.0)
    """
    unit = within.width * within.height / sum(weights) if weights else 0.0
    areas = [weight * unit for weight in weights]
    found: list[Box] = []
    free = within
    while areas:
        strip = areas[: _fitting(areas, min(free.width, free.height))]
        areas = areas[len(strip) :]
        thick = sum(strip) / min(free.width, free.height)
        found += _strip(strip, thick, free)
        free = _rest(thick, free)
    return found


def _fitting(areas: Sequence[float], side: float) -> int:
    """How many areas make the strip along a side in which the longest of them is least so."""
    worst = _worst(areas[:1], side)
    for count in range(2, len(areas) + 1):
        now = _worst(areas[:count], side)
        if now > worst:
            return count - 1
        worst = now
    return len(areas)


def _worst(strip: Sequence[float], side: float) -> float:
    """The greatest aspect ratio in a strip; areas descend, so it is that of the first or of the last."""
    square = (sum(strip) / side) ** 2
    return max(strip[0] / square, square / strip[-1])


def _strip(strip: Sequence[float], thick: float, free: Box) -> Iterator[Box]:
    """Rectangles along the shorter side of what is free, at its left or its top."""
    place = 0.0
    for area in strip:
        long = area / thick
        if free.width >= free.height:
            yield Box(free.x, free.y + place, thick, long)
        else:
            yield Box(free.x + place, free.y, long, thick)
        place += long


def _rest(thick: float, free: Box) -> Box:
    """What is left free behind a strip; never less than nothing, for sums of floats are not exact."""
    if free.width >= free.height:
        return Box(free.x + thick, free.y, max(free.width - thick, 1e-9), free.height)
    return Box(free.x, free.y + thick, free.width, max(free.height - thick, 1e-9))
