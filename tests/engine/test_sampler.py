"""Every draw follows the distribution that a recipe asks for."""

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tgc.engine import sampler
from tgc.sampling import Sampling


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


def draws(logits: torch.Tensor, how: Sampling, count: int) -> torch.Tensor:
    seeds = torch.arange(count) * 977 + 5
    return sampler.draw(logits.expand(count, -1), how, seeds, torch.full_like(seeds, 3), [[]] * count)


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


@pytest.mark.parametrize(
    "how", [Sampling(), Sampling(0.7), Sampling(1.5, top_k=5), Sampling(top_p=0.8), Sampling(min_p=0.1)]
)
def test_draws_follow_the_softmax_of_the_survivors(how: Sampling) -> None:
    logits = torch.randn(1, 40, generator=torch.Generator().manual_seed(3)) * 2
    count = 20_000
    found = torch.bincount(draws(logits, how, count), minlength=40).numpy()
    alive = sorted(naive(logits[0].double().numpy(), how))
    expected = softmax(logits[0].double().numpy()[alive] / how.temperature) * count
    assert found.sum() == found[alive].sum()
    chi_square = ((found[alive] - expected) ** 2 / expected).sum()
    freedom = max(len(alive) - 1, 1)
    assert chi_square < freedom + 5 * np.sqrt(2 * freedom)


def test_temperature_zero_takes_the_likeliest_whatever_the_seed() -> None:
    logits = torch.randn(1, 50, generator=torch.Generator().manual_seed(1))
    assert set(draws(logits, Sampling(temperature=0), 20).tolist()) == {int(logits.argmax())}


@pytest.mark.parametrize("how", [Sampling(), Sampling(top_p=0.9), Sampling(top_k=9), Sampling(min_p=0.05)])
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


def test_log_probabilities_are_those_of_the_unmodified_distribution() -> None:
    logits = torch.randn(4, 30)
    tokens = torch.tensor([0, 7, 29, 3])
    expected = logits.log_softmax(-1)[range(4), tokens]
    torch.testing.assert_close(sampler.logprobs(logits, tokens), expected)
