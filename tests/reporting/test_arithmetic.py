"""Where patches are, and how much of long texts is told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tgc.reporting.samples import longest
from tgc.reporting.treemap import Box, boxes

WITHIN = Box(3, 5, 960, 440)
weights = st.lists(st.integers(1, 10_000), min_size=1, max_size=60).map(lambda found: sorted(found)[::-1])


@given(weights)
def test_areas_are_in_proportion_to_weights(found: list[int]) -> None:
    whole = WITHIN.width * WITHIN.height
    for box, weight in zip(boxes(found, WITHIN), found, strict=True):
        assert box.width * box.height == pytest.approx(whole * weight / sum(found))


@given(weights)
def test_boxes_fill_their_place_and_do_not_overlap(found: list[int]) -> None:
    placed = boxes(found, WITHIN)
    for box in placed:
        assert WITHIN.x - 1e-6 <= box.x <= box.x + box.width <= WITHIN.x + WITHIN.width + 1e-6
        assert WITHIN.y - 1e-6 <= box.y <= box.y + box.height <= WITHIN.y + WITHIN.height + 1e-6
    for place, box in enumerate(placed):
        assert not any(_overlap(box, other) for other in placed[:place])


def test_equal_weights_make_almost_squares() -> None:
    for box in boxes([1] * 24, Box(0, 0, 600, 400)):
        assert 0.5 < box.width / box.height < 2


@given(st.lists(st.integers(0, 500), max_size=30), st.integers(0, 3_000))
def test_texts_are_cut_just_as_much_as_the_budget_asks(lengths: list[int], budget: int) -> None:
    most = longest(lengths, budget)
    cut = [min(length, most) for length in lengths]
    assert sum(cut) <= budget or not lengths
    more = [min(length, most + 1) for length in lengths]
    assert cut == lengths or sum(more) > budget


def _overlap(one: Box, other: Box) -> bool:
    wide = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    high = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    return wide > 1e-6 and high > 1e-6
