"""Every draw follows the distribution that a recipe asks for."""

from collections.abc import Sequence

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tgc.engine.drawing import sampler
from tgc.engine.drawing.sequence import Family
from tgc.sampling import Sampling

SEEN = [0, 6, 20]
"""What a repetition penalty finds in every row."""


def softmax(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    weights = np.exp(scores - scores.max())
    return np.asarray(weights / weights.sum())


def naive(logits: NDArray[np.float64], how: Sampling, slack: float = 0.0) -> set[int]:
    """Survivors, one filter after the other, each over what the one before it left."""
    order = np.argsort(-logits / how.temperature)
    if how.top_k:
        order = order[: how.top_k]
    if how.top_p < 1:
        mass = np.cumsum(softmax(logits[order] / how.temperature))
        order = order[: 1 + int((mass < how.top_p + slack).sum())]
    shares = softmax(logits[order] / how.temperature)
    return set(order[shares >= (how.min_p - slack) * shares[0]].tolist())


def clear(logits: NDArray[np.float64], how: Sampling) -> bool:
    """Whether float32 can tell on which side of every filter's edge each token lies."""
    return naive(logits, how, 1e-5) == naive(logits, how, -1e-5)


def kept(logits: torch.Tensor, how: Sampling) -> list[set[int]]:
    scores, tokens = sampler.survivors(logits / how.temperature, how)
    pairs = zip(scores.isfinite(), tokens.expand(len(logits), -1), strict=True)
    return [set(row[finite].tolist()) for finite, row in pairs]


def draws(
    logits: torch.Tensor, how: Sampling, count: int, families: Sequence[Family | None] = (), position: int = 3
) -> torch.Tensor:
    seeds = torch.arange(count) * 977 + 5
    positions, seen = torch.full_like(seeds, position), [SEEN] * count
    return sampler.draw(logits.expand(count, -1), how, seeds, positions, seen, families=families)


def siblings(logits: torch.Tensor, how: Sampling, count: int, seed: int = 8) -> list[int]:
    """The first tokens of so many siblings."""
    return draws(logits, how, count, [Family(seed, ordinal) for ordinal in range(count)], 0).tolist()


def shares(logits: torch.Tensor, how: Sampling) -> NDArray[np.float64]:
    """The distribution that a recipe asks for, by its definition."""
    scores = logits[0].double().numpy().copy()
    seen = np.array(SEEN)
    penalised = np.where(scores > 0, scores / how.repetition_penalty, scores * how.repetition_penalty)
    scores[seen] = penalised[seen]
    alive = sorted(naive(scores, how))
    found = np.full(len(scores), (1 - how.dp_lambda) / len(scores))
    found[alive] += how.dp_lambda * softmax(scores[alive] / how.temperature)
    return found


def follows(drawn: torch.Tensor, expected: NDArray[np.float64]) -> bool:
    """Whether counts are as far from what they should be as chance has them, by chi-square."""
    counts = torch.bincount(drawn, minlength=len(expected)).numpy()
    alive = expected > 0
    wanted = expected[alive] * len(drawn)
    chi_square = ((counts[alive] - wanted) ** 2 / wanted).sum()
    freedom = max(int(alive.sum()) - 1, 1)
    return not counts[~alive].any() and bool(chi_square < freedom + 5 * np.sqrt(2 * freedom))


@settings(deadline=None, max_examples=60)
@given(
    seed=st.integers(0, 2**31),
    temperature=st.sampled_from([0.3, 1.0, 1.7]),
    top_k=st.sampled_from([0, 1, 7, 1000]),
    top_p=st.sampled_from([0.1, 0.5, 0.95, 1.0]),
    min_p=st.sampled_from([0.0, 0.02, 0.5]),
)
def test_survivors_are_those_of_a_naive_filter(
    seed: int, temperature: float, top_k: int, top_p: float, min_p: float
) -> None:
    how = Sampling(temperature, top_k, top_p, min_p)
    logits = torch.randn(3, 400, generator=torch.Generator().manual_seed(seed)) * 2
    rows = logits.double().numpy()
    assume(all(clear(row, how) for row in rows))
    assert kept(logits, how) == [naive(row, how) for row in rows]


@pytest.mark.parametrize("spread", [0.1, 0.5, 4.0])
def test_a_wide_nucleus_is_found_beyond_the_first_candidates(spread: float) -> None:
    logits = torch.linspace(0, -spread, 5000).unsqueeze(0)
    how = Sampling(top_p=0.9)
    (found,) = kept(logits, how)
    assert len(found) == pytest.approx(len(naive(logits[0].double().numpy(), how)), abs=2)


def test_tokens_as_likely_as_the_last_that_passes_stay() -> None:
    logits = torch.tensor([[2.0, 1.0, 1.0, 1.0, -9.0] + [-30.0] * 300])
    assert kept(logits, Sampling(top_p=0.6)) == [{0, 1, 2, 3}]
    assert kept(logits.flip(-1), Sampling(top_p=0.6)) == [{301, 302, 303, 304}]
    assert kept(torch.zeros(1, 300), Sampling(top_p=0.5)) == [set(range(300))]


HOWS = [
    Sampling(),
    Sampling(0.7),
    Sampling(1.8),
    Sampling(1.5, top_k=5),
    Sampling(top_p=0.8),
    Sampling(min_p=0.1),
    Sampling(repetition_penalty=1.3),
    Sampling(dp_lambda=0.7),
    Sampling(0.6, dp_lambda=0.95),
    Sampling(1.2, top_k=20, top_p=0.9, min_p=0.02, repetition_penalty=1.2),
]


@pytest.mark.parametrize("how", HOWS)
def test_draws_follow_the_distribution_that_is_asked_for(how: Sampling) -> None:
    logits = torch.randn(1, 40, generator=torch.Generator().manual_seed(3)) * 2
    assert follows(draws(logits, how, 20_000), shares(logits, how))


def test_a_distribution_that_is_not_asked_for_is_told_apart() -> None:
    logits = torch.randn(1, 40, generator=torch.Generator().manual_seed(3)) * 2
    drawn = draws(logits, Sampling(), 20_000)
    assert not any(follows(drawn, shares(logits, how)) for how in HOWS[1:])


def test_the_uniform_share_reaches_all_tokens_at_temperature_zero() -> None:
    logits = torch.randn(1, 10, generator=torch.Generator().manual_seed(1))
    expected = np.full(10, 0.05)
    expected[int(logits.argmax())] += 0.5
    assert follows(draws(logits, Sampling(temperature=0, dp_lambda=0.5), 20_000), expected)


def test_temperature_zero_takes_the_likeliest_whatever_the_seed() -> None:
    logits = torch.randn(1, 50, generator=torch.Generator().manual_seed(1))
    assert set(draws(logits, Sampling(temperature=0), 20).tolist()) == {int(logits.argmax())}


@pytest.mark.parametrize(
    "how", [Sampling(), Sampling(top_p=0.9), Sampling(top_k=9), Sampling(min_p=0.05), Sampling(dp_lambda=0.5)]
)
def test_a_row_does_not_see_the_rows_beside_it(how: Sampling) -> None:
    logits = torch.randn(16, 300, generator=torch.Generator().manual_seed(2)) * 3
    logits[5] = 0  # a flat row makes the others' candidates wider
    seeds, positions, seen = torch.arange(16), torch.arange(16) % 5, [[1, 2]] * 16
    together = sampler.draw(logits, how, seeds, positions, seen)
    alone = [sampler.draw(logits[[i]], how, seeds[[i]], positions[[i]], [[1, 2]]).item() for i in range(16)]
    assert together.tolist() == alone


def test_the_penalty_divides_what_is_positive_and_multiplies_what_is_negative() -> None:
    logits = torch.tensor([[2.0, -2.0, 2.0, -2.0]])
    assert sampler.penalise(logits, [[0, 1, 1]], 2.0).tolist() == [[1.0, -4.0, 2.0, -2.0]]
    assert logits.tolist() == [[2.0, -2.0, 2.0, -2.0]]


def test_the_penalty_passes_over_what_is_beyond_the_vocabulary() -> None:
    logits = torch.tensor([[2.0, -2.0, 2.0]])
    assert sampler.penalise(logits, [[3, 2, 2_000_000]], 2.0).tolist() == [[2.0, -2.0, 1.0]]
    assert torch.equal(sampler.penalise(logits, [[]], 2.0), logits)


def test_log_probabilities_are_those_of_the_unmodified_distribution() -> None:
    logits = torch.randn(4, 30)
    tokens = torch.tensor([0, 7, 29, 3])
    expected = logits.log_softmax(-1)[range(4), tokens]
    torch.testing.assert_close(sampler.logprobs(logits, tokens), expected)


@pytest.mark.parametrize("how", [Sampling(), Sampling(0.5, top_p=0.95), Sampling(top_k=12), Sampling(0)])
def test_no_two_siblings_begin_alike_while_tokens_are_left(how: Sampling) -> None:
    logits = torch.randn(1, 300, generator=torch.Generator().manual_seed(4)) * 3
    left = len(kept(logits, how)[0]) if how.temperature else 300
    first, again = (siblings(logits, how, 2 * left)[part] for part in (slice(left), slice(left, None)))
    assert len(set(first)) == left
    assert again == first


def test_more_siblings_leave_the_earlier_ones_as_they_are() -> None:
    logits = torch.randn(1, 50, generator=torch.Generator().manual_seed(4))
    assert siblings(logits, Sampling(top_p=0.9), 20)[:7] == siblings(logits, Sampling(top_p=0.9), 7)


def test_siblings_at_temperature_zero_begin_with_the_likeliest_tokens_in_their_order() -> None:
    logits = torch.tensor([[1.0, 3.0, float("-inf"), 2.0, 3.0]])
    assert siblings(logits, Sampling(temperature=0), 5) == [1, 4, 3, 0, 1]


@pytest.mark.parametrize("how", [Sampling(), Sampling(0.6, top_k=8), Sampling(top_p=0.9)])
def test_the_first_of_a_family_is_drawn_as_any_other(how: Sampling) -> None:
    logits = torch.randn(1, 40, generator=torch.Generator().manual_seed(6)) * 2
    families = [Family(seed * 31 + 7, 0) for seed in range(20_000)]
    assert follows(draws(logits, how, 20_000, families, 0), shares(logits, how))


def test_two_siblings_are_drawn_without_replacement() -> None:
    logits = torch.tensor([[1.0, 0.0, -1.0, 0.5]])
    families = [Family(seed // 2 * 31 + 7, seed % 2) for seed in range(40_000)]
    pairs = draws(logits, Sampling(), 40_000, families, 0).view(-1, 2)
    single = softmax(logits[0].double().numpy())
    expected = np.outer(single, single) / (1 - single)[:, None]
    np.fill_diagonal(expected, 0)
    assert follows(pairs[:, 0] * 4 + pairs[:, 1], expected.ravel())


def test_after_the_first_token_a_family_has_no_say() -> None:
    logits = torch.randn(1, 50, generator=torch.Generator().manual_seed(4))
    families = [Family(8, ordinal) for ordinal in range(30)]
    assert torch.equal(draws(logits, Sampling(), 30, families, 1), draws(logits, Sampling(), 30, (), 1))


def test_siblings_do_not_see_the_rows_beside_them() -> None:
    logits = torch.randn(12, 60, generator=torch.Generator().manual_seed(9))
    logits[3] = 0
    seeds, positions = torch.arange(12) + 40, torch.arange(12) % 3
    families = [Family(row // 6, row % 6) if row % 4 else None for row in range(12)]
    how, order = Sampling(top_p=0.95), [7, 0, 11, 3, 1, 9, 2, 10, 4, 8, 5, 6]

    def drawn(rows: list[int]) -> list[int]:
        some = [families[row] for row in rows]
        return sampler.draw(
            logits[rows], how, seeds[rows], positions[rows], [[]] * 12, families=some
        ).tolist()

    together = drawn(list(range(12)))
    assert [drawn([row])[0] for row in range(12)] == together
    assert drawn(order) == [together[row] for row in order]
