"""From nodes to a mix: conversations, selection, files and their manifest."""

from tgc.mix.selection import Selection, select

__all__ = ["Selection", "select"]
