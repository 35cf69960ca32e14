"""How many of something there are, as people read it."""


def count(number: int, noun: str) -> str:
    """A number of things.

    >>> count(1, "file"), count(2_000, "file")
    ('1 file', '2,000 files')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
