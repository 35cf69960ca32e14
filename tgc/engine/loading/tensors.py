"""How a message names tensors."""

from collections.abc import Collection

MOST = 3
"""How many are named."""


def counted(names: Collection[str], what: str) -> str:
    """A clause about so many tensors.

    >>> counted({"b", "a"}, "missing"), counted({"a", "b", "c", "d"}, "too many")
    ('2 tensors are missing (`a`, `b`)', '4 tensors are too many (`a`, `b`, `c`, …)')
    """
    shown = ", ".join(f"`{name}`" for name in sorted(names)[:MOST])
    more = ", …" if len(names) > MOST else ""
    return f"{len(names)} {'tensor is' if len(names) == 1 else 'tensors are'} {what} ({shown}{more})"
