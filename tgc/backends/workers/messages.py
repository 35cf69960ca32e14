"""What a session and its workers say to each other: frozen values, pickled through a pipe."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tgc.backends.base import Completion, Failure, Request


@dataclass(frozen=True, slots=True)
class Submit:
    """Queue these."""

    requests: tuple[Request, ...]


@dataclass(frozen=True, slots=True)
class Cancel:
    """Forget what is queued and not under way, and say what that was."""


@dataclass(frozen=True, slots=True)
class Embed:
    """Give the vectors of these texts."""

    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Leave:
    """Close the session and exit."""


Order = Submit | Cancel | Embed | Leave


@dataclass(frozen=True, slots=True)
class Status:
    """How a worker stands.

    Attributes:
        taken: how many requests it has received so far.
        room: how many more it would take then.
    """

    taken: int
    room: int


@dataclass(frozen=True, slots=True)
class Opened:
    """The session is open."""

    status: Status


@dataclass(frozen=True, slots=True)
class Finished:
    """What a step has finished."""

    results: tuple[Completion | Failure, ...]
    status: Status


@dataclass(frozen=True, slots=True)
class Forgotten:
    """The keys of what was forgotten as told."""

    keys: tuple[str, ...]
    status: Status


@dataclass(frozen=True, slots=True)
class Embedded:
    """The vectors of the texts."""

    vectors: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Refused:
    """The backend has raised its own error; the worker exits."""

    message: str
    hint: str | None


@dataclass(frozen=True, slots=True)
class Broken:
    """Something has gone wrong that should not; the worker exits."""

    trace: str


Report = Opened | Finished | Forgotten | Embedded | Refused | Broken
