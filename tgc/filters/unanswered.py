"""Answers that leave the question where it was."""

from typing import ClassVar, Literal

import polars as pl

from tgc.dialogue import Role
from tgc.filters.base import Filter
from tgc.text import phrases

WITHIN = 200
"""Who asks back does so at once: phrases count in the first characters of an answer only."""

QUESTIONS = r"""^[^.!。！]*[?？؟][\s"”’'」』)\]]*$"""
"""A text in which no other sentence ends."""

ASKS_BACK = (
    "can you clarify",
    "can you please clarify",
    "can you please provide",
    "can you provide more",
    "could you clarify",
    "could you elaborate",
    "could you please",
    "could you provide more",
    "could you specify",
    "i don't understand your question",
    "i don't understand the question",
    "i need more context",
    "i need more information",
    "i would need more",
    "i'd need more",
    "i'm not sure what you mean",
    "i'm not sure what you are asking",
    "i'm not sure what you're asking",
    "please clarify",
    "please provide",
    "please specify",
    "what do you mean by",
    "your question is unclear",
)
"""How assistants ask for what a single question should have said."""


class Unanswered(Filter):
    """Reject answers without words, answers made of nothing but questions, and those that ask back at once.

    The score is 1 for those. It goes by form alone; whether an answer is right or to the point, a level with
    `score` can judge.
    """

    roles: ClassVar[tuple[Role, ...]] = ("assistant",)
    alone: ClassVar[bool] = True

    kind: Literal["unanswered"] = "unanswered"

    def judge(self, nodes: pl.DataFrame) -> pl.DataFrame:
        """What is wrong first: no words, only questions, or a phrase that asks back."""
        text = pl.col("text")
        asked = text.str.slice(0, WITHIN).str.extract(phrases.pattern(ASKS_BACK), 0)
        reason = (
            pl.when(~text.str.contains(r"[\p{L}\p{N}\p{S}]"))
            .then(pl.lit("it has no words"))
            .when(text.str.contains(QUESTIONS))
            .then(pl.lit("it is nothing but a question"))
            .when(asked.is_not_null())
            .then(pl.format("asks back: `{}`", asked.str.replace_all(r"\s+", " ")))
        )
        judged = nodes.select("node_id", reason=reason)
        kept = pl.col("reason").is_null()
        return judged.select("node_id", kept=kept, reason="reason", score=(~kept).cast(pl.Float64))
