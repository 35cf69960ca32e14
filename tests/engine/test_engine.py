"""The engine against `generate()` run one by one, and against itself in other batches."""

import random
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import pytest
import torch
from torch import Tensor
from transformers import GenerationConfig, PreTrainedModel

from tgc.engine.drawing.sequence import Output, Sequence
from tgc.engine.engine import Engine
from tgc.engine.forward.decoder import Decoder
from tgc.engine.tree.piece import Piece
from tgc.engine.tree.schedule import Place
from tgc.sampling import Sampling

if TYPE_CHECKING:
    from collections.abc import Callable

GREEDY = Sampling(temperature=0)


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


def oracle(model: PreTrainedModel, asked: Sequence) -> tuple[int, ...]:
    """What transformers generates greedily for that prompt alone."""
    prompt = torch.tensor([asked.prompt])
    config = GenerationConfig(  # type: ignore[no-untyped-call]
        do_sample=False,
        max_new_tokens=asked.max_tokens,
        eos_token_id=list(asked.stop_ids),
        pad_token_id=0,
    )
    generate = cast("Callable[..., Any]", model.generate)  # Any: their type is wider than what comes back
    result = generate(prompt, attention_mask=torch.ones_like(prompt), generation_config=config)
    tokens = getattr(result, "sequences", result)
    return tuple(tokens[0, len(asked.prompt) :].tolist())


def test_greedy_sequences_are_those_of_generate_one_by_one(model: PreTrainedModel) -> None:
    asked = sequences(12, sampling=GREEDY)
    outputs = Engine(model, pad_id=0, batch_size=12).run(asked)
    assert [output.tokens for output in outputs] == [oracle(model, one) for one in asked]


def test_tokens_do_not_depend_on_batch_and_order(model: PreTrainedModel) -> None:
    asked = sequences(12)
    expected = [output.tokens for output in Engine(model, 0, 12).run(asked)]
    assert _tokens_in_another_order(model, asked, batch_size=5) == expected


@pytest.mark.parametrize("batch_size", [1, 5, 24])
def test_tokens_do_not_depend_on_the_batch_size(batch_size: int, llama: PreTrainedModel) -> None:
    asked = sequences()
    expected = [output.tokens for output in Engine(llama, 0, 24).run(asked)]
    assert _tokens_in_another_order(llama, asked, batch_size) == expected


def _tokens_in_another_order(
    model: PreTrainedModel, asked: list[Sequence], batch_size: int
) -> list[tuple[int, ...]]:
    shuffled = random.Random(batch_size).sample(asked, len(asked))
    found = {output.key: output.tokens for output in Engine(model, 0, batch_size).run(shuffled)}
    return [found[one.key] for one in asked]


def test_the_global_generator_is_neither_read_nor_moved(llama: PreTrainedModel) -> None:
    texts = []
    for seed in (1, 2):
        torch.manual_seed(seed)
        state = torch.get_rng_state()
        texts.append(Engine(llama, 0, 24).run(sequences()))
        assert torch.equal(torch.get_rng_state(), state)
    assert texts[0] == texts[1]


def test_another_seed_is_another_sequence(llama: PreTrainedModel) -> None:
    (first, *_) = sequences(sampling=Sampling())[-1:]
    outputs = Engine(llama, 0, 8).run(replace(first, key=str(seed), seed=seed) for seed in range(8))
    assert len({output.tokens for output in outputs}) == 8


def test_defaults_of_the_checkpoint_do_not_leak_in(llama: PreTrainedModel) -> None:
    expected = Engine(llama, 0, 24).run(sequences())
    llama.generation_config = GenerationConfig(  # type: ignore[no-untyped-call]
        do_sample=True, top_k=1, repetition_penalty=3.0, eos_token_id=5, suppress_tokens=[7, 8, 9]
    )
    assert Engine(llama, 0, 24).run(sequences()) == expected


def test_a_sequence_stops_at_its_own_ids_predicate_or_limit(llama: PreTrainedModel) -> None:
    (free,) = Engine(llama, 0, 1).run([Sequence("a", (5, 6), Sampling(), 1, 12)])
    assert (len(free.tokens), free.finish_reason) == (12, "length")
    fourth = free.tokens[3]
    cut = free.tokens[: free.tokens.index(fourth) + 1]
    by_id = Sequence("a", (5, 6), Sampling(), 1, 12, stop_ids=frozenset({fourth}))
    by_predicate = Sequence("b", (5, 6), Sampling(), 1, 12, stops=lambda tokens: tokens[-1] == fourth)
    for output in Engine(llama, 0, 2).run([by_id, by_predicate]):
        assert (output.tokens, output.finish_reason) == (cut, "stop")


def test_the_mean_log_probability_is_the_models_own(llama: PreTrainedModel) -> None:
    asked = Sequence("a", (5, 6, 7), Sampling(0.5, top_k=3), 4, 10)
    (output,) = Engine(llama, 0, 1).run([asked])
    ids = torch.tensor([[*asked.prompt, *output.tokens]])
    logits = cast("torch.nn.Module", llama)(ids).logits[0].log_softmax(-1)
    own = logits[range(2, 12), list(output.tokens)].mean().item()
    assert output.mean_logprob == pytest.approx(own, abs=1e-5)


def test_the_batch_is_halved_when_memory_runs_out(
    llama: PreTrainedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = Engine(llama, 0, 24).run(sequences())
    most, sizes = memory_for(7, monkeypatch), set[int]()
    engine = Engine(llama, 0, 24)
    engine.submit(sequences())
    found = dict[str, Output]()
    while ended := engine.step():
        found |= {output.key: output for output in ended}
        sizes.add(engine.batch_size)
    assert [found[output.key] for output in expected] == expected
    assert max(most) > 7
    assert sizes == {6}


def memory_for(rows: int, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A device that runs out of memory with more rows; how many it was asked for."""
    forward, asked = Decoder.forward, list[int]()

    def cramped(self: Decoder, places: list[Place], pieces: list[Piece]) -> tuple[Tensor, Tensor]:
        asked.append(len(places))
        if len(places) > rows:
            raise torch.OutOfMemoryError
        return forward(self, places, pieces)

    monkeypatch.setattr(Decoder, "forward", cramped)
    return asked


def test_memory_too_small_for_one_sequence_is_an_error(
    llama: PreTrainedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = Engine(llama, 0, 4)
    memory_for(0, monkeypatch)
    with pytest.raises(torch.OutOfMemoryError):
        engine.run(sequences(4))


@pytest.mark.gpu
def test_greedy_sequences_on_a_gpu_are_those_of_the_cpu(llama: PreTrainedModel) -> None:
    asked = sequences(sampling=GREEDY)
    expected = [output.tokens for output in Engine(llama, 0, 24).run(asked)]
    cast("torch.nn.Module", llama).to("cuda")
    assert [output.tokens for output in Engine(llama, 0, 24).run(asked)] == expected
