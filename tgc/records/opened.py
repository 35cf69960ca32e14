"""Files of bytes, packed or not."""

import gzip
import zlib
from pathlib import Path
from typing import BinaryIO, cast

PACKED = ".gz"
"""How the name of a packed file ends, after that of what is in it."""

UNPACKABLE = (EOFError, zlib.error, gzip.BadGzipFile)
"""What is raised where a packed file is cut off, or is none."""

CUT = "it cannot be unpacked any further"


def opened(path: Path) -> BinaryIO:
    """The bytes that are in a file.

    Raises:
        OSError: it cannot be opened.
    """
    if path.suffix == PACKED:
        return cast("BinaryIO", gzip.open(path, "rb"))
    return path.open("rb")
