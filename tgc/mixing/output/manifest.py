"""What a mix was made of and what became of the rest, as JSON beside the files."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from os.path import relpath
from pathlib import PurePath

import polars as pl

from tgc import __version__, fingerprint, ir
from tgc.formats.base import About
from tgc.mixing.blending import Mixture
from tgc.mixing.output.contributions import achieved, contributions
from tgc.mixing.output.pictures import folder
from tgc.mixing.selection import Selection


@dataclass(frozen=True, slots=True)
class Written:
    """A file of the mix; `path` is relative to the directory of the mix, `sha256` of its bytes in hex.

    What a client wants to have beside the rows has no split and no rows of its own. `escaped` counts the rows that
    were repaired, by the rule that they broke.
    """

    path: str
    format: str
    split: str | None
    rows: int | None
    escaped: dict[str, int]
    sha256: str


Manifest = dict[str, object]
Commit = tuple[str | None, bool | None]


def manifest(
    program: ir.Program,
    mixture: Mixture,
    files: Sequence[Written],
    commit: Commit = (None, None),
) -> Manifest:
    """Inputs with hashes, asked and achieved counts, drops by reason, and the files; it names no time.

    Rows, tokens, splits, balance and drops are of what the tree gives, of which `tree` says the shares in the mix;
    `blend` is of what files add to it.
    """
    selection = mixture.selection
    return {
        "recipe": program.name,
        "recipe_hash": fingerprint.digest(program.text),
        "git": {"commit": commit[0], "dirty": commit[1]},
        "tgc": __version__,
        "seed": program.seed,
        "models": _models(program),
        "rows": {"asked": selection.asked, "achieved": selection.rows.height},
        "tokens": _tokens(program, selection),
        "splits": _splits(program, selection),
        "balance": {margin.name: _strata(selection, margin.name) for margin in program.mix.margins},
        "contradictions": selection.contradictions.to_dicts(),
        "needs": asdict(selection.need) if selection.need else None,
        "refill": {
            name: {"branch": program.level(name).branch, "most": most} for name, most in program.mix.refill
        },
        "diverse": asdict(selection.diversity) if selection.diversity else None,
        "pairs": asdict(selection.pairs) if selection.pairs else None,
        "drops": selection.drops,
        "tree": achieved(mixture),
        "blend": contributions(mixture),
        "blocks": {"size": program.mix.blocks, "splits": mixture.blocks.to_dicts()},
        "files": [asdict(file) for file in files],
    }


def about(program: ir.Program, mixture: Mixture, splits: Sequence[str], commit: Commit) -> About:
    """The same in short, for the files that formats write beside their rows."""
    return About(
        recipe=program.name,
        rows={split: mixture.splits.get(split, 0) for split in splits},
        text=program.text,
        commit=commit[0],
        dirty=bool(commit[1]),
        models=tuple(" ".join(filter(None, (model["id"], model["revision"]))) for model in _models(program)),
        sources=dict(mixture.rows.group_by("source").len().sort("source").iter_rows()),
        images=_images(program, mixture),
        drops=mixture.selection.drops,
        version=__version__,
        paired=program.mix.pairs is not None,
    )


def _images(program: ir.Program, mixture: Mixture) -> str:
    pictured = (mixture.rows["images"] > 0).any()
    return PurePath(relpath(folder(program), program.root)).as_posix() if pictured else ""


def _models(program: ir.Program) -> list[dict[str, str | None]]:
    models = {level.ask.model.id: level.ask.model for level in program.levels if level.ask}
    return [
        {"id": model.id, "revision": model.origin.revision, "digest": model.digest}
        for _, model in sorted(models.items())
    ]


def _splits(program: ir.Program, selection: Selection) -> dict[str, dict[str, float | int | None]]:
    """Rows of each split, and the share asked for and achieved of the one held out."""
    asked = {program.mix.split.name: program.mix.split.share} if program.mix.split else {}
    total = max(selection.rows.height, 1)
    counts = dict.fromkeys(asked, 0) | selection.splits
    return {
        name: {
            "rows": rows,
            "asked": asked.get(name, 1 - sum(asked.values())),
            "achieved": round(rows / total, 4),
        }
        for name, rows in sorted(counts.items())
    }


def _tokens(program: ir.Program, selection: Selection) -> dict[str, int | None]:
    """Asked for and achieved, of which some are estimated from the length of texts that no model wrote."""
    rows = selection.rows
    return {
        "asked": program.mix.tokens,
        "achieved": int(rows["tokens"].sum()),
        "estimated": int(rows["estimated"].sum()),
    }


def _strata(selection: Selection, margin: str) -> list[dict[str, object]]:
    rows = selection.strata.filter(pl.col("by") == margin).drop("by").iter_rows(named=True)
    return [row | {"short": max(0, row["asked"] - row["achieved"]) if row["asked"] else 0} for row in rows]
