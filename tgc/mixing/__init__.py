"""From nodes to a mix: conversations, selection, files and their manifest."""

from tgc.mixing.blending import Mixture, blend
from tgc.mixing.repeats import verdicts
from tgc.mixing.screening import screened
from tgc.mixing.selection import Selection, select
from tgc.mixing.stock import Stock, stocked
from tgc.mixing.together import mixed

__all__ = ["Mixture", "Selection", "Stock", "blend", "mixed", "screened", "select", "stocked", "verdicts"]
