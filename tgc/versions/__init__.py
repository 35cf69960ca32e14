"""Recipes in git: what changes between revisions, and what of the warehouse they still reach."""

from tgc.versions.diff import Difference, Side, diff
from tgc.versions.gc import Survey, collect, survey
from tgc.versions.uses import Use

__all__ = ["Difference", "Side", "Survey", "Use", "collect", "diff", "survey"]
