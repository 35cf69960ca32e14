"""From nodes to a mix: conversations, selection, files and their manifest."""

from tgc.mix.selection import TRAIN, Selection, select

__all__ = ["TRAIN", "Selection", "select"]
