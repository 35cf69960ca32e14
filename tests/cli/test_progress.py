"""What a build says while it makes no text: on a terminal at once, in a log when it takes a while."""

import io
import threading
from types import SimpleNamespace

import pytest

from tgc.cli import progress
from tgc.cli.progress import Progress


class Terminal(io.StringIO):
    """Claims to be one."""

    def isatty(self) -> bool:
        return True


def wait() -> None:
    """Until all that was to be said later is said."""
    for thread in threading.enumerate():
        if isinstance(thread, threading.Timer):
            thread.join()


def test_a_terminal_is_told_at_once_on_a_line_that_is_taken_back() -> None:
    out = Terminal()
    watch = Progress(out)
    with watch.ended():
        watch.working("filtering")
        assert out.getvalue() == "\r\x1b[Kfiltering"
    assert out.getvalue().endswith("\r\x1b[K")


def test_a_log_is_told_of_what_takes_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "LOG_SECONDS", 0)
    out = io.StringIO()
    watch = Progress(out)
    with watch.ended():
        watch.working("filtering")
        wait()
        assert out.getvalue() == "filtering\n"


@pytest.mark.parametrize("counting", [True, False])
def test_a_log_is_not_told_of_what_has_ended(counting: bool) -> None:
    out = io.StringIO()
    watch = Progress(out, counting=counting)
    with watch.ended():
        watch.working("filtering")
        watch.working("choosing the mix")
    assert out.getvalue() == ""


def test_loading_does_not_count_as_generating(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter((0.0, 100.0, 110.0, 120.0))
    monkeypatch.setattr(progress, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    out = io.StringIO()
    watch = Progress(out)
    for tokens in (10, 30, 50):
        watch.made("answer", tokens)
    assert out.getvalue().splitlines() == [
        "1 of 0 nodes · answer · 0 tokens/s · 100 s",
        "2 of 0 nodes · answer · 3 tokens/s · 110 s",
        "3 of 0 nodes · answer · 4 tokens/s · 120 s",
    ]
