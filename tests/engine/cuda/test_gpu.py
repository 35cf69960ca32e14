"""On a GPU itself: kernels compiled, steps as graphs. `pytest -m gpu -n 0 tests/engine`."""

import random

import pytest
import torch
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedModel

from tests.engine.cuda.forests import LONG, SHARED, attended, memory, plain, queries, told
from tests.models import seeded
from tgc.engine.cuda.sampling import draw
from tgc.engine.cuda.tables import Stretch
from tgc.engine.cuda.way import GRAPHS, KERNELS
from tgc.engine.drawing.noise import gumbel
from tgc.engine.drawing.sequence import Output, Sequence
from tgc.engine.engine import Engine
from tgc.engine.growth import Growth
from tgc.engine.probe import probe
from tgc.engine.way import PLAIN, Way
from tgc.sampling import Sampling

GPU = "cuda"
VOCABULARY = 5000
pytestmark = pytest.mark.gpu


def model(dtype: torch.dtype, device: str = GPU) -> PreTrainedModel:
    config = LlamaConfig(
        vocab_size=VOCABULARY,
        hidden_size=256,
        intermediate_size=256,
        num_hidden_layers=3,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=2048,
        initializer_range=0.1,
    )
    built = seeded(lambda: LlamaForCausalLM(config), 4, dtype)
    torch.nn.Module.to(built, device)
    return built


def forest() -> list[Sequence]:
    """Families of siblings that share prompts of one to three segments."""
    draw = random.Random(6)
    prompts = [tuple(draw.randrange(2, VOCABULARY) for _ in range(count)) for count in (5, 40, 300, 700)]
    ways = [Sampling(), Sampling(0.7), Sampling(top_p=0.9)]
    return [
        Sequence(str(key), (*prompts[key % 4], 1, key), ways[key % 3], draw.getrandbits(63), 5 + key)
        for key in range(40)
    ]


def grown(built: PreTrainedModel, rows: int, way: Way) -> dict[str, Output]:
    growth = Growth(built, rows, 2000, frozenset({1}), 4, way)
    growth.submit(forest())
    return {output.key: output for output in growth.step(40)}


@pytest.mark.parametrize(
    ("dtype", "off"), [(torch.float32, 1e-5), (torch.float16, 2e-3), (torch.bfloat16, 2e-2)]
)
@pytest.mark.parametrize(("heads", "group", "width"), [(2, 1, 128), (4, 7, 128), (1, 3, 80)])
def test_attention_by_kernels_is_that_of_its_definition(
    heads: int, group: int, width: int, dtype: torch.dtype, off: float
) -> None:
    keys, values = memory(heads, width, dtype, GPU)
    for stretches, tokens in ((SHARED, 8), (LONG, 1)):
        query = queries(heads * group, tokens, width, dtype, GPU)
        found = attended(query, keys, values, told(stretches, tokens, GPU))
        assert (found.double().cpu() - plain(query, keys, values, stretches)).abs().max() < off


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_a_token_is_told_the_same_bits_alone_as_among_others(dtype: torch.dtype) -> None:
    keys, values = memory(2, 128, dtype, GPU)
    query = queries(14, 8, 128, dtype, GPU)
    among = attended(query, keys, values, told(SHARED, 8, GPU, abreast=4))
    for row in range(4):
        mine = [one for one in SHARED if one.first <= row < one.first + one.readers]
        alone = [Stretch(one.pages, one.tokens, 0, 1) for one in mine]
        found = attended(query[:, row : row + 1], keys, values, told(alone, 1, GPU, abreast=4))
        assert torch.equal(found[0], among[row])


def test_tokens_drawn_by_noise_alone_are_those_of_the_cpu() -> None:
    seeds, positions = torch.arange(200) * 10**15, torch.arange(200)
    expected = gumbel(seeds, positions, torch.arange(VOCABULARY).unsqueeze(0)).topk(2)
    keys = torch.cat([seeds.view(torch.int32).view(-1, 2), positions.int().unsqueeze(1)], dim=1).contiguous()
    flat, heats = torch.zeros(200, VOCABULARY, device=GPU), torch.ones(200, device=GPU)
    found = draw(flat, keys.to(GPU), heats).cpu()
    clear = expected.values[:, 0] - expected.values[:, 1] > 1e-5
    assert clear.sum() > 190
    assert torch.equal(found[0].long()[clear], expected.indices[:, 0][clear])


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_graphs_give_the_bits_of_kernels_launched_one_by_one(dtype: torch.dtype) -> None:
    built = model(dtype)
    assert grown(built, 16, GRAPHS) == grown(built, 16, KERNELS)


@pytest.mark.parametrize("rows", [1, 5, 40])
def test_texts_in_float32_are_those_of_torch_whatever_grows_beside_them(rows: int) -> None:
    built = model(torch.float32)
    expected = {key: output.tokens for key, output in grown(built, 16, PLAIN).items()}
    assert {key: output.tokens for key, output in grown(built, rows, GRAPHS).items()} == expected


def test_the_probe_takes_graphs_and_has_nothing_to_say(caplog: pytest.LogCaptureFixture) -> None:
    found = probe(model(torch.bfloat16))
    assert found is not None
    assert found.way is GRAPHS
    assert not caplog.records


@pytest.mark.skipif(torch.cuda.device_count() < 2, reason="needs two GPUs")
def test_a_second_gpu_draws_what_the_first_does() -> None:
    asked = forest()
    first, second = (
        Engine(model(torch.float32, device), 0, 16).run(asked) for device in ("cuda:0", "cuda:1")
    )
    assert [one.tokens for one in first] == [one.tokens for one in second]
