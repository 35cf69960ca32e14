"""What an engine has left of its work: the memory of prompts, every page accounted for, and no more."""

from __future__ import annotations

import gc
from collections import Counter

from tgc.engine.drawing.choices import Options
from tgc.engine.drawing.row import Row
from tgc.engine.drawing.sequence import Output, Sequence
from tgc.engine.forward.decoder import Decoder
from tgc.engine.growth import Growth
from tgc.engine.tree.piece import Piece
from tgc.engine.tree.schedule import Place, Schedule
from tgc.engine.tree.weighing import Weighing

GONE = (Sequence, Row, Output, Place, Options, Piece, Weighing)
"""Of which there is none when everything has ended."""

SINGLE = (Growth, Schedule, Decoder)
"""Of which an engine has one, how often its memory may have run out."""


def remains() -> list[str]:
    """What is left, over the whole process, that should not be; in words."""
    gc.collect()
    objects = gc.get_objects()
    found = Counter(map(type, objects))
    lost = [f"{found[kind]} × {kind.__name__}" for kind in GONE if found[kind]]
    lost += [f"{found[kind]} × {kind.__name__}" for kind in SINGLE if found[kind] != 1]
    for one in objects:
        if type(one) is Schedule:  # isinstance asks deprecated proxies
            lost += _unaccounted(one)
        if type(one) is Growth:
            lost += _unfinished(one)
    return lost


def _unaccounted(schedule: Schedule) -> list[str]:
    """Pages that are neither free nor a prompt's, and segments that something is said to need."""
    segments = list(schedule.prefixes)
    kept = sum(len(segment.pages) for segment in segments)
    needed = sum(not segment.placed or segment.waiting + segment.running > 0 for segment in segments)
    figures = {
        "pages of nobody": schedule.pages.count - 1 - schedule.pages.free - kept,
        "segments of no use": needed,
        "waiting": schedule.waiting,
        "growing": len(schedule.growing),
    }
    return [f"{count} {what}" for what, count in figures.items() if count]


def _unfinished(growth: Growth) -> list[str]:
    """What is noted of prompts that nothing waits for."""
    schedule = growth.schedule
    kept = {
        "logits after prompts": growth._first,  # noqa: SLF001 - nothing else has a use for it
        "prompts begun": schedule._begun,  # noqa: SLF001
        "prompts queued": schedule._queue,  # noqa: SLF001
        "prompts ready": schedule._ready,  # noqa: SLF001
        "segments to read": schedule._reading,  # noqa: SLF001
    }
    lost = [f"{len(held)} {what}" for what, held in kept.items() if held]
    return lost + ([f"{schedule._promised} pages promised"] if schedule._promised else [])  # noqa: SLF001
