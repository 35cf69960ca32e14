"""How much memory DuckDB may take: a build needs the rest, and what does not fit goes into files meanwhile.

By itself DuckDB takes four fifths of what there is.
"""

import os
from contextlib import suppress
from pathlib import Path

SHARE = 4
MOST = 4 << 30
"""Enough for ten million nodes: what is larger than this is read in parts or written to disk meanwhile."""
CONTAINER = Path("/sys/fs/cgroup/memory.max")


def limit() -> str:
    """A quarter of what this machine or container has, at most 4 GiB, as DuckDB spells it."""
    there = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    with suppress(OSError, ValueError):  # no container, or one without a limit
        there = min(there, int(CONTAINER.read_text(encoding="ascii")))
    return f"{min(there // SHARE, MOST) >> 20}MiB"
