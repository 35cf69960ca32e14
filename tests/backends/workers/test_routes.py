"""What shares a beginning goes to one worker, as long as none is much busier than another."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tests.backends.workers.crew import chat
from tgc.backends.base import Request
from tgc.backends.workers.routes import PIECE, REMEMBERED, SKEW, Routes

IDLE = {0: 0, 1: 0}


def where(shares: dict[int, list[Request]]) -> dict[str, int]:
    return {request.key: worker for worker, share in shares.items() for request in share}


def test_siblings_go_together_and_families_to_the_least_busy() -> None:
    families = [chat(name).ask(4) for name in "abcd"]
    placed = where(Routes().assign([one for four in zip(*families, strict=True) for one in four], IDLE))
    homes = [{placed[request.key] for request in family} for family in families]
    assert homes == [{0}, {1}, {0}, {1}]


def test_children_follow_the_longest_beginning() -> None:
    routes = Routes()
    routes.assign([*chat("a").ask(2), *chat("b").ask(2)], IDLE)
    assert where(routes.assign(chat("b", "B", "why?").ask(3), {0: 50, 1: 60})) == {
        request.key: 1 for request in chat("b", "B", "why?").ask(3)
    }
    routes.assign(chat("b", "B", "how?").ask(1), {0: 0, 1: 900})
    assert set(routes.assign(chat("b", "B", "how?", "so", "and?").ask(2), {0: 50, 1: 40})) == {0}


def test_a_beginning_that_all_share_holds_nobody_up() -> None:
    routes, loads = Routes(), {0: 0, 1: 0, 2: 0}
    for number in range(60):
        for worker, share in routes.assign(chat("the same", "for all", str(number)).ask(5), loads).items():
            loads[worker] += 10 * len(share)
    assert max(loads.values()) <= SKEW * min(loads.values()) + 50


def test_who_is_much_busier_gets_no_more() -> None:
    routes = Routes()
    routes.assign(chat("a").ask(2), IDLE)
    assert set(routes.assign(chat("a", "A", "so?").ask(2), {0: 301, 1: 200})) == {1}


def test_a_large_family_is_shared_in_pieces() -> None:
    shares = Routes().assign(chat("a").ask(4 * PIECE), {0: 0, 1: 0, 2: 0, 3: 0})
    assert [len(share) for share in shares.values()] == [PIECE] * 4


def test_who_is_gone_gets_nothing() -> None:
    routes = Routes()
    routes.assign(chat("a").ask(2), IDLE)
    assert set(routes.assign(chat("a", "A", "so?").ask(2), {1: 5_000})) == {1}


def test_plain_texts_share_a_beginning_when_they_begin_alike() -> None:
    texts = [
        replace(one, messages=(), role=None, prefix=name) for name in ("x", "y") for one in chat(name).ask(3)
    ]
    placed = where(Routes().assign(texts, IDLE))
    assert [placed[text.key] for text in texts] == [0, 0, 0, 1, 1, 1]


def test_what_is_remembered_is_bounded() -> None:
    routes = Routes()
    routes.assign([one for number in range(REMEMBERED + 10) for one in chat(str(number)).ask(1)], IDLE)
    assert len(routes._holders) == REMEMBERED


@given(
    st.lists(st.tuples(st.text("ab", min_size=1, max_size=4), st.integers(1, 40)), max_size=12),
    st.dictionaries(st.integers(0, 7), st.integers(0, 500), min_size=1),
    st.integers(1, PIECE),
)
def test_every_request_goes_to_one_worker_in_its_order(
    families: list[tuple[str, int]], loads: dict[int, int], piece: int
) -> None:
    asked = [
        replace(one, key=f"{number}-{one.key}")
        for number, (words, count) in enumerate(families)
        for one in chat(*words).ask(count)
    ]
    shares = Routes().assign(asked, loads, piece)
    assert shares.keys() <= loads.keys()
    assert sorted(one.key for share in shares.values() for one in share) == sorted(one.key for one in asked)
    for share in shares.values():
        for messages in {one.messages for one in share}:
            places = [asked.index(one) for one in share if one.messages == messages]
            assert places == sorted(places)
