"""A generated record, as far as its descendants care."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Node:
    """One place in the tree with its text.

    Attributes:
        data: JSON of a value or an answer that has fields.
        tokens: how many a model wrote; like what follows None where no model was asked.
        finish_reason: as in a `Completion`, and so is `mean_logprob`.
    """

    id: int
    level: str
    text: str
    data: str | None = None
    tokens: int | None = None
    finish_reason: str | None = None
    mean_logprob: float | None = None


KNOWN = ("text", "value", "completion_tokens", "finish_reason", "mean_logprob")
"""What follows a node's id and level, as the columns of a frame of nodes."""

Path = tuple[Node, ...]
"""A node and its ancestors, root first; empty above the root."""
