"""How a build shows that it lives: one moving line on a terminal, a plain line now and then in a log."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Timer
from types import FrameType
from typing import TextIO

from tgc.counts import count
from tgc.planner.estimate import Estimate
from tgc.planner.steps import Plan

LOG_SECONDS = 10.0
DRAW_SECONDS = 0.1
STOPS = (signal.SIGINT, signal.SIGTERM)

Explain = Callable[[Plan, Estimate], str]


class Progress:
    """Counts nodes as they are made and shows how far along a build is; a `watch.Watch`.

    Args:
        out: where to show it; None for nowhere.
        explain: turns the plan and its cost into what is shown before the first node, if that is to be shown.
        counting: whether to show how far along it is.
    """

    def __init__(self, out: TextIO | None, explain: Explain | None = None, *, counting: bool = True) -> None:
        self._out = out
        self._counting = counting
        self._live = counting and out is not None and out.isatty()
        self._explain = explain
        self._expected = self._made = self._tokens = 0
        self._started = self._shown = time.monotonic()
        self._stopping = False
        self._first = (0.0, 0)
        self._late = Timer(0, lambda: None)

    @property
    def stopping(self) -> bool:
        """Whether Ctrl-C was pressed."""
        return self._stopping

    def planned(self, plan: Plan, forecast: Callable[[], Estimate]) -> None:
        """Show the plan."""
        self._expected = plan.asks
        if plan.steps and self._out is not None and self._explain is not None:
            self._say(self._explain(plan, forecast()))

    def loading(self, model: str) -> None:
        """Say which model is being loaded."""
        self._say(f"loading {model}")

    def working(self, what: str) -> None:
        """Say what is being done: at once where the line can be taken back, else if it takes a while."""
        self._late.cancel()
        if self._live:
            self._say(what, end="")
        elif self._counting:
            self._late = _later(LOG_SECONDS, lambda: self._say(what))

    def refilling(self, level: str, branch: int, nodes: int) -> None:
        """Say what is made besides."""
        self._expected += nodes
        self._say(
            f"the mix lacks rows: `{level}` branches {count(branch, 'time')} now, {count(nodes, 'node')} more"
        )

    def made(self, level: str, tokens: int) -> None:
        """Count a node, and show it if the last showing was a while ago."""
        now = time.monotonic()
        if not self._made:
            self._first = (now, tokens)
        self._made += 1
        self._tokens += tokens
        if self._counting and now - self._shown >= (DRAW_SECONDS if self._live else LOG_SECONDS):
            self._shown = now
            self._late.cancel()
            self._draw(level, now)

    def done(self) -> None:
        """Clear the moving line, and say no more."""
        self._late.cancel()
        if self._live and self._out:
            self._out.write("\r\x1b[K")
            self._out.flush()

    @contextmanager
    def ended(self) -> Iterator[None]:
        """Behind it no more is said, however what is inside ends."""
        try:
            yield
        finally:
            self.done()

    @contextmanager
    def interruptible(self) -> Iterator[None]:
        """Inside, the first Ctrl-C or SIGTERM stops the build gently, the second at once."""

        def stop(_number: int, _frame: FrameType | None) -> None:
            self._stopping = True
            for number in STOPS:
                signal.signal(number, signal.default_int_handler)
            self._say("stopping: finishing what is in flight; press Ctrl-C again to stop at once")

        before = [signal.signal(number, stop) for number in STOPS]
        try:
            with self.ended():
                yield
        finally:
            for number, handler in zip(STOPS, before, strict=True):
                signal.signal(number, handler)

    def _draw(self, level: str, now: float) -> None:
        """Nodes, tokens a second since the first node, for what comes before is loading, and seconds in all."""
        since, before = self._first
        rate, seconds = (self._tokens - before) / max(now - since, 1e-9), now - self._started
        line = (
            f"{self._made:,} of {self._expected:,} nodes · {level} · {rate:,.0f} tokens/s · {seconds:,.0f} s"
        )
        self._say(line, end="" if self._live else "\n")

    def _say(self, text: str, end: str = "\n") -> None:
        if self._out is not None:
            self._out.write(("\r\x1b[K" if self._live else "") + text + end)
            self._out.flush()


def _later(seconds: float, say: Callable[[], None]) -> Timer:
    timer = Timer(seconds, say)
    timer.daemon = True
    timer.start()
    return timer
