"""The race is won by whom all of the noise would have win, and looks at few."""

import sys
from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor

from tgc.engine.drawing import race
from tgc.engine.drawing.ceiling import GAP, ceilings
from tgc.engine.drawing.noise import begun, gumbel, scrambled, warp

ROWS, WIDTH = 12, 5000
"""The width is no multiple of what is looked at in one go."""


@pytest.fixture(params=["plainly", "compiled"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways to find contenders, whatever there are."""
    monkeypatch.setattr(race, "MANY", 0 if request.param == "compiled" else sys.maxsize)


def normal(spread: float) -> Tensor:
    return torch.randn(ROWS, WIDTH, generator=torch.Generator().manual_seed(1)) * spread


def held(scores: Tensor) -> Tensor:
    """Scores of which few are left, and of one row none."""
    scores = scores.masked_fill(torch.arange(WIDTH) % 97 != 5, float("-inf"))
    scores[3] = float("-inf")
    return scores


def uneven(scores: Tensor) -> Tensor:
    """Rows with one, two and many tokens that are nearly sure, and one that is flat."""
    scores[0, 4000] += 50
    scores[1, [7, 4999]] += 50
    scores[2, 2500:] += 1e6
    scores[4] = 0
    return scores


SCORES: dict[str, Callable[[], Tensor]] = {
    "flat": lambda: torch.zeros(ROWS, WIDTH),
    "even": lambda: normal(1),
    "peaked": lambda: normal(6),
    "high": lambda: normal(1) + 1e4,
    "cold": lambda: normal(1e5),
    "tied": lambda: normal(1e9).round(decimals=-8),
    "coarse": lambda: (normal(1) * 2).round() * 1e8,
    "held": lambda: held(normal(2)),
    "uneven": lambda: uneven(normal(1)),
    "narrow": lambda: normal(1)[:, :1],
}


def keys(scores: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Seeds, positions and tokens."""
    rows = torch.arange(len(scores))
    return rows * 977 + 2**40, rows % 7, torch.arange(scores.shape[1]).unsqueeze(0)


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("kind", SCORES)
def test_it_is_won_where_score_and_noise_are_highest(kind: str) -> None:
    scores = SCORES[kind]()
    for again in range(5):
        seeds, positions, tokens = keys(scores)
        expected = (scores + gumbel(seeds + again, positions, tokens)).numpy().argmax(axis=-1)
        assert race.leaders(scores, seeds + again, positions, tokens).tolist() == expected.tolist()


@pytest.mark.usefixtures("way")
def test_rows_may_weigh_tokens_of_their_own() -> None:
    scores = normal(1).sort(dim=-1, descending=True).values
    seeds, positions, _ = keys(scores)
    tokens = torch.stack([torch.arange(WIDTH).roll(row) * 3 for row in range(ROWS)])
    expected = (scores + gumbel(seeds, positions, tokens)).numpy().argmax(axis=-1)
    assert race.leaders(scores, seeds, positions, tokens).tolist() == expected.tolist()


@pytest.mark.usefixtures("way")
def test_rows_that_are_not_adjacent_in_memory_are_read_as_they_are() -> None:
    scores = normal(1)[:, ::2]
    assert torch.equal(race.leaders(scores, *keys(scores)), race.leaders(scores.contiguous(), *keys(scores)))


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("spread", [0, 1, 6])
def test_few_contend(spread: float) -> None:
    scores = normal(spread)
    seeds, positions, tokens = keys(scores)
    found = race._contenders(scores, begun(seeds, positions), scrambled(tokens))
    assert ROWS <= len(found) < 60 * ROWS
    assert (np.diff(found) > 0).all()


def test_both_ways_find_the_same_contenders(monkeypatch: pytest.MonkeyPatch) -> None:
    scores = normal(2)
    seeds, positions, tokens = keys(scores)
    given = scores, begun(seeds, positions), scrambled(tokens)
    monkeypatch.setattr(race, "MANY", 0)
    compiled = race._contenders(*given)
    monkeypatch.setitem(sys.modules, "numba", None)
    assert race._contenders(*given).tolist() == compiled.tolist()


@pytest.mark.usefixtures("way")
def test_a_row_of_no_numbers_leaves_the_others_alone() -> None:
    scores = normal(1)
    expected = race.leaders(scores, *keys(scores)).tolist()
    scores[ROWS - 1] = float("nan")
    assert race.leaders(scores, *keys(scores)).tolist() == [*expected[:-1], 0]


def test_a_ceiling_is_above_the_noise_and_by_less_than_the_gap() -> None:
    extremes = [0, 1, 2, 2**24, 2**31 - 1, -(2**31), -(2**24), -2, -1]
    powers = [2**shift + more for shift in range(31) for more in (-1, 0, 1)]
    sample = torch.randint(-(2**31), 2**31, (1 << 18,), generator=torch.Generator().manual_seed(3))
    bits = torch.cat([torch.tensor(extremes + powers), sample]).to(torch.int32)
    above = ceilings(torch.zeros(len(bits)), bits).double() - warp(bits).double()
    assert above.max() - above.min() < GAP - 0.1
