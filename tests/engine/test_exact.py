"""Bit for bit: tokens and log-probabilities depend on nothing but the sequence, on a CPU."""

import random
from collections.abc import Iterable, Iterator
from dataclasses import replace

import pytest
import torch
from transformers import PreTrainedModel, Qwen3Config, Qwen3ForCausalLM

from tests.engine.threads import on
from tests.models import seeded
from tgc.engine.drawing.sequence import Output, Sequence
from tgc.engine.forward.rounding import ROWS
from tgc.engine.growth import Growth
from tgc.engine.tree.pages import PAGE, needed
from tgc.engine.tree.prefix import CHUNK, cuts
from tgc.sampling import Sampling

CONTROLS = frozenset({1, 2})
VOCABULARY = 300
ROOMY = 2000


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> Iterator[None]:
    with on(1):
        yield


@pytest.fixture(scope="module", params=["float32", "bfloat16"])
def model(request: pytest.FixtureRequest) -> PreTrainedModel:
    return qwen(getattr(torch, request.param))


def qwen(dtype: torch.dtype) -> PreTrainedModel:
    """Two layers with grouped queries, whose attention is not nearly uniform."""
    config = Qwen3Config(
        vocab_size=VOCABULARY,
        hidden_size=64,
        intermediate_size=96,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=16,
        max_position_embeddings=2048,
        initializer_range=0.2,
    )
    return seeded(lambda: Qwen3ForCausalLM(config), 0, dtype)


def forest() -> list[Sequence]:
    """Siblings and cousins over prompts of one to several segments; one answer takes several pages."""
    draw = random.Random(5)

    def words(count: int) -> tuple[int, ...]:
        return tuple(draw.randrange(3, VOCABULARY) for _ in range(count))

    system, other = (1, *words(CHUNK + 50)), (1, *words(20))
    questions = [(*begin, 2, *words(count)) for begin in (system, other) for count in (17, 40)]
    prompts = [*questions, (*questions[0], 1, *words(33)), words(1)]
    ways = [Sampling(), Sampling(top_p=0.9), Sampling(0.8, top_k=20), Sampling(repetition_penalty=1.3)]
    limits = [(prompt, limit) for prompt in prompts for limit in (1, 14)]
    return [
        Sequence(f"{index:02}", prompt, ways[index % 4], draw.getrandbits(63), limit, frozenset({index}))
        for index, (prompt, limit) in enumerate(
            [*limits, (questions[0], 2 * PAGE + 2), (questions[3], PAGE + 1)]
        )
    ]


def grow(model: PreTrainedModel, rows: int, pages: int, sequences: Iterable[Sequence]) -> dict[str, Output]:
    growth = Growth(model, rows, pages, CONTROLS, least=ROWS)
    growth.submit(sequences)
    return finish(growth)


def finish(growth: Growth) -> dict[str, Output]:
    found = dict[str, Output]()
    while ended := growth.step(1):
        found |= {output.key: output for output in ended}
    return found


@pytest.fixture(scope="module")
def expected(model: PreTrainedModel) -> dict[str, Output]:
    return grow(model, 64, ROOMY, forest())


@pytest.mark.parametrize("rows", [1, 5])
def test_nothing_depends_on_how_many_rows_there_are_or_in_which_order(
    rows: int, model: PreTrainedModel, expected: dict[str, Output]
) -> None:
    shuffled = random.Random(rows).sample(forest(), len(expected))
    assert grow(model, rows, ROOMY, shuffled) == expected


def test_a_sequence_alone_comes_out_as_among_others(
    model: PreTrainedModel, expected: dict[str, Output]
) -> None:
    for sequence in forest()[1::4]:
        assert grow(model, 64, ROOMY, [sequence]) == {sequence.key: expected[sequence.key]}


def test_nothing_depends_on_what_was_evicted_and_read_again(
    model: PreTrainedModel, expected: dict[str, Output]
) -> None:
    shuffled = random.Random(2).sample(forest(), len(expected))
    growth = Growth(model, 5, 1 + max(map(room, shuffled)), CONTROLS, least=ROWS)
    growth.submit(shuffled)
    assert finish(growth) == expected


def room(sequence: Sequence) -> int:
    """The pages that a sequence takes when it is alone."""
    ends = cuts(sequence.prompt, CONTROLS)
    lengths = (end - start for start, end in zip([0, *ends], ends, strict=False))
    return sum(map(needed, lengths)) + needed(sequence.max_tokens - 1)


@pytest.mark.parametrize("threads", [2, 3])
def test_nothing_depends_on_the_other_rows_where_threads_share_the_work(
    threads: int, model: PreTrainedModel
) -> None:
    some = forest()[1:12:3]
    with on(threads):
        together = grow(model, 7, ROOMY, some)
        assert grow(model, 64, ROOMY, reversed(some)) == together
        assert grow(model, 1, ROOMY, some[-1:]) == {some[-1].key: together[some[-1].key]}


@pytest.mark.parametrize("moment", [1, 9])
def test_nothing_depends_on_where_a_run_was_cut_off_and_begun_again(
    moment: int, model: PreTrainedModel, expected: dict[str, Output]
) -> None:
    growth = Growth(model, 5, ROOMY, CONTROLS, least=ROWS)
    growth.submit(forest())
    found = {output.key: output for output in growth.step(moment)}
    growth.cancel()
    afresh = Growth(model, 4, ROOMY, CONTROLS, least=ROWS)
    afresh.submit(one for one in forest() if one.key not in found)
    assert found | finish(afresh) == expected


def test_what_was_cancelled_and_submitted_again_in_midst_of_others_is_the_same(
    model: PreTrainedModel, expected: dict[str, Output]
) -> None:
    growth = Growth(model, 3, ROOMY, CONTROLS, least=ROWS)
    growth.submit(forest())
    found = dict[str, Output]()
    while ended := growth.step(4):
        found |= {output.key: output for output in ended}
        growth.submit(reversed(growth.cancel()))
    assert found == expected


def test_children_submitted_while_their_parents_siblings_grow_are_those_of_a_later_run(
    model: PreTrainedModel,
) -> None:
    parents = [replace(one, max_tokens=12) for one in forest()[:6]]
    growth = Growth(model, 4, ROOMY, CONTROLS, least=ROWS)
    growth.submit(parents)
    early = dict[str, Output]()
    while ended := growth.step(1):
        early |= {output.key: output for output in ended}
        growth.submit(child for one in parents for child in children(one, ended))
    above = grow(model, 64, ROOMY, parents)
    below = [child for one in parents for child in children(one, above.values())]
    assert early == above | grow(model, 64, ROOMY, below)


def children(parent: Sequence, outputs: Iterable[Output]) -> list[Sequence]:
    """Two that go on from what a parent has drawn, if that is among the outputs."""
    return [
        replace(parent, key=f"{parent.key}-{child}", prompt=(*parent.prompt, *output.tokens, 2), seed=child)
        for output in outputs
        if output.key == parent.key
        for child in range(2)
    ]
