"""Recipes in git: what changes between revisions, and what of the warehouse they still reach."""

from tgc.versions.diff import Difference, Side, diff

__all__ = ["Difference", "Side", "diff"]
