"""A record of a data file: what it says, or why it cannot be read, and where it begins."""

import json
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
    """

    line: int
    datum: object
    flaw: str | None = None


class BrokenFileError(ValueError):
    """A file cannot be read any further, and why; `line` is where."""

    def __init__(self, message: str, line: int, hint: str | None = None) -> None:
        super().__init__(message)
        self.line = line
        self.hint = hint


def flaw(error: ValueError | RecursionError) -> str:
    """Why a text is not JSON.

    >>> flaw(json.JSONDecodeError("Expecting ',' delimiter", "", 0))
    'not JSON: expecting `,` delimiter'
    """
    match error:
        case json.JSONDecodeError(msg=message):
            return f"not JSON: {message[:1].lower()}{message[1:]}".replace("'", "`")
        case UnicodeDecodeError():
            return "not UTF-8 text"
        case RecursionError():
            return "nested too deeply"
        case _:
            return "a number with too many digits"
