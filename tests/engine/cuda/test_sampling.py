"""Drawing by kernels: the noise of the CPU's sampler, its tokens and its log-probabilities."""

import pytest
import torch
import triton.language as tl
from torch import Tensor

from tgc.engine.cuda.kernels.drawing import murmur3, noise
from tgc.engine.cuda.kernels.kernel import kernel
from tgc.engine.cuda.sampling import advance
from tgc.engine.drawing import advance as by_torch
from tgc.engine.drawing import noise as cpu
from tgc.engine.drawing.row import Row, begin
from tgc.engine.drawing.sequence import Family, Sequence
from tgc.sampling import Sampling

VOCABULARY = 5000
WAYS = [Sampling(), Sampling(0.7), Sampling(0.0), Sampling(0.8, top_k=5), Sampling(dp_lambda=0.5)]
SEEDS = [0, 2**63 - 1, 5_000_000_000, 0x1234_5678_9ABC_DEF0]
pytestmark = pytest.mark.skipif(torch.cuda.is_available(), reason="compiled kernels are tested by `-m gpu`")


@kernel
def listed(keys: tl.tensor, bits: tl.tensor, noises: tl.tensor, WIDTH: tl.constexpr) -> None:
    """The noise of one key, for the first tokens."""
    row, tokens = tl.program_id(0), tl.arange(0, WIDTH)
    low, high = tl.load(keys + row * 3), tl.load(keys + row * 3 + 1)
    low, high = low.to(tl.uint32, bitcast=True), high.to(tl.uint32, bitcast=True)
    position, ids = (
        tl.load(keys + row * 3 + 2).to(tl.uint32, bitcast=True),
        tokens.to(tl.uint32, bitcast=True),
    )
    tl.store(bits + row * WIDTH + tokens, murmur3(low, high, position, ids).to(tl.int32, bitcast=True))
    tl.store(noises + row * WIDTH + tokens, noise(low, high, position, ids))


def test_bits_are_those_of_the_cpu_and_noise_is_as_near_as_float32_is() -> None:
    seeds, positions, tokens = torch.tensor(SEEDS), torch.tensor([0, 1, 77, 4095]), torch.arange(8192)
    keys = torch.cat([seeds.view(torch.int32).view(-1, 2), positions.int().unsqueeze(1)], dim=1).contiguous()
    bits, noises = torch.empty(4, 8192, dtype=torch.int32), torch.empty(4, 8192)
    listed[4,](keys, bits, noises, WIDTH=8192)
    expected = cpu.gumbel(seeds, positions, tokens.unsqueeze(0))
    assert torch.equal(bits, cpu.murmur3(seeds, positions, tokens.unsqueeze(0)))
    assert (noises - expected).abs().max() < 2e-6
    assert expected.max() > 9  # far into the tail, which most draws come from


def rows(ways: list[Sampling]) -> list[Row]:
    """Some that have drawn before, and one whose first token is a sibling's."""
    asked = [Sequence(str(one), (1,), way, 10**17 + one, 9) for one, way in enumerate(ways)]
    found = [begin(one) for one in [*asked, Sequence("s", (1,), Sampling(), 7, 9, family=Family(3, 2))]]
    for row in found[1:-1]:
        row.take(4, -1.0)
    return found


@pytest.mark.parametrize("ways", [WAYS, WAYS[:1], WAYS[3:]], ids=["all at once", "only plain", "none plain"])
def test_every_way_of_sampling_draws_what_the_cpu_draws(ways: list[Sampling]) -> None:
    mine, others = rows(ways), rows(ways)
    logits = 3 * torch.randn(len(mine), VOCABULARY, generator=torch.Generator().manual_seed(2))
    advance(mine, logits)
    by_torch.advance(others, logits)
    assert [row.tokens for row in mine] == [row.tokens for row in others]
    for one, other in zip(mine, others, strict=True):
        assert one.logprobs == pytest.approx(other.logprobs, abs=1e-5)


def test_the_first_of_the_likeliest_tokens_is_drawn_across_pieces() -> None:
    row = rows([Sampling(0.0)])[0]
    logits: Tensor = torch.zeros(1, VOCABULARY)
    logits[0, [4097, 4500]] = 2.0
    advance([row], logits)
    assert row.tokens == [4097]
