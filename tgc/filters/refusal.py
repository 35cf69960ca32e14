"""Answers that refuse to answer."""

from typing import ClassVar, Literal

import polars as pl
from pydantic import Field

from tgc.dialogue import Role
from tgc.filters.base import Filter
from tgc.text import phrases
from tgc.text.phrases import Phrase

WITHIN = 200
"""Refusals open an answer: phrases count in its first characters only."""

CANNOT = ("i cannot", "i can't", "i can not")
SUBJECTS = (
    *CANNOT,
    "i'm unable to",
    "i am unable to",
    "i'm not able to",
    "i am not able to",
    "i won't be able to",
    "i will not be able to",
)
VERBS = (
    "answer",
    "assist",
    "comply",
    "discuss",
    "engage",
    "fulfil*",
    "generate",
    "give you",
    "help in",
    "help with",
    "help you",
    "help.",
    "offer",
    "provide",
    "respond",
    "satisfy",
    "share",
    "support",
    "write",
)
PHRASES = (
    "as a language model",
    "as a large language model",
    "as an ai",
    "as an artificial intelligence",
    "i apologize, but",
    "i do not feel comfortable",
    "i don't feel comfortable",
    "i must decline",
    "i'm just an ai",
    "i am just an ai",
    "i'm only an ai",
    "i'm sorry, but",
    "i am sorry, but",
    "i'm sorry, as",
    "i'm not comfortable",
    "it is not appropriate for me to",
    "it is not within my programming",
    "my apologies, but",
    "not programmed to",
    *(f"{sorry} {cannot}" for sorry in ("sorry,", "sorry, but") for cannot in (*CANNOT, "i can only")),
    *(f"{subject} {verb}" for subject in SUBJECTS for verb in VERBS),
)
"""After the refusal lists of Vicuna's data cleaning (FastChat) and of Zou et al., arXiv 2307.15043."""


class Refusal(Filter):
    """Reject answers that open with a refusal; the score counts the phrases found."""

    roles: ClassVar[tuple[Role, ...]] = ("assistant",)

    alone: ClassVar[bool] = True

    kind: Literal["refusal"] = "refusal"
    phrases: tuple[Phrase, ...] = Field(
        default=(),
        description="More phrases that mark a refusal, in any case; `*` at an end of one is any part of a word.",
    )

    def judge(self, nodes: pl.DataFrame) -> pl.DataFrame:
        """A phrase of the list within the first 200 characters."""
        return phrases.verdicts(nodes, pl.col("text").str.slice(0, WITHIN), (*PHRASES, *self.phrases))
