"""What a session and its workers say to each other: frozen values, pickled through a pipe."""

from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from tgc.backends.base import Completion, Failure, Request, Said, Scoring, Session
from tgc.errors import BackendError
from tgc.likelihood import Likelihood

Answer_co = TypeVar("Answer_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Submit:
    """Queue these."""

    requests: tuple[Request, ...]


@dataclass(frozen=True, slots=True)
class Cancel:
    """Forget what is queued and not under way, and say what that was."""


class Service(Protocol[Answer_co]):
    """Something that is asked of texts that are there already."""

    def of(self, session: Session) -> Answer_co:
        """What a session answers.

        Raises:
            BackendError: it cannot.
        """
        ...


@dataclass(frozen=True, slots=True)
class Embed:
    """The vectors of these texts."""

    texts: tuple[str, ...]

    def of(self, session: Session) -> NDArray[np.float32]:
        """As `Session.embed` has them."""
        return session.embed(self.texts)


@dataclass(frozen=True, slots=True)
class Score:
    """How likely these turns are."""

    said: tuple[Said, ...]

    def of(self, session: Session) -> list[Likelihood | None]:
        """As `Scoring.score` has it.

        Raises:
            BackendError: the session cannot tell, or as for `score`.
        """
        if not isinstance(session, Scoring):
            raise BackendError("the backend cannot tell how likely a text is", "`backend: torch` can")
        return session.score(self.said)


@dataclass(frozen=True, slots=True)
class Serve:
    """Do this before going on with requests; it is answered by its number."""

    number: int
    service: Service[object]


@dataclass(frozen=True, slots=True)
class Leave:
    """Close the session and exit."""


Order = Submit | Cancel | Serve | Leave


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
class Served:
    """The answer to the service of that number."""

    number: int
    answer: object


@dataclass(frozen=True, slots=True)
class Refused:
    """The backend has raised its own error; the worker exits."""

    message: str
    hint: str | None


@dataclass(frozen=True, slots=True)
class Broken:
    """Something has gone wrong that should not; the worker exits."""

    trace: str


Report = Opened | Finished | Forgotten | Served | Refused | Broken
