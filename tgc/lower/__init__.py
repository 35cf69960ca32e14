"""From a recipe to a Program: every name resolved, every default filled, everything checked."""

from tgc.lower.around import Around
from tgc.lower.lower import Lowered, from_document

__all__ = ["Around", "Lowered", "from_document"]
