"""The lines of a JSON Lines file (https://jsonlines.org), each a record."""

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from tgc.records.opened import CUT, UNPACKABLE, opened
from tgc.records.record import DECODER, LONGEST, BrokenFileError, Record, flaw


def read(path: Path) -> Iterator[Record]:
    """What stands on each line that is not blank; a line that is not JSON is a record with a flaw.

    Raises:
        BrokenFileError: a line is longer than any record, or the file cannot be unpacked.
    """
    number = 0
    try:
        with opened(path) as file:
            for number, line in enumerate(iter(partial(file.readline, LONGEST), b""), start=1):
                if len(line) == LONGEST:
                    raise BrokenFileError(f"a line of more than {LONGEST:,} bytes", number)
                if line.strip():
                    yield _record(number, line.rstrip(b"\r\n"))
    except UNPACKABLE as error:
        raise BrokenFileError(CUT, number + 1) from error


def _record(number: int, line: bytes) -> Record:
    try:
        return Record(number, DECODER.decode(line.decode("utf-8-sig" if number == 1 else "utf-8")))
    except json.JSONDecodeError as error:
        return Record(number, None, flaw(error), error.colno)
    except (ValueError, RecursionError) as error:
        return Record(number, None, flaw(error))
