"""Texts whose vectors point nearly the same way, told apart exactly. Pure."""

from collections.abc import Mapping
from types import MappingProxyType

from tgc.cosine.approximate import Approximate
from tgc.cosine.greedy import Keep, repeats
from tgc.cosine.nearest import Exact

SEARCHES: Mapping[str, Keep] = MappingProxyType({"exact": Exact, "approximate": Approximate})
"""How rows of a large group are found that are like others."""

__all__ = ["SEARCHES", "Approximate", "Exact", "repeats"]
