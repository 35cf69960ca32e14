r"""A line as a finite automaton over bytes: text that is not blank, in UTF-8, and perhaps a line feed after it.

The language is that of the regular expression `[^\n\r]*[^\s\x1c-\x1f][^\n\r]*\n?`.
"""

from codecs import getincrementaldecoder
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

State = tuple[bool, bytes]
"""Whether something can be seen, or will be once a character is whole; and the beginning of that character."""

BLANK, SHOWN, ENDED = (False, b""), (True, b""), (True, b"\n")

NARROW = {0xE0: range(0xA0, 0xC0), 0xED: range(0x80, 0xA0), 0xF0: range(0x90, 0xC0), 0xF4: range(0x80, 0x90)}
"""What may follow a first byte, where not every second byte may (Unicode, table 3-7)."""

ANY = range(256)

THREE, FOUR = 0xE0, 0xF0
"""The least first bytes of characters of three bytes and of four."""

DEAD, START = 0, 1
"""The state of what is no beginning of a line, and the state before a line."""


@dataclass(frozen=True, slots=True)
class Automaton:
    """States by number.

    Attributes:
        steps: where a byte leads, of shape (states, 256).
        complete: the states of what is a line.
        closed: the states that lead nowhere.
    """

    steps: NDArray[np.uint8]
    complete: frozenset[int]
    closed: frozenset[int]

    def walk(self, words: Sequence[bytes | None]) -> NDArray[np.uint8]:
        r"""Where each word leads from each state, of shape (states, words); None leads nowhere.

        >>> automaton().walk([b"a", b" ", b" \n", None])[START].tolist() == [2, START, DEAD, DEAD]
        True
        """
        lengths = np.array([len(word or b"") for word in words])
        starts, letters = lengths.cumsum() - lengths, np.frombuffer(b"".join(filter(None, words)), np.uint8)
        reached = np.tile(np.arange(len(self.steps), dtype=np.uint8), (len(words), 1))
        for place in range(lengths.max(initial=0)):
            longer = np.flatnonzero(lengths > place)
            letter = letters[starts[longer] + place]
            reached[longer] = self.steps[reached[longer], letter[:, None]]
        reached[[word is None for word in words]] = DEAD
        return np.ascontiguousarray(reached.T)


@cache
def automaton() -> Automaton:
    """The automaton of a line."""
    white = [chr(point).encode() for point in range(0x10000) if chr(point).isspace()]
    states: list[State | None] = [None, BLANK]
    steps = []
    for state in states:
        reached = [_after(state, byte, white) if state else None for byte in range(256)]
        states += dict.fromkeys(one for one in reached if one not in states)
        steps.append([states.index(one) for one in reached])
    ended = states.index(ENDED)
    return Automaton(
        np.array(steps, np.uint8), frozenset({states.index(SHOWN), ended}), frozenset({DEAD, ended})
    )


def _after(state: State, byte: int, white: list[bytes]) -> State | None:
    """The state after one more byte; None where the text is no line then."""
    shown, begun = state
    seen = begun + bytes([byte])
    char = None if state == ENDED else _char(seen)
    if char is None or char == "\r":
        return None
    if not char:
        blank = not shown and any(one.startswith(seen) for one in white)
        return (False, seen) if blank else (True, _alike(seen))
    if char == "\n":
        return ENDED if shown else None
    return BLANK if char.isspace() and not shown else SHOWN


def _char(seen: bytes) -> str | None:
    """The character that the bytes are, "" where they only begin one, None where they are neither."""
    try:
        char = getincrementaldecoder("utf-8")().decode(seen)
    except UnicodeDecodeError:
        return None
    # Python waits for the third byte before it refuses what begins a surrogate.
    return None if len(seen) > 1 and seen[1] not in NARROW.get(seen[0], ANY) else char


def _alike(seen: bytes) -> bytes:
    """The beginning of a character that stands for all that go on the same: seven do for all of UTF-8."""
    lead = seen[0]
    if len(seen) == 1 and lead in NARROW:
        return seen
    missing = 2 + (lead >= THREE) + (lead >= FOUR) - len(seen)
    return (b"\xc3", b"\xe1", b"\xf1")[missing - 1]
