"""Names with braces that stand for several, as LLaVA-NeXT and shells have them."""

import re

BRACES = re.compile(r"([^{}]*)\{([^{}]*,[^{}]*)\}([^{}]*)")


def spelled(name: str) -> tuple[str, ...]:
    """The names that a name stands for; itself, where it has no braces.

    >>> spelled("data/part{1,2}.json"), spelled("a.json")
    (('data/part1.json', 'data/part2.json'), ('a.json',))
    """
    found = BRACES.fullmatch(name)
    if not found:
        return (name,)
    before, several, after = found.groups()
    return tuple(f"{before}{one.strip()}{after}" for one in several.split(","))
