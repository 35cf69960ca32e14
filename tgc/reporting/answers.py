"""What a report asks of the warehouse: named queries, and some of its own in `warehouse/report/`."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from tgc import assets
from tgc.errors import WarehouseError
from tgc.formats.base import MANIFEST
from tgc.warehouse import Reader

BINS = 24
"""Bars of a histogram."""

QUERIES: Mapping[str, Mapping[str, int]] = {
    "report/map": {"patches": 600, "fewest": 8},
    "report/reasons": {"most": 3},
    "report/samples": {"kept": 6, "each": 2, "most": 12, "letters": 20_000},
    "report/texts": {},
    "queries/composition": {},
    "queries/cost": {},
    "queries/failures": {},
    "queries/funnel": {},
    "queries/histogram": {"bins": BINS},
    "queries/lengths": {},
    "queries/novelty": {},
    "queries/siblings": {},
}
"""With what is bound to their parameters, besides the recipe's name."""

TOLD = ("recipe", "rows", "tokens", "splits", "balance", "drops", "tree", "blend", "files")
"""What of a manifest is looked at."""


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """What the warehouse says of a recipe, all of one moment.

    Attributes:
        run: the last row of the view `runs` that is the recipe's.
        frames: what each of `QUERIES` answers, by the last part of its name.
        manifest: of the last mix; None where none was emitted (Any: JSON).
        live: whether a build is writing.
    """

    run: pl.DataFrame
    frames: Mapping[str, pl.DataFrame]
    manifest: Mapping[str, Any] | None
    live: bool


def answers(reader: Reader, recipe: str, mixes: Path) -> Answers:
    """What the warehouse says of the recipe of that name, of which the mix is in the directory `mixes`.

    Raises:
        WarehouseError: it has never been built, or the manifest of its mix was changed.
    """
    run = reader.runs().filter(pl.col("recipe") == recipe).tail(1)
    if not run.height:
        hint = "`tgc build RECIPE` grows it"
        raise WarehouseError(f"the warehouse holds nothing of `{recipe}` yet", hint)
    ask = partial(_answer, reader, recipe)
    frames = {name.rpartition("/")[2]: ask(name) for name in QUERIES}
    return Answers(run, frames, _manifest(mixes), reader.live)


def _answer(reader: Reader, recipe: str, name: str) -> pl.DataFrame:
    query = (assets.root() / "warehouse" / f"{name}.sql").read_text(encoding="utf-8")
    return reader.sql(query, recipe=recipe, **QUERIES[name])


def _manifest(mixes: Path) -> Mapping[str, Any] | None:
    path = mixes / MANIFEST
    if not path.is_file():
        return None
    try:
        said: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return {key: said[key] for key in TOLD}
    except (ValueError, KeyError, TypeError) as error:
        message = f"`{path}` is not as tgc wrote it"
        raise WarehouseError(message, "delete it; the next `tgc build` writes it anew") from error
