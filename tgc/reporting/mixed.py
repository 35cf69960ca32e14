"""What the last mix is made of, asked and achieved, from its manifest and the query `composition`. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from tgc.reporting.values import Margin, Mix, Part, Share, Shares, Stratum

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
        shares=(*_splits(manifest), *_sources(manifest)),
        margins=tuple(_margin(name, strata) for name, strata in manifest["balance"].items()),
        drops=tuple(drops[:MOST]),
        files=tuple(file["path"] for file in manifest["files"][:MOST]),
    )


def _parts(composition: pl.DataFrame) -> tuple[Part, ...]:
    sums = composition.group_by("split", "source", maintain_order=True).agg(pl.col("rows", "tokens").sum())
    return tuple(Part(*row) for row in sums[:MOST].iter_rows())


def _splits(manifest: Told) -> Iterator[Shares]:
    told = manifest["splits"]
    if len(told) > 1:
        parts = (Share(name, split["asked"], split["achieved"]) for name, split in told.items())
        yield Shares("rows of the tree, by split", tuple(parts))


def _sources(manifest: Told) -> Iterator[Shares]:
    """What the tree and each file come to, by what the recipe counts."""
    files = manifest["blend"]
    if not files:
        return
    unit = next((file["asked"]["of"] for file in files if "of" in file["asked"]), "rows")
    tree = Share(manifest["recipe"], _rest(files), manifest["tree"]["shares"][unit])
    blended = (
        Share(file["source"], file["asked"].get("share"), file["achieved"]["shares"][unit])
        for file in files[: MOST - 1]
    )
    yield Shares(f"{unit.replace('_', ' ')} of the mix, by source", (tree, *blended))


def _rest(files: Sequence[Told]) -> float | None:
    """What is left to the tree, where all files are asked for by their share."""
    asked = [file["asked"].get("share") for file in files]
    return None if None in asked else 1 - sum(asked)


def _margin(name: str, strata: Sequence[Told]) -> Margin:
    told = [_stratum(stratum) for stratum in strata]
    if len(told) <= MOST:
        return Margin(name, tuple(told))
    behind = sorted(told, key=lambda stratum: stratum.achieved - (stratum.asked or 0))
    return Margin(name, tuple(behind[:MOST]), len(told) - MOST)


def _stratum(told: Told) -> Stratum:
    return Stratum(" · ".join(told["stratum"]), told["available"], told["asked"], told["achieved"])
