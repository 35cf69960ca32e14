"""What conversations say, as numbers that are the same where they say the same."""

from collections.abc import Sequence

import polars as pl

from tgc import ir
from tgc.dialogue import Conversation
from tgc.text.folded import fold

APART = "\0"

SAYINGS = pl.Schema([("said", pl.UInt64()), ("score", pl.Float64())])
"""What a conversation says as a number, and how like it is to the first one that has it."""


def sayings(conversations: Sequence[Conversation], by: ir.Sameness) -> pl.Series:
    """64 bits of what each says and shows: who speaks, the texts, and the images by their paths.

    >>> from tgc.dialogue import Message
    >>> yes, loud = (Conversation("", (Message("user", text),)) for text in ("Yes.", "YES!"))
    >>> sayings([yes, loud], "exact").n_unique(), sayings([yes, loud], "folded").n_unique()
    (2, 1)
    """
    turns = [
        (row, message.role, message.content)
        for row, conversation in enumerate(conversations)
        for message in conversation.said
    ]
    frame = pl.DataFrame(turns, schema={"row": pl.Int64, "role": pl.String, "text": pl.String}, orient="row")
    text = frame["text"] if by == "exact" else fold(frame["text"])
    said = (
        frame.select("row", said=frame["role"] + APART + text)
        .group_by("row", maintain_order=True)
        .agg(pl.col("said").str.join(APART))
    )
    every = pl.DataFrame({"row": range(len(conversations)), "shown": list(map(shown, conversations))})
    whole = every.join(said, on="row", how="left", maintain_order="left")
    return whole.select(said=pl.concat_str("said", "shown", separator=APART, ignore_nulls=True).hash())[
        "said"
    ]


def shown(conversation: Conversation) -> str:
    """The images of a conversation, by where they are."""
    return APART.join(f"{conversation.folder}/{image}" for image in conversation.images)
