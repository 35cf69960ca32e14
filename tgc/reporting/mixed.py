"""What the last mix is made of, asked and achieved, from its manifest and the query `composition`. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from tgc.reporting.values import Margin, Mix, Part, Stratum

MOST = 40
"""So many kinds of a margin are told, so many reasons and files."""

Told = Mapping[str, Any]  # Any: JSON


def mix(manifest: Told, composition: pl.DataFrame) -> Mix:
    """The mix that a manifest tells of."""
    drops = sorted(manifest["drops"].items(), key=lambda drop: (-drop[1], drop[0]))
    return Mix(
        parts=_parts(composition),
        asked=manifest["rows"]["asked"],
        rows=manifest["rows"]["achieved"],
        budget=manifest["tokens"]["asked"],
        tokens=manifest["tokens"]["achieved"],
        margins=tuple(_margin(name, strata) for name, strata in manifest["balance"].items()),
        drops=tuple(drops[:MOST]),
        files=tuple(file["path"] for file in manifest["files"][:MOST]),
    )


def _parts(composition: pl.DataFrame) -> tuple[Part, ...]:
    sums = composition.group_by("split", "source", maintain_order=True).agg(pl.col("rows", "tokens").sum())
    return tuple(Part(*row) for row in sums[:MOST].iter_rows())


def _margin(name: str, strata: Sequence[Told]) -> Margin:
    told = [_stratum(stratum) for stratum in strata]
    if len(told) <= MOST:
        return Margin(name, tuple(told))
    behind = sorted(told, key=lambda stratum: stratum.achieved - (stratum.asked or 0))
    return Margin(name, tuple(behind[:MOST]), len(told) - MOST)


def _stratum(told: Told) -> Stratum:
    return Stratum(" · ".join(told["stratum"]), told["available"], told["asked"], told["achieved"])
