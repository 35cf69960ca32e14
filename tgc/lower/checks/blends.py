"""What is blended into the mix is asked for in one way, leaves room for the rest, and is there to be told of."""

from collections.abc import Iterator

from tgc.errors import Diagnostic
from tgc.lower.outline import Outline


def check(outline: Outline) -> Iterator[Diagnostic]:
    """Say which sources are asked for twice, which share is too much, and which keys say something of nothing."""
    yield from _asked(outline)
    yield from _idle(outline)


def _idle(outline: Outline) -> Iterator[Diagnostic]:
    document, mix = outline.reading.document, outline.recipe.mix
    if mix.share_of != "rows" and all(source.share is None for source in mix.blend):
        message = "`share_of` says what shares are of, and no source of `blend` has a `share`"
        place = document.key("mix", "share_of")
        yield Diagnostic("idle-key", message, place, "give a source a `share`, or leave it out", "warning")
    if mix.blocks and not mix.blend:
        message = "`blocks` keeps text and images apart, and nothing is blended in that could have images"
        place = document.key("mix", "blocks")
        yield Diagnostic("idle-key", message, place, "leave it out", "warning")


def _asked(outline: Outline) -> Iterator[Diagnostic]:
    document, total = outline.reading.document, 0.0
    for index, source in enumerate(outline.recipe.mix.blend):
        if source.rows is not None and source.share is not None:
            message = f"`{source.source}` is to give both `rows` and a `share`"
            place = document.key("mix", "blend", index, "share")
            yield Diagnostic("two-budgets", message, place, "one of the two is enough")
        before, total = total, round(total + (source.share or 0), 9)
        if before < 1 <= total:
            message = f"the shares of `blend` add up to {total:g}"
            hint = "together they are less than 1, which leaves the rest to other rows"
            yield Diagnostic("bad-shares", message, document.at("mix", "blend", index, "share"), hint)
