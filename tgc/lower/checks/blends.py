"""What is blended into the mix is asked for in one way, and leaves room for the rest."""

from collections.abc import Iterator

from tgc.errors import Diagnostic
from tgc.lower.outline import Outline


def check(outline: Outline) -> Iterator[Diagnostic]:
    """Say which sources are asked for twice, and which share brings all of them to the whole mix."""
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
