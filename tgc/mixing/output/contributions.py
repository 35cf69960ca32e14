"""What each source gives to a mix and what becomes of its other rows, for the manifest."""

from typing import get_args

from tgc import ir
from tgc.mixing.blending import TREE, Mixture
from tgc.mixing.files.parts import Part
from tgc.mixing.files.stock import Stock

Told = dict[str, object]

UNITS: tuple[ir.Unit, ...] = get_args(ir.Unit)


def contributions(mixture: Mixture) -> list[Told]:
    """Of every file that is blended in: its hash, its rows by what became of them, asked and achieved."""
    return [_told(mixture, file, part) for file, part in enumerate(mixture.parts)]


def achieved(mixture: Mixture, file: int = TREE) -> Told:
    """The rows of a file, or those of the tree: how many, their tokens, and what share of the mix these are."""
    amounts: Told = {unit: mixture.amount(unit, file) for unit in UNITS}
    return amounts | {"shares": {unit: round(mixture.share(unit, file), 6) for unit in UNITS}}


def _told(mixture: Mixture, file: int, part: Part) -> Told:
    stock, reader = part.stock, part.stock.blend.reader
    chosen = min(part.rows, stock.rows.height)
    return {
        "source": reader.source,
        "format": reader.format,
        "sha256": stock.blend.digest,
        "files": _files(stock),
        "read": stock.read,
        "bad": stock.bad,
        "refused": stock.refused,
        "filtered": dict(stock.left_out.filtered),
        "duplicates": dict(stock.left_out.duplicates),
        "left_out": [{"line": line, "why": why} for line, why in stock.left_out.named.items()],
        "alike": stock.rows.height - stock.rows["word"].n_unique(),
        "left_over": stock.rows.height - chosen,
        "chosen": chosen,
        "repeats": part.rows - chosen,
        "images": {"folder": reader.images, "rows": int((stock.rows["images"] > 0).sum())},
        "tokens": "estimated" if stock.estimated else "counted",
        "asked": _asked(mixture.mix.share_of, part),
        "achieved": achieved(mixture, file),
    }


def _files(stock: Stock) -> list[Told]:
    """What a source stands for, if it is not a file itself: how much of each, and how many rows that was."""
    parts = zip(stock.blend.files, stock.each, strict=False)
    return [
        {"path": file.path.name, "sha256": file.digest, "take": str(file.take), "read": read}
        for file, read in parts
    ]


def _asked(unit: ir.Unit, part: Part) -> Told:
    reader = part.stock.blend.reader
    amount = {"rows": reader.rows or "all"} if reader.share is None else {"share": reader.share, "of": unit}
    return {**amount, "repeat": reader.repeat, "cap": reader.cap}
