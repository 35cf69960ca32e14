"""What every output format is, and what several of them share."""

from tgc.formats.base import card, rows, rules
from tgc.formats.base.about import About
from tgc.formats.base.format import MANIFEST, PATH, TRAIN, Format
from tgc.formats.base.rule import Flaw, Rule

__all__ = ["MANIFEST", "PATH", "TRAIN", "About", "Flaw", "Format", "Rule", "card", "rows", "rules"]
