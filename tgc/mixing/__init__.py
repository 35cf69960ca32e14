"""From nodes to a mix: conversations, selection, files and their manifest."""

from tgc.mixing.blending import Mixture, blend
from tgc.mixing.selection import Selection, select
from tgc.mixing.stock import Stock, stocked

__all__ = ["Mixture", "Selection", "Stock", "blend", "select", "stocked"]
