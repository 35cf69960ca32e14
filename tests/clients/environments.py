"""Virtual environments, one per client: made once, from PyPI, and kept in a cache."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

INSTALLS = Path(__file__).parent / "installs"
"""Two files per client: in `.txt` what pip is told, line by line, in `.lock` the versions of all that comes of it.

Where a client's dependencies ask for a GPU, it is installed without them, and those it needs are named.
"""


def python(client: str) -> Path:
    """The interpreter of a client's environment, which is made if it is not there."""
    installs, versions = (INSTALLS / f"{client}{suffix}" for suffix in (".txt", ".lock"))
    told = hashlib.sha256(installs.read_bytes() + versions.read_bytes()).hexdigest()
    folder = cache() / f"{client}-{told[:8]}"
    with _alone(folder.with_suffix(".making")):
        if not (folder / "complete").exists():
            _make(folder, installs.read_text(encoding="utf-8").splitlines(), versions)
    return folder / "bin" / "python"


def cache() -> Path:
    """Where environments are kept: `$TGC_CLIENTS`, or a folder of the user's cache."""
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Path(os.environ.get("TGC_CLIENTS") or home / "tgc" / "clients")


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """While no other process is within."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _make(folder: Path, installs: list[str], versions: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    pip = [str(folder / "bin" / "pip"), "install", "--quiet", "--no-compile", "--constraint", str(versions)]
    for line in installs:
        subprocess.run([*pip, *line.split()], check=True)
    (folder / "complete").touch()
