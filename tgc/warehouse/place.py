"""Where a build that holds a database is asked: a socket that nobody but its user reaches."""

import os
import socket
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tgc.fingerprint import digest

WAITING = 64
"""How many may knock at once before the next is turned away."""


@dataclass(frozen=True, slots=True)
class Door:
    """A socket that waits for others, and the file by which they find it."""

    socket: socket.socket
    path: Path
    made: tuple[int, int]

    def close(self) -> None:
        """Turn away whoever waits; the file goes, unless it is another build's by now."""
        self.socket.close()
        with suppress(OSError):
            if _made(self.path) == self.made:
                self.path.unlink()


def opened(database: Path) -> Door | None:
    """The door of whoever holds a database; None where no place for one is safe, or there are no such sockets.

    One that is there already was left behind by a build that was killed, for only one process holds a database.
    """
    for path in _sheltered(database):
        with suppress(OSError):
            return _bound(path)
    return None


def shelter(database: Path) -> Path | None:
    """The directory that the door of a database is in; None where none is safe."""
    return next((path.parent for path in _sheltered(database)), None)


def knocked(database: Path) -> socket.socket | None:
    """A connection to whoever holds a database; None where nobody answers, or one who is not to be trusted."""
    for path in _candidates(database):
        with suppress(OSError):
            if _is_own(path.parent, stat.S_ISDIR) and _is_own(path, stat.S_ISSOCK):
                return _connected(path)
    return None


def homes() -> tuple[Path, ...]:
    """Directories for sockets, best first, which are the same in whatever shell a build or a query is started.

    `XDG_RUNTIME_DIR` comes last, since it goes when its user logs out, which builds outlive.
    """
    runtime = os.environ.get("XDG_RUNTIME_DIR", f"/run/user/{os.getuid()}")
    return tuple(Path(home) for home in dict.fromkeys(("/tmp", tempfile.gettempdir(), runtime)))  # noqa: S108


def _sheltered(database: Path) -> Iterator[Path]:
    """The paths whose directory is safe; it is made if it is not there."""
    for path in _candidates(database):
        with suppress(OSError):
            path.parent.mkdir(mode=0o700, exist_ok=True)
            if _is_own(path.parent, stat.S_ISDIR):
                yield path


def _candidates(database: Path) -> Iterator[Path]:
    """Short paths, of which a system takes about a hundred bytes, however deep the project is."""
    if hasattr(socket, "AF_UNIX"):
        name = f"{digest(os.path.realpath(database))[:20]}.sock"
        yield from (home / f"tgc-{os.getuid()}" / name for home in homes())


def _bound(path: Path) -> Door:
    path.unlink(missing_ok=True)
    door = socket.socket(socket.AF_UNIX)
    try:
        door.bind(str(path))
        path.chmod(0o600)
        door.listen(WAITING)
        return Door(door, path, _made(path))
    except OSError:
        door.close()
        raise


def _connected(path: Path) -> socket.socket:
    line = socket.socket(socket.AF_UNIX)
    try:
        line.connect(str(path))
    except OSError:
        line.close()
        raise
    return line


def _is_own(path: Path, kind: Callable[[int], bool]) -> bool:
    """Whether it is what it should be, no link, and closed to all other users."""
    found = path.lstat()
    return kind(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o077


def _made(path: Path) -> tuple[int, int]:
    """Which file it is; a number alone may be given to the next one."""
    found = path.lstat()
    return found.st_ino, found.st_ctime_ns
