"""A model run by kernels over fixed buffers says and draws what it does by torch, and as `generate()`."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, cast

import pytest
import torch
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedModel, Qwen3Config, Qwen3ForCausalLM

from tests.models import seeded
from tgc.engine.cuda import attention
from tgc.engine.cuda.decoder import ask
from tgc.engine.cuda.step import Room, rounded
from tgc.engine.cuda.way import KERNELS
from tgc.engine.drawing import sequence
from tgc.engine.drawing.choices import options
from tgc.engine.drawing.row import begin
from tgc.engine.drawing.sequence import Output
from tgc.engine.growth import Growth
from tgc.engine.tree.schedule import Place
from tgc.engine.way import PLAIN, Way
from tgc.engine.ways import ways
from tgc.sampling import Sampling

CONTROL = 1
SHAPE: dict[str, Any] = {
    "vocab_size": 60,
    "hidden_size": 32,
    "intermediate_size": 32,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "head_dim": 16,
    "max_position_embeddings": 256,
    "initializer_range": 0.4,
}
MODELS: dict[str, Callable[[], PreTrainedModel]] = {
    "llama": lambda: LlamaForCausalLM(LlamaConfig(**SHAPE)),
    "qwen3": lambda: Qwen3ForCausalLM(Qwen3Config(**SHAPE)),
}
SYSTEM = (CONTROL, *range(10, 26))
GREEDY = [
    sequence.Sequence("sibling", (*SYSTEM, CONTROL, 7), Sampling(0.0), 1, 4),
    sequence.Sequence("another", (*SYSTEM, CONTROL, 8, 9), Sampling(0.0), 2, 3),
]
DRAWN = [
    replace(GREEDY[0], key="drawn", sampling=Sampling()),
    replace(GREEDY[1], key="filtered", sampling=Sampling(0.9, top_k=4, repetition_penalty=1.2)),
    replace(GREEDY[1], key="weighed", options=options([[(3, 4)], [(3, 5, 6)], [(9,)]]), max_tokens=3),
]
"""Siblings share a segment; one takes the way of the CPU's sampler, and one reads a tree of options."""


@pytest.fixture(scope="module", params=MODELS)
def model(request: pytest.FixtureRequest) -> PreTrainedModel:
    return seeded(MODELS[request.param], 2)


@pytest.fixture(autouse=True)
def _few_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """An interpreter runs them one after the other, those that find no job as well."""
    monkeypatch.setattr(attention, "PROGRAMS", 2)


def grown(model: PreTrainedModel, asked: Sequence[sequence.Sequence], way: Way) -> dict[str, Output]:
    growth = Growth(model, 4, 40, frozenset({CONTROL}), 1, way)
    growth.submit(asked)
    return {output.key: output for output in growth.step(len(asked))}


needs_interpreter = pytest.mark.skipif(
    torch.cuda.is_available(), reason="compiled kernels are tested by `-m gpu`"
)


@needs_interpreter
def test_kernels_draw_what_torch_draws_and_generate_does(model: PreTrainedModel) -> None:
    asked = [*GREEDY, *DRAWN]
    found, expected = grown(model, asked, KERNELS), grown(model, asked, PLAIN)
    for key, output in expected.items():
        assert found[key].tokens == output.tokens
        assert found[key].logprobs == pytest.approx(output.logprobs, abs=1e-4)
    for one in GREEDY:
        ids = torch.tensor([one.prompt])
        own = cast("Any", model).generate(
            ids,
            attention_mask=torch.ones_like(ids),
            do_sample=False,
            max_new_tokens=one.max_tokens,
            pad_token_id=0,
            eos_token_id=None,
        )
        assert tuple(own[0, len(one.prompt) :].tolist()) == found[one.key].tokens


def test_on_a_cpu_there_is_one_way_and_that_is_torch(model: PreTrainedModel) -> None:
    assert ways(model) == [PLAIN]


def test_rooms_are_few() -> None:
    assert {rounded(count) for count in range(1, 257)} == {8, 16, 32, 64, 128, 192, 256}


def test_a_row_has_room_for_a_long_text_that_nobody_shares() -> None:
    growth = Growth(MODELS["llama"](), 1, 2000, frozenset(), 1)
    leaf = growth.schedule.prefixes.leaf(tuple(range(9000)))
    for segment in leaf.path:
        segment.pages = growth.schedule.pages.low(8)
    row = begin(GREEDY[0])
    row.take(3, 0.0)
    asked = ask([Place(row, leaf, [1])], [], 4)
    room = Room.of(asked)
    assert (room.tokens, room.wanted) == (8, 8)
    assert room.tokens * room.depth >= len(asked.tables.pages) > 8 * 8
