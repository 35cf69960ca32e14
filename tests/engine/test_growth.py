"""Growth draws what the model says, and leaves nothing behind."""

import random
from collections import Counter

import pytest
import torch
from torch import Tensor
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedModel

from tests.models import seeded
from tgc.engine.drawing.sequence import Output, Sequence
from tgc.engine.growth import Growth
from tgc.sampling import Sampling

VOCABULARY = 12
CONTROL = 1
DRAWS = 3000
UNLIKELY = 1e-4
"""How seldom frequencies would be as far off, were they drawn by chance."""


@pytest.fixture(scope="module")
def model() -> PreTrainedModel:
    """A Llama of one layer that prefers some tokens."""
    config = LlamaConfig(
        vocab_size=VOCABULARY,
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        initializer_range=0.3,
    )
    return seeded(lambda: LlamaForCausalLM(config), 3)


def finish(growth: Growth) -> list[Output]:
    found = list[Output]()
    while ended := growth.step(1):
        found += ended
    return found


@pytest.mark.parametrize("sampling", [Sampling(), Sampling(0.7), Sampling(top_k=4)])
def test_first_and_second_tokens_are_as_frequent_as_the_model_says(
    sampling: Sampling, model: PreTrainedModel
) -> None:
    prompt = (5, 1, 7)
    growth = Growth(model, 200, 600, frozenset({CONTROL}), least=1)
    seeds = random.Random(1)
    growth.submit(Sequence(str(key), prompt, sampling, seeds.getrandbits(63), 2) for key in range(DRAWS))
    drawn = [output.tokens for output in finish(growth)]
    first = Counter(tokens[0] for tokens in drawn)
    assert chance(first, shares(model, prompt, sampling)) > UNLIKELY
    (likeliest, _), *_ = first.most_common()
    second = Counter(tokens[1] for tokens in drawn if tokens[0] == likeliest)
    assert chance(second, shares(model, (*prompt, likeliest), sampling)) > UNLIKELY


@torch.inference_mode()
def shares(model: PreTrainedModel, text: tuple[int, ...], sampling: Sampling) -> Tensor:
    """What the stock model gives every token after a text."""
    logits: Tensor = model(torch.tensor([text])).logits[0, -1].float() / sampling.temperature
    if sampling.top_k:
        logits[logits < logits.topk(sampling.top_k).values[-1]] = float("-inf")
    return logits.softmax(dim=-1)


def chance(found: Counter[int], expected: Tensor) -> float:
    """The probability of frequencies as far off or further, by chi-square."""
    counts = torch.bincount(torch.tensor(list(found.elements())), minlength=VOCABULARY).double()
    possible = expected > 0
    assert not counts[~possible].any()
    wanted = expected[possible].double() * found.total()
    squares = ((counts[possible] - wanted) ** 2 / wanted).sum()
    freedom = possible.sum().double() - 1
    return float(torch.special.gammaincc(freedom / 2, squares / 2))


def test_after_many_submissions_nothing_is_left_but_prompts_that_may_be_asked_again(
    model: PreTrainedModel,
) -> None:
    draw, pages = random.Random(9), 40
    growth = Growth(model, 8, pages, frozenset({CONTROL}), least=1)
    store, asked, found = growth.schedule.pages, 0, list[Output]()
    for _ in range(70):
        prompt = tuple(draw.randrange(VOCABULARY) for _ in range(draw.randrange(1, 60)))
        growth.submit(
            Sequence(f"{asked + child}", prompt, Sampling(), asked + child, 4) for child in range(3)
        )
        asked += 3
        found += growth.step(2)
        assert len(growth._first) <= growth.schedule.rows
        assert sum(segment.placed for segment in growth.schedule.prefixes) < pages
    found += finish(growth)
    assert sorted(int(output.key) for output in found) == list(range(asked))
    idle = list(growth.schedule.prefixes)
    assert store.free + sum(len(segment.pages) for segment in idle) == pages - 1
    assert all(segment.placed and not (segment.waiting or segment.running) for segment in idle)
    assert not growth.busy
    assert not growth._first
