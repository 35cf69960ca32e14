"""Filters applied to a tree: each judges the nodes that are still alive. Pure."""

from tgc.sieve.memory import FORGETFUL, Memory
from tgc.sieve.sieve import sift, sifting
from tgc.sieve.vectors import Embed, unknown

__all__ = ["FORGETFUL", "Embed", "Memory", "sift", "sifting", "unknown"]
