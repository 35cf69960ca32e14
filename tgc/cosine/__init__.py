"""Texts whose vectors point nearly the same way, told apart exactly. Pure."""

from tgc.cosine.greedy import repeats
from tgc.cosine.nearest import Nearest

__all__ = ["Nearest", "repeats"]
