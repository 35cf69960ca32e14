"""How a build and those who ask it talk: messages, each of a kind, a length and as many bytes.

Whoever asks is greeted, sends a `QUESTION` with its frames, gets frames and an `END`, or a `FAILURE`; and again.
"""

import json
import socket
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from typing import Any

import polars as pl

from tgc import assets
from tgc.errors import TgcError, UsageError, WarehouseError
from tgc.fingerprint import digest

GREETING, QUESTION, FRAME, END, FAILURE = b"g", b"q", b"f", b"e", b"!"

FORM = "1"
"""Raised when what is sent changes its form."""
SLICE = 16_000_000
"""Bytes of a frame that are sent together, about."""
MOST = 2**29
"""Bytes of the largest message that a build takes: the ids of sixty million nodes."""

MALFORMED = (
    *(ValueError, TypeError, LookupError, AttributeError, OSError),
    *(pl.exceptions.PolarsError, pl.exceptions.PanicException),
)
"""What comes of messages that make no sense."""

_HEAD = struct.Struct(">cQ")
_PIECE = 2**20


class HangUpError(Exception):
    """The other side is gone, or does not keep to the rules."""


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """What is asked, and the frames that it reads by name."""

    asked: dict[str, Any]  # Any: JSON
    frames: dict[str, pl.DataFrame]


@cache
def speech() -> str:
    """What both sides have to agree on: the form of messages, and the statements that are asked for by name."""
    statements = sorted((assets.root() / "warehouse" / "statements").glob("*.sql"))
    return digest(FORM, *(part for path in statements for part in (path.name, path.read_text("utf-8"))))


def send(line: socket.socket, kind: bytes, content: bytes | memoryview = b"") -> None:
    """Send one message.

    Raises:
        HangUpError: nobody takes it.
    """
    try:
        line.sendall(_HEAD.pack(kind, len(content)))
        line.sendall(content)
    except OSError as error:
        raise HangUpError from error


def say(line: socket.socket, kind: bytes, said: dict[str, Any]) -> None:  # Any: JSON
    """Send a message that is JSON."""
    send(line, kind, json.dumps(said).encode())


def ask(line: socket.socket, asked: dict[str, Any], frames: Mapping[str, pl.DataFrame]) -> None:  # Any: JSON
    """Send a question, with the frames that it reads by name."""
    say(line, QUESTION, asked | {"frames": [*frames]})
    for frame in frames.values():
        send(line, FRAME, _packed(frame))


def hand(line: socket.socket, frame: pl.DataFrame) -> None:
    """Send a frame of an answer, in as many messages as its size asks for; one without rows is sent, too."""
    for part in _slices(frame):
        send(line, FRAME, _packed(part))


def fail(line: socket.socket, error: TgcError) -> None:
    """Send why there is no answer."""
    usage = isinstance(error, UsageError)
    say(line, FAILURE, {"usage": usage, "message": error.message, "hint": error.hint})


def failure(content: bytearray) -> TgcError:
    """The error of a message."""
    said = json.loads(content)
    return (UsageError if said["usage"] else WarehouseError)(said["message"], said["hint"])


def heard(line: socket.socket) -> Question:
    """The next question.

    Raises:
        HangUpError: there is none, or it makes no sense.
    """
    try:
        asked = json.loads(_expected(line, QUESTION))
        return Question(asked, {str(name): frame(_expected(line, FRAME)) for name in asked.pop("frames")})
    except MALFORMED as error:
        raise HangUpError from error


def receive(line: socket.socket) -> tuple[bytes, bytearray]:
    """The kind and the content of the next message.

    Raises:
        HangUpError: there is none, or it is too large.
    """
    kind, length = _HEAD.unpack(_exactly(line, _HEAD.size))
    if length > MOST:
        raise HangUpError
    return kind, _exactly(line, length)


def frame(content: bytearray) -> pl.DataFrame:
    """The frame of a message."""
    return pl.read_ipc_stream(BytesIO(content))


def _packed(frame: pl.DataFrame) -> memoryview:
    content = BytesIO()
    frame.write_ipc_stream(content)
    return content.getbuffer()


def _expected(line: socket.socket, kind: bytes) -> bytearray:
    found, content = receive(line)
    if found != kind:
        raise HangUpError
    return content


def _slices(frame: pl.DataFrame) -> Iterator[pl.DataFrame]:
    if not frame.height:
        return iter((frame,))
    rows = frame.height * SLICE / max(frame.estimated_size(), 1)
    return frame.iter_slices(max(int(rows), 1))


def _exactly(line: socket.socket, length: int) -> bytearray:
    content = bytearray()
    while len(content) < length:
        try:
            piece = line.recv(min(length - len(content), _PIECE))
        except OSError as error:
            raise HangUpError from error
        if not piece:
            raise HangUpError
        content += piece
    return content
