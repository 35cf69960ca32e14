"""Texts whose vectors point nearly the same way, told apart exactly. Pure."""

from tgc.cosine.approximate import Approximate
from tgc.cosine.elsewhere import Elsewhere, Hold
from tgc.cosine.greedy import Keep, repeats
from tgc.cosine.nearest import Exact, Nearest
from tgc.cosine.products import Indices, Units

__all__ = ["Approximate", "Elsewhere", "Exact", "Hold", "Indices", "Keep", "Nearest", "Units", "repeats"]
