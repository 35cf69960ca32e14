"""Several worker processes are one session, whichever of them dies."""

import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.backends.workers.crew import (
    broken,
    chat,
    crew,
    dying,
    mortal,
    picky,
    refusing,
    scorer,
    signed,
    slow,
)
from tests.echo import EchoSession
from tgc.backends.base import Completion, Failure, Request, Said, Scoring, Session
from tgc.backends.workers import Workers
from tgc.errors import BackendError
from tgc.likelihood import Likelihood


@pytest.fixture
def pair() -> Iterator[Workers]:
    with Workers(crew(signed, signed)) as workers:
        yield workers


def pids(workers: Workers) -> list[int]:
    return [worker._process.pid or 0 for worker in workers._workers.values()]


def finish(session: Session) -> dict[str, Completion | Failure]:
    found = dict[str, Completion | Failure]()
    while results := session.step():
        assert not found.keys() & {result.key for result in results}
        found |= {result.key: result for result in results}
    return found


def authors(found: dict[str, Completion | Failure]) -> set[int]:
    return {int(result.text) for result in found.values() if isinstance(result, Completion)}


def keys(asked: list[Request]) -> list[str]:
    return sorted(request.key for request in asked)


def test_every_request_is_answered_once_and_siblings_by_one_process(pair: Workers) -> None:
    assert isinstance(pair, Session)
    families = [chat(name).ask(6) for name in "abcdef"]
    for family in families:
        pair.submit(family)
    found = finish(pair)
    assert sorted(found) == keys([one for family in families for one in family])
    assert authors(found) == set(pids(pair))
    assert pair.step() == []


def test_room_is_what_the_workers_have_together(pair: Workers) -> None:
    assert pair.room == 16
    pair.submit([*chat("a").ask(3), *chat("b").ask(2)])
    assert pair.room == 11
    finish(pair)
    assert pair.room == 16


def test_one_family_is_shared_with_a_worker_that_has_nothing_to_do() -> None:
    with Workers(crew(slow, slow)) as workers:
        workers.submit(chat("a").ask(12))
        assert [len(worker.outstanding) for worker in workers._workers.values()] == [12, 0]
        assert authors(finish(workers)) == set(pids(workers))


def test_a_failure_is_a_result_like_any_other() -> None:
    with Workers(crew(picky, picky)) as workers:
        workers.submit([*chat("a").ask(2), *chat("b").ask(2)])
        kinds = {key: type(result) for key, result in finish(workers).items()}
    assert kinds == {"a#0": Completion, "a#1": Completion, "b#0": Failure, "b#1": Failure}


def test_what_a_killed_worker_had_goes_to_the_others(pair: Workers, caplog: pytest.LogCaptureFixture) -> None:
    one, other = pids(pair)
    os.kill(one, signal.SIGSTOP)
    asked = [*chat("a").ask(6), *chat("b").ask(6)]
    pair.submit(asked)
    first = pair.step()
    os.kill(one, signal.SIGKILL)
    with caplog.at_level(logging.WARNING):
        found = finish(pair) | {result.key: result for result in first}
    assert sorted(found) == keys(asked)
    assert authors(found) == {other}
    assert caplog.messages == ["the worker on `desk:0` was killed by SIGKILL; what it had goes to `desk:1`"]
    pair.submit(chat("c").ask(2))
    assert len(finish(pair)) == 2


def test_with_no_worker_left_it_is_said_which_were_there_and_why(pair: Workers) -> None:
    for pid in pids(pair):
        os.kill(pid, signal.SIGSTOP)
    pair.submit([*chat("a").ask(6), *chat("b").ask(6)])
    for pid in pids(pair):
        os.kill(pid, signal.SIGKILL)
    with pytest.raises(
        BackendError, match=r"no worker is left: .*SIGKILL, .* was killed by SIGKILL"
    ) as caught:
        finish(pair)
    assert caught.value.hint is not None
    with pytest.raises(BackendError, match="no worker is left"):
        pair.submit(chat("c").ask(1))


def test_what_is_queued_can_be_forgotten_and_what_is_done_is_kept(pair: Workers) -> None:
    for pid in pids(pair):
        os.kill(pid, signal.SIGSTOP)
    asked = [*chat("a").ask(6), *chat("b").ask(6)]
    pair.submit(asked)
    for pid in pids(pair):
        os.kill(pid, signal.SIGCONT)
    forgotten = pair.cancel()
    assert pair.cancel() == []
    found = finish(pair)
    assert sorted([*forgotten, *found]) == keys(asked)


def test_what_a_worker_had_that_dies_when_told_to_forget_is_forgotten(pair: Workers) -> None:
    one, _ = pids(pair)
    os.kill(one, signal.SIGSTOP)
    asked = [*chat("a").ask(3), *chat("b").ask(3)]
    pair.submit(asked)
    os.kill(one, signal.SIGKILL)
    assert {f"a#{ordinal}" for ordinal in range(3)} <= set(forgotten := pair.cancel())
    assert sorted([*forgotten, *finish(pair)]) == keys(asked)


def test_vectors_come_from_any_worker_that_lives(pair: Workers) -> None:
    expected = EchoSession([], frozenset(), 8).embed(["Paris", "Rome"])
    np.testing.assert_array_equal(pair.embed(["Paris", "Rome"]), expected)
    os.kill(pids(pair)[0], signal.SIGKILL)
    pair.submit(chat("b").ask(3))
    np.testing.assert_array_equal(pair.embed(["Paris", "Rome"]), expected)
    assert len(finish(pair)) == 3


def said(count: int) -> list[Said]:
    return [Said((), None, "x" * length) for length in range(count)]


def tokens(found: list[Likelihood | None]) -> list[int]:
    return [one.tokens if one else 0 for one in found]


def test_likelihoods_come_from_all_workers_in_the_order_asked() -> None:
    with Workers(crew(scorer, scorer, scorer)) as workers:
        assert isinstance(workers, Scoring)
        asked = [*chat("a").ask(3), *chat("b").ask(3)]
        workers.submit(asked)
        found = workers.score(said(100))
        assert tokens(found) == list(range(100))
        assert {-one.mean_logprob for one in found if one} == set(pids(workers))
        assert (workers.score([]), workers.score(said(2))[0]) == ([], None)
        assert sorted(finish(workers)) == keys(asked)


def test_what_a_worker_was_to_score_that_dies_of_it_another_does(caplog: pytest.LogCaptureFixture) -> None:
    with Workers(crew(mortal, scorer)) as workers, caplog.at_level(logging.WARNING):
        found = workers.score(said(100))
    assert tokens(found) == list(range(100))
    assert caplog.messages == [
        "the worker on `desk:0` was gone with exit status 7; what it had goes to `desk:1`"
    ]


def test_when_all_die_of_scoring_it_is_said() -> None:
    with Workers(crew(mortal, mortal)) as workers, pytest.raises(BackendError, match="no worker is left"):
        workers.score(said(100))


def test_sessions_that_cannot_score_say_so(pair: Workers) -> None:
    with pytest.raises(BackendError, match="`desk:0`: the backend cannot tell how likely a text is"):
        pair.score(said(3))


def test_an_error_of_the_backend_is_one_here(pair: Workers) -> None:
    (text,) = chat("a").ask(1)
    pair.submit([Request(text.key, (), None, text.sampling, 5, 0, prefix="Once")])
    with pytest.raises(BackendError, match="`desk:0`: no plain text here") as caught:
        pair.step()
    assert caught.value.hint == "a role is needed"


def test_a_model_that_cannot_be_opened_is_an_error_that_names_the_device() -> None:
    with pytest.raises(BackendError, match="`desk:1`: there is no such model") as caught:
        Workers(crew(signed, refusing))
    assert caught.value.hint == "a model is a directory"


def test_a_worker_that_dies_while_it_opens_is_an_error() -> None:
    with pytest.raises(BackendError, match="`desk:0` was gone with exit status 3 while it was loading"):
        Workers(crew(dying, signed))


def test_a_mistake_of_ours_is_a_traceback() -> None:
    with pytest.raises(RuntimeError, match="ZeroDivisionError: ours"):
        Workers(crew(broken))


def test_leaving_ends_every_process_and_says_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    with Workers(crew(signed, signed)) as workers:
        processes = [worker._process for worker in workers._workers.values()]
        workers.submit(chat("a").ask(4))
        finish(workers)
    assert [process.exitcode for process in processes] == [0, 0]
    assert capfd.readouterr() == ("", "")


def test_leaving_in_the_middle_waits_for_nobody() -> None:
    with Workers(crew(signed)) as workers:
        (worker,) = workers._workers.values()
        assert worker._process.pid
        os.kill(worker._process.pid, signal.SIGSTOP)
        workers.submit(chat("a").ask(4))
    assert worker._process.exitcode == -signal.SIGKILL


def test_a_session_that_nobody_closes_leaves_no_process() -> None:
    workers = Workers(crew(signed))
    (worker,) = workers._workers.values()
    del workers
    assert worker._process.exitcode == -signal.SIGKILL


SCRIPT = """
import time
from tests.backends.workers.crew import crew, signed
from tgc.backends.workers import Workers

workers = Workers(crew(signed, signed))
print(*(worker._process.pid for worker in workers._workers.values()), flush=True)
time.sleep(600)
"""


def test_workers_end_with_the_script_that_started_them_which_needs_no_guard(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(SCRIPT)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    command = [sys.executable, "script.py"]
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        started = [int(pid) for pid in process.stdout.readline().split()]
        assert len(started) == 2
        process.kill()
        assert process.stdout.read() == b""  # at its end once nobody is left who could write


def test_ctrl_c_does_not_reach_the_workers(pair: Workers) -> None:
    for pid in pids(pair):
        os.kill(pid, signal.SIGINT)
        os.kill(pid, signal.SIGTERM)
    pair.submit([*chat("a").ask(3), *chat("b").ask(3)])
    assert authors(finish(pair)) == set(pids(pair))
