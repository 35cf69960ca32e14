"""A generated record, as far as its descendants care."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Node:
    """One place in the tree with its text; `data` is the JSON of a value that has fields."""

    id: int
    level: str
    text: str
    data: str | None = None


Path = tuple[Node, ...]
"""A node and its ancestors, root first; empty above the root."""
