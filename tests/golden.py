"""Text compared with a file; `UPDATE_GOLDEN=1 pytest` writes the files anew, to be read in the diff."""

import os
from pathlib import Path


def same(text: str, path: Path) -> bool:
    """Whether a file holds just this text."""
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return path.read_text(encoding="utf-8") == text
