"""What each file gives to a mix and what becomes of its other rows, for the manifest."""

from tgc.mixing.blending import Mixture, Part

Told = dict[str, object]


def contributions(mixture: Mixture) -> list[Told]:
    """Of every file that is blended in: its hash, its rows by what became of them, asked and achieved."""
    whole = max(mixture.rows.height, 1)
    return [_told(part, whole) for part in mixture.parts]


def _told(part: Part, whole: int) -> Told:
    stock, reader = part.stock, part.stock.blend.reader
    chosen = min(part.rows, stock.rows.height)
    return {
        "source": reader.source,
        "format": reader.format,
        "sha256": stock.blend.digest,
        "read": stock.read,
        "bad": stock.bad,
        "refused": stock.refused,
        "alike": stock.rows.height - stock.rows["word"].n_unique(),
        "chosen": chosen,
        "repeats": part.rows - chosen,
        "images": {"folder": reader.images, "rows": int((stock.rows["images"] > 0).sum())},
        "tokens": {"estimated": part.tokens},
        "asked": _asked(part),
        "achieved": {"rows": part.rows, "share": round(part.rows / whole, 6)},
    }


def _asked(part: Part) -> Told:
    reader = part.stock.blend.reader
    amount = {"rows": reader.rows or "all"} if reader.share is None else {"share": reader.share}
    return {**amount, "repeat": reader.repeat, "cap": reader.cap}
