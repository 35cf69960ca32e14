"""The engine against `generate()` run one by one, and against itself in other batches."""

import random
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
import torch
from transformers import AutoModelForCausalLM, GenerationConfig

from tests.models import ARCHITECTURES, tiny
from tgc.engine import engine as engine_module
from tgc.engine.engine import Engine
from tgc.engine.generate import generate
from tgc.engine.model import Model
from tgc.engine.sequence import Output, Sequence
from tgc.sampling import Sampling

GREEDY = Sampling(temperature=0)


@pytest.fixture(scope="module", params=sorted(ARCHITECTURES))
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Model:
    return load(tiny(tmp_path_factory.mktemp("model"), request.param))


@pytest.fixture(scope="module")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return load(tiny(tmp_path_factory.mktemp("model"), "llama"))


def load(folder: Path) -> Model:
    return cast("Model", AutoModelForCausalLM.from_pretrained(folder, dtype="float32"))


def sequences(count: int = 24, sampling: Sampling | None = None) -> list[Sequence]:
    """Siblings by sixes over prompts of 1 to 20 tokens, with limits and stop tokens of their own."""
    draw = random.Random(11)
    prompts = [tuple(draw.randrange(5, 300) for _ in range(length)) for length in (1, 4, 13, 20)]
    ways = [Sampling(), Sampling(top_p=0.9), Sampling(0.8, top_k=20), Sampling(repetition_penalty=1.3)]
    return [
        Sequence(
            key=f"{index:03}",
            prompt=prompts[index % 4],
            sampling=sampling or ways[index // 4 % 4],
            seed=draw.getrandbits(63),
            max_tokens=3 + index,
            stop_ids=frozenset({draw.randrange(300)}),
        )
        for index in range(count)
    ]


def oracle(model: Model, asked: Sequence) -> tuple[int, ...]:
    """What transformers generates greedily for that prompt alone."""
    prompt = torch.tensor([asked.prompt])
    config = GenerationConfig(  # type: ignore[no-untyped-call]
        do_sample=False,
        max_new_tokens=asked.max_tokens,
        eos_token_id=list(asked.stop_ids),
        pad_token_id=0,
    )
    result = model.generate(prompt, attention_mask=torch.ones_like(prompt), generation_config=config)
    tokens = getattr(result, "sequences", result)
    return tuple(tokens[0, len(asked.prompt) :].tolist())


def test_greedy_sequences_are_those_of_generate_one_by_one(model: Model) -> None:
    asked = sequences(12, sampling=GREEDY)
    outputs = Engine(model, pad_id=0, batch_size=12).run(asked)
    assert [output.tokens for output in outputs] == [oracle(model, one) for one in asked]


def test_tokens_do_not_depend_on_batch_and_order(model: Model) -> None:
    asked = sequences(12)
    expected = [output.tokens for output in Engine(model, 0, 12).run(asked)]
    assert _tokens_in_another_order(model, asked, batch_size=5) == expected


@pytest.mark.parametrize("batch_size", [1, 5, 24])
def test_tokens_do_not_depend_on_the_batch_size(batch_size: int, llama: Model) -> None:
    asked = sequences()
    expected = [output.tokens for output in Engine(llama, 0, 24).run(asked)]
    assert _tokens_in_another_order(llama, asked, batch_size) == expected


def _tokens_in_another_order(model: Model, asked: list[Sequence], batch_size: int) -> list[tuple[int, ...]]:
    shuffled = random.Random(batch_size).sample(asked, len(asked))
    found = {output.key: output.tokens for output in Engine(model, 0, batch_size).run(shuffled)}
    return [found[one.key] for one in asked]


def test_the_global_generator_is_neither_read_nor_moved(llama: Model) -> None:
    texts = []
    for seed in (1, 2):
        torch.manual_seed(seed)
        state = torch.get_rng_state()
        texts.append(Engine(llama, 0, 24).run(sequences()))
        assert torch.equal(torch.get_rng_state(), state)
    assert texts[0] == texts[1]


def test_another_seed_is_another_sequence(llama: Model) -> None:
    (first, *_) = sequences(sampling=Sampling())[-1:]
    outputs = Engine(llama, 0, 8).run(replace(first, key=str(seed), seed=seed) for seed in range(8))
    assert len({output.tokens for output in outputs}) == 8


def test_defaults_of_the_checkpoint_do_not_leak_in(llama: Model) -> None:
    expected = Engine(llama, 0, 24).run(sequences())
    llama.generation_config = GenerationConfig(  # type: ignore[no-untyped-call]
        do_sample=True, top_k=1, repetition_penalty=3.0, eos_token_id=5, suppress_tokens=[7, 8, 9]
    )
    assert Engine(llama, 0, 24).run(sequences()) == expected


def test_a_sequence_stops_at_its_own_ids_predicate_or_limit(llama: Model) -> None:
    (free,) = Engine(llama, 0, 1).run([Sequence("a", (5, 6), Sampling(), 1, 12)])
    assert (len(free.tokens), free.finish_reason) == (12, "length")
    fourth = free.tokens[3]
    cut = free.tokens[: free.tokens.index(fourth) + 1]
    by_id = Sequence("a", (5, 6), Sampling(), 1, 12, stop_ids=frozenset({fourth}))
    by_predicate = Sequence("b", (5, 6), Sampling(), 1, 12, stops=lambda tokens: tokens[-1] == fourth)
    for output in Engine(llama, 0, 2).run([by_id, by_predicate]):
        assert (output.tokens, output.finish_reason) == (cut, "stop")


def test_the_mean_log_probability_is_the_models_own(llama: Model) -> None:
    asked = Sequence("a", (5, 6, 7), Sampling(0.5, top_k=3), 4, 10)
    (output,) = Engine(llama, 0, 1).run([asked])
    ids = torch.tensor([[*asked.prompt, *output.tokens]])
    logits = cast("torch.nn.Module", llama)(ids).logits[0].log_softmax(-1)
    own = logits[range(2, 12), list(output.tokens)].mean().item()
    assert output.mean_logprob == pytest.approx(own, abs=1e-5)


def test_the_batch_is_halved_when_memory_runs_out(llama: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    expected, sizes = Engine(llama, 0, 24).run(sequences()), list[int]()

    def cramped(model: Model, batch: list[Sequence]) -> list[Output]:
        sizes.append(len(batch))
        if len(batch) > 7:
            raise torch.OutOfMemoryError
        return generate(model, batch)

    monkeypatch.setattr(engine_module, "generate", cramped)
    engine = Engine(llama, 0, 24)
    assert [output.tokens for output in engine.run(sequences())] == [output.tokens for output in expected]
    assert engine.batch_size == 6
    assert sizes == [24, 12, 6, 6, 6, 6]


def test_memory_too_small_for_one_sequence_is_an_error(llama: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> list[Output]:
        raise torch.OutOfMemoryError

    monkeypatch.setattr(engine_module, "generate", full)
    with pytest.raises(torch.OutOfMemoryError):
        Engine(llama, 0, 4).run(sequences(4))


@pytest.mark.gpu
def test_greedy_sequences_on_a_gpu_are_those_of_the_cpu(llama: Model) -> None:
    asked = sequences(sampling=GREEDY)
    expected = [output.tokens for output in Engine(llama, 0, 24).run(asked)]
    cast("torch.nn.Module", llama).to("cuda")
    assert [output.tokens for output in Engine(llama, 0, 24).run(asked)] == expected
