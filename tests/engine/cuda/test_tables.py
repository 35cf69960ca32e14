"""Tables tell every token what it attends to, whoever shares it; pure."""

from collections.abc import Iterator

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tgc.engine.cuda.tables import SPAN, Stretch, Tables, tabulate
from tgc.engine.tree.pages import PAGE, needed

TOKENS = 12
Seen = tuple[int, int]
"""A page, and a place in it."""


@st.composite
def stretches(draw: st.DrawFn) -> list[Stretch]:
    """Stretches over pages of their own, some of which not all tokens see."""
    found, page = list[Stretch](), 0
    for _ in range(draw(st.integers(1, 5))):
        tokens = draw(st.integers(1, (2 * SPAN + 1) * PAGE))
        first = draw(st.integers(0, TOKENS - 1))
        readers = draw(st.integers(1, TOKENS - first))
        hidden = draw(st.integers(0, 1))
        seen = np.tri(readers, tokens, tokens // 2, dtype=np.bool_) if hidden else None
        found.append(Stretch(range(page, page + needed(tokens)), tokens, first, readers, seen))
        page += needed(tokens)
    return found


def expected(stretch: Stretch, token: int) -> Iterator[Seen]:
    for index in range(stretch.tokens):
        if stretch.seen is None or stretch.seen[token - stretch.first, index]:
            yield stretch.pages[index // PAGE], index % PAGE


def told(tables: Tables, token: int) -> Iterator[Seen]:
    """What the parts of a token are made of, as a kernel reads it."""
    for part in tables.parts[tables.starts[token] : tables.starts[token + 1]]:
        job = next(one for one in tables.jobs if one[4] <= part < one[4] + one[3])
        page, tokens, first, _, start, mask, apart = map(int, job)
        assert first + int(part) - start == token
        for index in range(tokens):
            if mask < 0 or tables.seen[mask + (token - first) * apart + index]:
                yield int(tables.pages[page + index // PAGE]), index % PAGE


@given(stretches(), st.integers(1, 5))
def test_every_token_is_told_all_it_attends_to_in_the_order_of_its_text(
    given_stretches: list[Stretch], abreast: int
) -> None:
    tables = tabulate(given_stretches, TOKENS, abreast)
    for token in range(TOKENS):
        own = [one for one in given_stretches if one.first <= token < one.first + one.readers]
        assert list(told(tables, token)) == [seen for one in own for seen in expected(one, token)]


@given(stretches(), st.integers(1, 5))
def test_no_job_is_longer_than_a_span_or_wider_than_is_abreast(
    given_stretches: list[Stretch], abreast: int
) -> None:
    tables = tabulate(given_stretches, TOKENS, abreast)
    assert (tables.jobs[:, 1] <= SPAN * PAGE).all()
    assert (tables.jobs[:, 3] <= abreast).all()
    assert tables.jobs[:, 3].sum() == len(tables.parts)


def test_a_text_is_cut_at_the_same_places_whoever_shares_it() -> None:
    pages = range(2 * SPAN)
    alone = tabulate([Stretch(pages, 2 * SPAN * PAGE, 0, 1)], 1, 4)
    among = tabulate([Stretch(pages, 2 * SPAN * PAGE, 0, 9)], 9, 4)
    assert set(map(tuple, alone.jobs[:, :2].tolist())) == set(map(tuple, among.jobs[:, :2].tolist()))


def test_nothing_to_attend_to_is_no_job() -> None:
    tables = tabulate([], 3, 4)
    assert len(tables.jobs) == 0
    assert tables.starts.tolist() == [0, 0, 0, 0]
