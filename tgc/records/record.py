"""A record of a data file: what it says, or why it cannot be read, and where it begins."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

LONGEST = 1 << 26
"""Characters of one record; a file with a longer one is not what its name says."""


@dataclass(frozen=True, slots=True)
class Record:
    """What stands at one place of a file.

    Attributes:
        line: on which it begins, from 1; of a Parquet file, its row.
        datum: what it says, as JSON has it.
        flaw: why it cannot be read; None where it can.
        column: of the line, from 1, where the flaw is.
    """

    line: int
    datum: object
    flaw: str | None = None
    column: int = 1


class BrokenFileError(ValueError):
    """A file cannot be read any further, and why; `line` and `column` are where."""

    def __init__(self, message: str, line: int, hint: str | None = None, column: int = 1) -> None:
        super().__init__(message)
        self.line = line
        self.column = column
        self.hint = hint


class TwiceError(ValueError):
    """A mapping has a key twice, of which one value would be lost."""


def _once(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    """A mapping by its pairs.

    Raises:
        TwiceError: it has a key twice.
    """
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    (key, _), *_ = Counter(key for key, _ in pairs).most_common(1)
    raise TwiceError(key)


DECODER = json.JSONDecoder(object_pairs_hook=_once)
"""Reads JSON, and no mapping in which a key stands twice."""

ENCODINGS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16", b"\x1f\x8b": "packed by gzip"}
"""What a file is whose name says that it is text, by its first bytes."""


def flaw(error: ValueError | RecursionError) -> str:
    """Why a text is not JSON.

    >>> flaw(json.JSONDecodeError("Expecting ',' delimiter", "", 0))
    'not JSON: expecting `,` delimiter'
    """
    match error:
        case json.JSONDecodeError(msg=message):
            return f"not JSON: {message[:1].lower()}{message[1:]}".replace("'", "`")
        case TwiceError(args=(key,)):
            return f"a key stands twice: `{key}`"
        case UnicodeDecodeError(object=written) if bytes(written[:2]) in ENCODINGS:
            return f"not UTF-8 text, but {ENCODINGS[bytes(written[:2])]}"
        case UnicodeDecodeError():
            return "not UTF-8 text"
        case RecursionError():
            return "nested too deeply"
        case _:
            return "a number with too many digits"
