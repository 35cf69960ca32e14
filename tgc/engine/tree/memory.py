"""How many tokens a device has room to remember."""

import os

import torch

from tgc.engine.tree.pages import PAGE, needed
from tgc.engine.tree.prefix import LEAST

SHARE = {"cpu": 0.25, "cuda": 0.8, "mps": 0.5}
"""Of the memory of a machine, or what a model leaves of a GPU's, what may be spent on remembering tokens; the
rest is for the tokens under way and for others."""

LONG = 8192
"""Tokens of a sequence where a config does not say how many there can be."""


def pages(device: torch.device, width: int, rows: int, context: int | None) -> int:
    """How many pages to remember: as many as there is room for, and no more than so many rows can need twice.

    Args:
        device: where the model is.
        width: bytes that a token takes.
        rows: how many sequences grow side by side.
        context: the tokens of the longest sequence.
    """
    room = int(_bytes(device) * SHARE.get(device.type, 0.5)) // (width * PAGE)
    return 1 + max(fewest(context), min(room, 2 * rows * needed(context or LONG)))


def fewest(context: int | None) -> int:
    """Pages that any one sequence has room in, be its turns as short as they are cut at least."""
    return -(-(context or LONG) // LEAST) + 1


def _bytes(device: torch.device) -> int:
    """What there is: on a GPU what is free or kept for later by torch, elsewhere all, taken page by page."""
    if device.type == "cuda":
        kept = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
        return torch.cuda.mem_get_info(device)[0] + kept
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
