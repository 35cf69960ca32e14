"""From nodes to a mix: conversations, selection, files and their manifest."""

from tgc.mixing.selection import Selection, select

__all__ = ["Selection", "select"]
