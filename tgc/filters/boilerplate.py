"""Texts in which a model speaks of itself, takes leave, or talks about what it was asked."""

from typing import ClassVar, Literal, Self

import polars as pl
from pydantic import Field, model_validator

from tgc.filters.base import Filter
from tgc.text import phrases
from tgc.text.phrases import Phrase

Topic = Literal["itself", "courtesy", "request"]

SPEAKERS = (
    "an ai",
    "just an ai",
    "only an ai",
    "a language model",
    "a large language model",
    "just a language model",
)
SELVES = ("language model", "model", "assistant", "chatbot", "system")
LACKS = (
    "access to real-time",
    "personal experience*",
    "personal opinion*",
    "personal belief*",
    "personal preference*",
)

BOILERPLATE: dict[Topic, tuple[str, ...]] = {
    "itself": (
        *(f"as an ai {self}" for self in SELVES),
        *(f"{subject} {speaker}" for subject in ("i am", "i'm") for speaker in SPEAKERS),
        *(f"i {verb} {lack}" for verb in ("don't have", "do not have", "lack") for lack in LACKS),
        "as an ai,",
        "as an ai i",
        "as an artificial intelligence,",
        "as a language model,",
        "as a large language model,",
        "as of my knowledge",
        "as of my last",
        "based on my training data",
        "i cannot browse the internet",
        "i can't browse the internet",
        "i was created by openai",
        "i was trained by openai",
        "my knowledge cut-off",
        "my knowledge cutoff",
        "my knowledge was last updated",
        "my last knowledge update",
        "my last training update",
        "my training cutoff",
        "openai's content policy",
    ),
    "courtesy": (
        *(f"if you have any {more} questions" for more in ("further", "more", "other")),
        "feel free to ask",
        "hope that helps",
        "hope this helps",
        "hope this information helps",
        "i'd be happy to help",
        "is there anything else i can",
        "is there anything else you'd like",
        "let me know if you'd like me to",
        "thank you for your question",
        "that's a great question",
        "what a great question",
    ),
    "request": (
        *(f"here is {which} question" for which in ("a", "a possible", "another", "my", "the", "your")),
        *(f"here's {which} question" for which in ("a", "a possible", "another", "my", "the", "your")),
        "according to the provided context",
        "based on the given context",
        "based on the provided context",
        "certainly! here",
        "here are some questions",
        "here is my answer",
        "here is my response",
        "here is the answer to your question",
        "of course! here",
        "sure! here",
        "sure, here",
        "the user is asking",
    ),
}
"""What is said in no text that is good to learn from, by what it is about.

Gathered from the lists of Vicuna's data cleaning (FastChat) and of WizardLM's, and from texts of small models.
"""


class Boilerplate(Filter):
    """Reject texts in which a model speaks of itself, takes leave, or talks about what it was asked.

    Phrases count anywhere in a text, in any case; `refusal` looks at how an answer opens. Of texts that are to
    say such things, as in letters or about language models, leave the topic out. The score counts the phrases
    found.
    """

    alone: ClassVar[bool] = True

    kind: Literal["boilerplate"] = "boilerplate"
    about: tuple[Topic, ...] = Field(
        default=("itself", "courtesy", "request"),
        description="Which phrases: `as an AI model`, `I hope this helps`, `Here is a question`.",
    )
    phrases: tuple[Phrase, ...] = Field(
        default=(),
        description="More phrases, in any case; `*` at an end of one is any part of a word.",
    )

    @model_validator(mode="after")
    def _told(self) -> Self:
        if not self.about and not self.phrases:
            raise ValueError("`boilerplate` needs `about` or `phrases`")
        return self

    def judge(self, nodes: pl.DataFrame) -> pl.DataFrame:
        """A phrase of the lists."""
        known = (*(phrase for topic in self.about for phrase in BOILERPLATE[topic]), *self.phrases)
        return phrases.verdicts(nodes, pl.col("text"), known)
