"""Virtual environments, one per client: made once, from PyPI, and kept in a cache."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

INSTALLS = Path(__file__).parent / "installs"
"""A file per client: what pip is told, line by line; without dependencies where those ask for a GPU."""


def python(client: str) -> Path:
    """The interpreter of a client's environment, which is made if it is not there."""
    installs = (INSTALLS / f"{client}.txt").read_text(encoding="utf-8")
    folder = cache() / f"{client}-{hashlib.sha256(installs.encode()).hexdigest()[:8]}"
    if not (folder / "complete").exists():
        _make(folder, installs.splitlines())
    return folder / "bin" / "python"


def cache() -> Path:
    """Where environments are kept: `$TGC_CLIENTS`, or a folder of the user's cache."""
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Path(os.environ.get("TGC_CLIENTS") or home / "tgc" / "clients")


def _make(folder: Path, installs: list[str]) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    for line in installs:
        pip = [str(folder / "bin" / "pip"), "install", "--quiet", "--no-compile"]
        subprocess.run([*pip, *line.split()], check=True)
    (folder / "complete").touch()
