"""From nodes to a mix: conversations, selection, files and their manifest."""

from tgc.mixing.blending import Mixture, blend
from tgc.mixing.files.stock import Stock, stocked
from tgc.mixing.sameness.repeats import verdicts
from tgc.mixing.sameness.screening import screened
from tgc.mixing.selection import Selection, select
from tgc.mixing.together import mixed

__all__ = ["Mixture", "Selection", "Stock", "blend", "mixed", "screened", "select", "stocked", "verdicts"]
