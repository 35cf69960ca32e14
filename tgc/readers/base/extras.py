"""What a row has beside its messages and images: an id, and whatever it came with."""

import json
from collections.abc import Mapping, Set
from math import isnan


def name(given: object) -> str | None:
    """What a row is called, as text; None where nothing stands that could name it.

    >>> name("a"), name(7), name([7, "a"]), name(None), name(float("nan"))
    ('a', '7', '[7, "a"]', None, None)
    """
    match given:
        case None | "" | bytes():
            return None
        case float() if isnan(given):
            return None
        case bool() | list() | dict():
            return json.dumps(given, ensure_ascii=False, default=str)
        case _:
            return str(given)


def kept(row: Mapping[str, object], *, apart: Set[str]) -> dict[str, object]:
    """The fields that hold something JSON can, but for those that are told apart.

    >>> kept({"id": 7, "license": "CC0", "note": None, "thumbnail": b"GIF8"}, apart={"id"})
    {'license': 'CC0'}
    """
    return {
        key: value
        for key, value in row.items()
        if key not in apart and value is not None and not _holds_bytes(value)
    }


def _holds_bytes(value: object) -> bool:
    match value:
        case bytes():
            return True
        case list():
            return any(map(_holds_bytes, value))
        case dict():
            return any(map(_holds_bytes, value.values()))
        case _:
            return False
