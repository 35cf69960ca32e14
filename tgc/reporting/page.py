"""A report as one HTML page, which loads nothing and runs nothing; whatever a model wrote is text in it. Pure."""

from dataclasses import dataclass
from functools import cache

import jinja2
from markupsafe import Markup

from tgc.counts import count
from tgc.render import amount
from tgc.render.plain import plain
from tgc.reporting.treemap import Box, boxes
from tgc.reporting.values import Patch, Report

WIDE, HIGH = 960, 440
"""The map in pixels, where there is room: its height stays, its width gives way."""

STRIP = 20
"""Pixels above what a patch is made of, for its name."""

SHADES = 5


@dataclass(frozen=True, slots=True)
class Area:
    """Where a patch is: `x` and `width` in percent of what is around it, `y` and `height` in pixels."""

    patch: Patch
    x: float
    y: float
    width: float
    height: float
    areas: tuple["Area", ...]


def page(report: Report) -> str:
    """The page; the same report gives the same bytes."""
    return (
        _environment().get_template("page.html.j2").render(report=report, areas=areas(report.map, WIDE, HIGH))
    )


def areas(patches: tuple[Patch, ...], wide: float, high: float, above: float = 0) -> tuple[Area, ...]:
    """Patches side by side, below a strip that is left free."""
    placed = boxes([patch.nodes for patch in sorted(patches, key=_size)], Box(0, above, wide, high - above))
    pairs = zip(sorted(patches, key=_size), placed, strict=True)
    return tuple(_area(patch, box, wide) for patch, box in pairs)


def _size(patch: Patch) -> int:
    return -patch.nodes


def _area(patch: Patch, box: Box, wide: float) -> Area:
    inner = areas(patch.patches, box.width, box.height, STRIP) if box.height > 2 * STRIP else ()
    return Area(patch, 100 * box.x / wide, box.y, 100 * box.width / wide, box.height, inner)


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("tgc.reporting", "pages"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_spelled,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "number": _number,
        "count": count,
        "span": span,
        "lasting": _lasting,
        "seconds": _seconds,
        "percent": percent,
        "shade": shade,
    }
    return environment


def _spelled(value: object) -> object:
    """What is put into a page: of texts, control characters and marks of direction are spelled out."""
    return plain(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _number(value: int | None) -> str:
    return "–" if value is None else f"{value:,}"


def _seconds(value: float | None) -> str:
    return "–" if value is None else f"{value:,.1f}"


def _lasting(seconds: float | None) -> str:
    return "–" if seconds is None else amount.lasting(seconds, None).removeprefix("about ")


def span(least: int, most: int, noun: str) -> str:
    """From one number of things to another.

    >>> span(1, 1, "token"), span(900, 1_200, "token")
    ('1 token', '900 to 1,200 tokens')
    """
    return count(least, noun) if least == most else f"{least:,} to {count(most, noun)}"


def percent(part: float, whole: float = 1) -> str:
    """A share, with a digit behind the point.

    >>> percent(1, 3), percent(0.5), percent(2, 0), percent(999, 1000)
    ('33.3%', '50.0%', '–', '99.9%')
    """
    return f"{100 * part / whole:.1f}%" if whole else "–"


def shade(part: int, whole: int) -> int:
    """Which of the shades a share has, from 0; the last is for a fifth and up to all.

    >>> shade(0, 4), shade(2, 4), shade(4, 4)
    (0, 2, 4)
    """
    return min(SHADES - 1, SHADES * part // whole)
