"""Conversations that say nearly what one before says, as numbers that are the same where they do."""

from collections.abc import Iterable, Sequence
from itertools import accumulate

import polars as pl

from tgc import ir, jaccard
from tgc.dialogue import Conversation
from tgc.fingerprint import Ids
from tgc.mixing.sameness.sayings import APART, SAYINGS, shown

Source = tuple[int, Iterable[Sequence[Conversation]]]
"""How many conversations there are, and these, so many at a time."""


def likenesses(near: ir.Near, sources: Sequence[Source]) -> list[pl.DataFrame]:
    """What the conversations of each source say: the place of the one they are like, or theirs (`SAYINGS`).

    They are taken in their order, one source after the other, as by the filter `near_duplicate`; compared is who
    says what in all turns but system prompts, among those that show the same images. Of a word 8 bytes are kept,
    and up to half as many again while texts are compared.
    """
    told = (_told(part) for _, parts in sources for part in parts)
    heights = [height for height, _ in sources]
    found = jaccard.among(told, sum(heights), near.ngram, near.threshold)
    places = pl.select(text=pl.int_range(sum(heights), dtype=pl.Int64))
    whole = places.join(found, on="text", how="left", maintain_order="left")
    said = whole.select(said=pl.coalesce("of", "text"), score="score").cast(SAYINGS)
    ends = accumulate(heights)
    return [said[end - height : end] for height, end in zip(heights, ends, strict=True)]


def _told(conversations: Sequence[Conversation]) -> tuple[pl.Series, Ids]:
    images = pl.Series(map(shown, conversations), dtype=pl.String)
    return pl.Series(map(_text, conversations), dtype=pl.String), images.hash().to_numpy()


def _text(conversation: Conversation) -> str:
    """All turns and what is rejected, each after a word that says whose it is and that no turn holds."""
    turns = (turn for turn in conversation.said if turn.role != "system")
    return " ".join(f"{APART}{turn.role} {turn.content}" for turn in turns)
