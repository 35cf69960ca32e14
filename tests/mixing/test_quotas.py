"""Rows taken by shares: exact where they last, water-filling where not, and no row twice."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice, pairwise, product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tgc.mixing.shares.quotas import CLOSE, LEAST, Quota, fit, fitted, taken

WEIGHTS = st.lists(st.integers(1, 9), min_size=1, max_size=5)
FEW = settings(deadline=None, max_examples=15)
COUNTS = st.lists(st.integers(0, 12), min_size=12, max_size=12)


def quota(values: Sequence[int], weights: Sequence[float]) -> Quota:
    return Quota(np.array(values, dtype=np.int64), np.array(weights, dtype=np.float64))


def grid(counts: list[int]) -> tuple[list[int], list[int]]:
    """Rows of four by three cells, so many of each."""
    cells = [
        cell for cell, count in zip(product(range(4), range(3)), counts, strict=True) for _ in range(count)
    ]
    return [one for one, _ in cells], [other for _, other in cells]


def by_definition(quotas: Sequence[Quota], cells: Sequence[tuple[int, ...]]) -> Iterator[int]:
    """Row by row: what is due grows by the pace, and the neediest kind gives its next row."""
    kinds = sorted(set(cells))
    queues = {kind: [row for row, cell in enumerate(cells) if cell == kind] for kind in kinds}
    values = [np.array([kind[place] for kind in kinds]) for place in range(len(quotas))]
    watched = [Quota(column, quota.shares) for column, quota in zip(values, quotas, strict=True)]
    margins, own = watched.copy(), Quota(np.arange(len(kinds)), np.ones(len(kinds)))
    watched += [own] if len(quotas) > 1 else []
    behind = [np.zeros(len(quota.shares)) for quota in watched]
    shares, before = np.ones(len(kinds)), 0
    while any(queues.values()):
        left = np.array([len(queues[kind]) for kind in kinds])
        if before != (before := int(np.count_nonzero(left))):
            shares = fitted(margins, np.where(left, np.maximum(shares, LEAST), 0), left)
        needs = np.where(left, 0.0, -np.inf)
        for lag, quota in zip(behind, watched, strict=True):
            np.add(lag, np.bincount(quota.values, shares, len(quota.shares)), out=lag)
            needs = needs + lag[quota.values]
        place = int(needs.argmax())
        for lag, quota in zip(behind, watched, strict=True):
            lag[quota.values[place]] -= 1
        yield queues[kinds[place]].pop(0)


@given(
    COUNTS,
    st.lists(st.floats(0.01, 1), min_size=4, max_size=4),
    st.lists(st.integers(1, 3), min_size=3, max_size=3),
)
@FEW
def test_two_shares_take_rows_in_the_order_of_the_definition(
    counts: list[int], weights: Sequence[float], others: Sequence[float]
) -> None:
    """Down to ties, which are decided by the last bits of what was added up: mixes are the same byte for byte."""
    ones, twos = grid(counts)
    quotas = [quota(ones, weights), quota(twos, others)]
    assert list(taken(quotas, len(ones))) == list(by_definition(quotas, list(zip(ones, twos, strict=True))))


@given(st.lists(st.integers(0, 40), min_size=1, max_size=7), st.booleans())
@FEW
def test_one_share_takes_rows_in_the_order_of_the_definition(counts: list[int], even: bool) -> None:
    values = [value for value, count in enumerate(counts) for _ in range(count)][::-1]
    quotas = [quota(values, [1 if even else place + 1 for place in range(len(counts))])]
    assert list(taken(quotas, len(values))) == list(by_definition(quotas, [(value,) for value in values]))


def test_values_that_are_far_apart_are_cells_too() -> None:
    far = [quota([0, 999_999, 0, 999_999], [1] * 10**6), quota([5, 1, 5, 1], [1] * 10**6)]
    assert list(taken(far, 4)) == [0, 1, 2, 3]


@given(COUNTS)
def test_every_row_is_taken_once(counts: list[int]) -> None:
    ones, others = grid(counts)
    order = taken([quota(ones, (1, 2, 3, 4)), quota(others, (5, 1, 1))], len(ones))
    assert sorted(order) == list(range(len(ones)))


@given(COUNTS)
def test_rows_of_the_same_kind_keep_their_order(counts: list[int]) -> None:
    ones, others = grid(counts)
    order = list(taken([quota(ones, (1, 2, 3, 4)), quota(others, (5, 1, 1))], len(ones)))
    kinds: dict[tuple[int, int], list[int]] = {}
    for row in order:
        kinds.setdefault((ones[row], others[row]), []).append(row)
    assert all(rows == sorted(rows) for rows in kinds.values())


@given(WEIGHTS)
def test_shares_that_are_whole_numbers_of_rows_are_exact(weights: list[int]) -> None:
    values = [value for value, weight in enumerate(weights) for _ in range(2 * weight)] * 2
    order = list(islice(taken([quota(values, weights)], len(values)), 3 * sum(weights)))
    assert Counter(values[row] for row in order) == {
        value: 3 * weight for value, weight in enumerate(weights)
    }


@given(WEIGHTS, st.integers(0, 200))
def test_any_number_of_rows_has_its_shares_to_within_a_row(weights: list[int], size: int) -> None:
    values = [value for value in range(len(weights)) for _ in range(size)]
    counts = Counter(values[row] for row in islice(taken([quota(values, weights)], len(values)), size))
    for value, weight in enumerate(weights):
        assert abs(counts[value] - size * weight / sum(weights)) <= 1 + CLOSE


@given(WEIGHTS, WEIGHTS, st.integers(0, 150))
def test_two_shares_hold_at_once_to_within_a_row_or_two(
    weights: list[int], others: list[int], size: int
) -> None:
    cells = [cell for cell in product(range(len(weights)), range(len(others))) for _ in range(size)]
    quotas = [quota([one for one, _ in cells], weights), quota([other for _, other in cells], others)]
    rows = list(islice(taken(quotas, len(cells)), size))
    for column, wanted in enumerate((weights, others)):
        counts = Counter(cells[row][column] for row in rows)
        for value, weight in enumerate(wanted):
            assert abs(counts[value] - size * weight / sum(wanted)) < 2


def test_shares_of_topics_and_turns_are_exact_where_both_are_whole() -> None:
    cells = [cell for cell in product(range(4), range(4)) for _ in range(200)]
    quotas = [
        quota([cell[0] for cell in cells], (1, 1, 1, 1)),
        quota([cell[1] for cell in cells], (2, 5, 2, 1)),
    ]
    rows = list(islice(taken(quotas, len(cells)), 1000))
    assert Counter(cells[row][0] for row in rows) == dict.fromkeys(range(4), 250)
    assert Counter(cells[row][1] for row in rows) == {0: 200, 1: 500, 2: 200, 3: 100}


@given(st.lists(st.integers(0, 30), min_size=3, max_size=3), st.integers(0, 90))
def test_what_runs_out_leaves_its_share_in_proportion(available: list[int], size: int) -> None:
    values, weights = [value for value, count in enumerate(available) for _ in range(count)], (1, 2, 4)
    counts = Counter(values[row] for row in islice(taken([quota(values, weights)], len(values)), size))
    assert counts.total() == min(size, sum(available))
    lasting = [value for value, count in enumerate(available) if counts[value] < count]
    for one, other in pairwise(lasting):
        levels = counts[one] / weights[one], counts[other] / weights[other]
        assert abs(levels[0] - levels[1]) <= 1 / weights[one] + 1 / weights[other] + 1


def test_a_kind_that_runs_out_leaves_the_shares_of_what_it_was_to_others() -> None:
    """Topic 0 has hardly any second turns; the other topics have them instead, and all shares hold."""
    cells = [(0, 0)] * 100 + [(0, 1)] * 5 + [(1, 0)] * 100 + [(1, 1)] * 100 + [(2, 0)] * 100 + [(2, 1)] * 100
    quotas = [quota([cell[0] for cell in cells], (1, 1, 1)), quota([cell[1] for cell in cells], (1, 1))]
    rows = list(islice(taken(quotas, len(cells)), 90))
    assert Counter(cells[row][0] for row in rows) == {0: 30, 1: 30, 2: 30}
    assert Counter(cells[row][1] for row in rows) == {0: 45, 1: 45}


@given(st.lists(st.floats(0.1, 1), min_size=12, max_size=12))
def test_fitted_shares_meet_quotas_that_can_be_met(table: list[float]) -> None:
    cells = np.array(table).reshape(4, 3)
    codes = np.indices((4, 3)).reshape(2, -1)
    quotas = [Quota(codes[0], cells.sum(axis=1)), Quota(codes[1], cells.sum(axis=0))]
    shares = fit(quotas, np.ones(12)).reshape(4, 3)
    assert np.allclose(shares.sum(axis=1), cells.sum(axis=1) / cells.sum(), atol=1e-6)
    assert np.allclose(shares.sum(axis=0), cells.sum(axis=0) / cells.sum(), atol=1e-6)


def test_quotas_that_contradict_each_other_leave_no_row_behind() -> None:
    """Value 0 of the first is only with value 0 of the second, so that not both can be even."""
    ones, others = [0] * 10 + [1] * 10, [0] * 15 + [1] * 5
    order = list(taken([quota(ones, (1, 1)), quota(others, (1, 3))], 20))
    assert sorted(order) == list(range(20))
    assert Counter(others[row] for row in order[:4]) == {1: 3, 0: 1}


SPARSE = st.lists(st.integers(0, 6), min_size=20, max_size=20).filter(any)


@given(SPARSE)
@FEW
def test_shares_are_met_where_most_kinds_have_no_rows(counts: list[int]) -> None:
    """The counts themselves are shares that the kinds there are can have."""
    table = np.array(counts).reshape(5, 4)
    places, margins = np.nonzero(table), (table.sum(axis=1), table.sum(axis=0))
    quotas = [
        Quota(values, margin.astype(np.float64)) for values, margin in zip(places, margins, strict=True)
    ]
    shares = fit(quotas, np.ones(len(places[0])))
    for given_values, margin in zip(places, margins, strict=True):
        held = np.bincount(given_values, shares, len(margin))
        assert np.allclose(held, margin / table.sum(), atol=1e-3)


@given(SPARSE, st.integers(1, 60))
@FEW
def test_rows_of_few_kinds_have_their_shares_too(counts: list[int], size: int) -> None:
    """As long as no kind runs out, which it does not while a tenth of the rows is taken."""
    cells = [
        cell for cell, count in zip(product(range(5), range(4)), counts, strict=True) for _ in range(count)
    ]
    many = [cell for cell in cells for _ in range(size)]
    wanted = [Counter(cell[place] for cell in cells) for place in range(2)]
    quotas = [
        quota([cell[place] for cell in many], [wanted[place][value] for value in range(5 - place)])
        for place in range(2)
    ]
    taking = max(1, len(many) // 10)
    rows = list(islice(taken(quotas, len(many)), taking))
    for place in range(2):
        found = Counter(many[row][place] for row in rows)
        for value, count in wanted[place].items():
            assert abs(found[value] - taking * count / len(cells)) < 2.5


def test_what_was_fitted_before_a_cell_closed_leads_to_the_same_as_an_even_start() -> None:
    codes = np.indices((4, 3)).reshape(2, -1)
    quotas = [Quota(codes[0], np.array([1.0, 2, 3, 4])), Quota(codes[1], np.array([2.0, 3, 5]))]
    open_cells = np.arange(12) != 7
    before = fit(quotas, np.ones(12))
    assert np.allclose(fit(quotas, before * open_cells), fit(quotas, 1.0 * open_cells), atol=1e-8)
