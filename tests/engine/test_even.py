"""What models compute beside attention rounds a token the same, whatever else there is and who computes it."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
import transformers as hf
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn
from transformers import PreTrainedModel

from tests.engine.test_engine import sequences
from tests.engine.test_exact import forest
from tests.engine.test_exact import grow as grown
from tests.engine.test_probe import BATCHES
from tests.engine.threads import on
from tests.models import seeded
from tgc.engine.drawing.sequence import Output, Sequence
from tgc.engine.engine import Engine
from tgc.engine.forward.activations import GRAIN, divide_evenly, divisible, evenly
from tgc.engine.forward.experts import round_alike, spare
from tgc.engine.forward.rounding import ROWS, VECTOR

SIZE: dict[str, Any] = {
    "vocab_size": 300,
    "hidden_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 16,
    "max_position_embeddings": 2048,
    "initializer_range": 0.2,
}
WIDE: dict[str, Any] = {**SIZE, "intermediate_size": 2752}
MIXED: dict[str, Any] = {**SIZE, "intermediate_size": 48}


def qwen_moe() -> PreTrainedModel:
    return hf.Qwen3MoeForCausalLM(
        hf.Qwen3MoeConfig(num_experts=8, num_experts_per_tok=3, moe_intermediate_size=48, **MIXED)
    )


def mixtral() -> PreTrainedModel:
    return hf.MixtralForCausalLM(
        hf.MixtralConfig(num_local_experts=4, num_experts_per_tok=2, sliding_window=None, **MIXED)
    )


MAKES: dict[str, Callable[[], PreTrainedModel]] = {
    "qwen3_moe": qwen_moe,
    "mixtral": mixtral,
    "silu": lambda: hf.LlamaForCausalLM(hf.LlamaConfig(**WIDE)),
    "gelu": lambda: hf.LlamaForCausalLM(hf.LlamaConfig(hidden_act="gelu_pytorch_tanh", **WIDE)),
}


def built(name: str, dtype: torch.dtype = torch.float32) -> PreTrainedModel:
    return seeded(MAKES[name], 0, dtype)


def some() -> list[Sequence]:
    return forest()[1:12:3]


def differently(model: PreTrainedModel) -> list[dict[str, Output]]:
    """The same sequences side by side, the other way round, and one alone with what it said beside others."""
    together, last = grown(model, 7, 400, some()), some()[-1]
    alone = grown(model, 1, 400, [last])
    return [together, grown(model, 64, 400, reversed(some())), together | alone]


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("name", ["qwen3_moe", "mixtral"])
def test_a_mixture_of_experts_says_the_same_to_the_last_bit(name: str, dtype: torch.dtype) -> None:
    model = built(name, dtype)
    round_alike(model)
    with on(1):
        first, *others = differently(model)
    assert others == [first, first]


@pytest.mark.parametrize(("name", "threads"), [("silu", 3), ("gelu", 8), ("qwen3_moe", 4)])
def test_no_number_of_threads_changes_what_a_text_says_beside_others(name: str, threads: int) -> None:
    model = built(name)
    round_alike(model)
    divide_evenly(model)
    with on(threads):
        first, *others = differently(model)
    assert others == [first, first]


@given(
    st.lists(st.permutations(range(6)).map(lambda order: order[:4]), min_size=1, max_size=9),
    st.integers(1, 4),
)
def test_experts_are_given_a_multiple_of_rows(orders: list[list[int]], each: int) -> None:
    chosen = torch.tensor([order[:each] for order in orders * ROWS])
    more = spare(chosen, 6)
    assert (torch.bincount(torch.cat([chosen, more]).flatten(), minlength=6) % ROWS == 0).all()
    assert more.shape[1] == each
    assert len(more) <= 2 * ROWS * 6


@given(st.integers(0, 40 * GRAIN), st.integers(1, 64))
def test_every_thread_gets_whole_vectors_of_what_is_divided(count: int, threads: int) -> None:
    even = divisible(count, threads)
    busy = min(threads, -(-even // GRAIN))
    assert 0 <= even <= count
    assert not even or (even % (busy * VECTOR) == even % (threads * VECTOR) == 0)


def test_what_is_divided_is_put_together_in_its_order() -> None:
    numbers = torch.arange(3 * GRAIN + 5, dtype=torch.float32).view(1, -1)
    with on(3):
        assert torch.equal(evenly(torch.neg, numbers), -numbers)


@pytest.mark.parametrize("threads", [3, 5, 8])
@pytest.mark.parametrize("name", ["silu", "gelu"])
def test_a_number_is_rounded_the_same_wherever_it_stands(name: str, threads: int) -> None:
    model = built(name)
    divide_evenly(model)
    function = model.model.layers[0].mlp.act_fn
    rows = torch.randn(388, 2752, generator=torch.Generator().manual_seed(0))
    apart = torch.cat([function(piece) for piece in torch.split(rows, 4)])
    with on(threads):
        for count in range(36, len(rows) + 1, 32):
            assert torch.equal(function(rows[:count]), apart[:count])


def follow_the_batch(module: nn.Module, given: tuple[Tensor, ...], found: Tensor) -> Tensor:
    return found * (1 + 1e-6 * found.shape[1])


def test_a_promise_that_a_model_breaks_is_taken_back_aloud(caplog: pytest.LogCaptureFixture) -> None:
    model = built("silu")
    Engine(model, 0, 4)
    assert not caplog.messages
    model.model.layers[0].mlp.register_forward_hook(follow_the_batch)
    Engine(model, 0, 4, exact=False)
    assert not caplog.messages
    Engine(model, 0, 4)
    assert caplog.messages == [
        "`numerics: exact` does not hold to the last bit: this model rounds a text by what is beside it"
    ]


def test_padded_batches_promise_nothing_and_say_so_once(caplog: pytest.LogCaptureFixture) -> None:
    engine = Engine(BATCHES["gemma2, capped scores"](), 0, 4)
    assert not caplog.messages
    for _ in range(2):
        engine.run(sequences(2))
    assert len(caplog.messages) == 1
    assert "padded batches" in caplog.messages[0]
