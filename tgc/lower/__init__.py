"""From a recipe to a Program: every name resolved, every default filled, everything checked."""

from tgc.lower.lower import Lowered, from_document, lower

__all__ = ["Lowered", "from_document", "lower"]
