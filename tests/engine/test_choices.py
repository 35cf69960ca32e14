"""Options are drawn as the model's own distribution has them, once it is known that it says one of them."""

import random
from collections import Counter
from math import exp, fsum, inf, log

import pytest
import torch
from transformers import PreTrainedModel

from tests.models import loaded, tiny
from tgc.engine.drawing.choices import Options, options, weigh
from tgc.engine.drawing.sequence import Family, Output, Sequence
from tgc.engine.drawing.trie import Text
from tgc.engine.engine import Engine
from tgc.engine.forward.decoder import STEP
from tgc.engine.services.likelihood import Scored
from tgc.sampling import Sampling

END, OTHER_END = 2, 1
PROMPT = tuple(range(5, 30))
SPELLINGS: list[list[Text]] = [
    [(40, 42, END), (40, 42, OTHER_END), (41, 42, END)],
    [(40, 43, END)],
    [(40, 44, END)],
    [(50, 45, END), (51, 45, END)],
]


@pytest.fixture(scope="module")
def llama(tmp_path_factory: pytest.TempPathFactory) -> PreTrainedModel:
    """With the options flat enough that each is drawn now and then."""
    model = loaded(tiny(tmp_path_factory.mktemp("model"), "llama"))
    model.get_output_embeddings().weight.data.div_(8)  # type: ignore[no-untyped-call]
    return model


@pytest.fixture
def among() -> Options:
    return options(SPELLINGS)


def asked(count: int, among: Options, sampling: Sampling, prompt: tuple[int, ...] = PROMPT) -> list[Sequence]:
    draw = random.Random(len(prompt))
    return [
        Sequence(
            f"{sampling} {len(prompt)} {index}", prompt, sampling, draw.getrandbits(63), 4, options=among
        )
        for index in range(count)
    ]


def option(output: Output) -> int:
    return next(index for index, texts in enumerate(SPELLINGS) if output.tokens in texts)


def shares(model: PreTrainedModel, prompt: tuple[int, ...] = PROMPT) -> list[float]:
    """How likely each option is, by reading every spelling alone; they sum to 1."""
    sums = [fsum(exp(_log(model, Scored(prompt, text))) for text in texts) for texts in SPELLINGS]
    return [each / fsum(sums) for each in sums]


def _log(model: PreTrainedModel, one: Scored) -> float:
    ids = torch.tensor([[*one.prompt, *one.text]])
    with torch.no_grad():
        scores = model(ids).logits[0, len(one.prompt) - 1 : -1].double().log_softmax(-1)
    return float(scores[range(len(one.text)), list(one.text)].sum())


def test_options_are_drawn_as_the_model_has_them(llama: PreTrainedModel, among: Options) -> None:
    count = 6000
    found = Counter(map(option, Engine(llama, 0, 500).run(asked(count, among, Sampling()))))
    expected = [count * share for share in shares(llama)]
    assert min(expected) > 20
    assert sum((found[index] - each) ** 2 / each for index, each in enumerate(expected)) < 16.3  # p = 0.001


def test_temperature_is_of_options(llama: PreTrainedModel, among: Options) -> None:
    count = 6000
    found = Counter(map(option, Engine(llama, 0, 500).run(asked(count, among, Sampling(2.0)))))
    weights = [share**0.5 for share in shares(llama)]
    expected = [count * weight / sum(weights) for weight in weights]
    assert sum((found[index] - each) ** 2 / each for index, each in enumerate(expected)) < 16.3


def test_without_temperature_the_likeliest_is_drawn(llama: PreTrainedModel, among: Options) -> None:
    (output, *_) = Engine(llama, 0, 4).run(asked(4, among, Sampling(0)))
    weights = shares(llama)
    assert option(output) == weights.index(max(weights))


def test_filters_are_of_options(llama: PreTrainedModel, among: Options) -> None:
    weights = shares(llama)
    likeliest = sorted(range(4), key=weights.__getitem__, reverse=True)
    two = Engine(llama, 0, 200).run(asked(200, among, Sampling(top_k=2)))
    assert set(map(option, two)) == set(likeliest[:2])
    nucleus = Sampling(top_p=weights[likeliest[0]] / 2)
    assert set(map(option, Engine(llama, 0, 50).run(asked(50, among, nucleus)))) == {likeliest[0]}


def test_a_repetition_penalty_does_not_touch_options(llama: PreTrainedModel, among: Options) -> None:
    plain = Engine(llama, 0, 50).run(asked(50, among, Sampling()))
    penalised = Engine(llama, 0, 50).run(asked(50, among, Sampling(repetition_penalty=3.0)))
    assert [one.tokens for one in penalised] == [one.tokens for one in plain]


def test_siblings_that_are_to_be_distinct_draw_different_options(
    llama: PreTrainedModel, among: Options
) -> None:
    siblings = [
        Sequence(str(index), PROMPT, Sampling(), index, 4, options=among, family=Family(9, index))
        for index in range(4)
    ]
    assert {option(output) for output in Engine(llama, 0, 3).run(siblings)} == {0, 1, 2, 3}


def test_an_option_is_spelled_as_is_likeliest_and_as_likely_as_that_is(
    llama: PreTrainedModel, among: Options
) -> None:
    for output in Engine(llama, 0, 50).run(asked(50, among, Sampling())):
        ways = {text: _log(llama, Scored(PROMPT, text)) for text in SPELLINGS[option(output)]}
        assert output.tokens == max(ways, key=ways.__getitem__)
        assert sum(output.logprobs) == pytest.approx(ways[output.tokens], abs=1e-4)
        assert output.finish_reason == "stop"


def test_options_do_not_depend_on_the_batch(llama: PreTrainedModel, among: Options) -> None:
    prompts = [PROMPT, PROMPT[:7], (*PROMPT, *PROMPT), (*PROMPT, *PROMPT, 8)]
    choices = [one for prompt in prompts for one in asked(5, among, Sampling(), prompt)]
    texts = [Sequence(f"text {seed}", PROMPT, Sampling(), seed, 12) for seed in range(6)]
    expected = Engine(llama, 0, 64).run([*choices, *texts])
    assert Engine(llama, 0, 3).run([*texts, *choices][::-1]) == [*expected[20:], *expected[:20]][::-1]
    assert [Engine(llama, 0, 1).run([one])[0] for one in choices] == expected[:20]


def test_siblings_have_their_options_read_once(
    llama: PreTrainedModel, among: Options, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, read = Engine(llama, 0, 16), list[int]()
    forward = type(llama).forward

    def counted(self: PreTrainedModel, **given: torch.Tensor) -> object:
        read.append(given["input_ids"].shape[1])
        return forward(self, **given)

    monkeypatch.setattr(type(llama), "forward", counted)
    engine.run(asked(12, among, Sampling()))
    assert read == [-(-count // STEP) * STEP for count in (len(PROMPT), len(among.tree.tokens))]


def test_of_two_options_that_an_answer_begins_with_the_longer_counts() -> None:
    found = options([[(40,), (42,)], [(40, 41)], [(40, 41, 43), (44,)]])
    known = {(40,): 0.5, (42,): 0.1, (40, 41): 0.6, (40, 41, 43): 0.2, (44,): 0.05}
    read = [log(known[text]) for text in ((40,), (42,), (40, 41), (40, 41, 43), (44,))]
    expected = [0.5 * (1 - 0.6) + 0.1, 0.5 * 0.6 * (1 - 0.2), 0.5 * 0.6 * 0.2 + 0.05]
    assert [exp(each) for each in weigh(found, read)] == pytest.approx(expected)


def test_an_option_that_a_longer_one_always_follows_is_never_drawn() -> None:
    assert weigh(options([[(40,)], [(40, 41)]]), [-1.0, 0.0]) == [-inf, -1.0]


def test_an_option_is_as_likely_as_its_spellings_together() -> None:
    logprobs = {(40,): -1.0, (40, END): -2.0, (40, OTHER_END): -1.5, (41,): -3.0}
    found = options([[(40, END), (40, OTHER_END)], [(41,)]])
    read = [logprobs[text] for text in ((40,), (40, END), (40, OTHER_END), (41,))]
    assert weigh(found, read) == pytest.approx([-1 + torch.logaddexp(*torch.tensor([-2, -1.5])).item(), -3])
