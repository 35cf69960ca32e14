"""Vectors of texts, against the model reading each of them alone."""

import random

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from transformers import PreTrainedModel

from tgc.engine.drawing.sequence import Sequence
from tgc.engine.engine import Engine
from tgc.engine.services import vectors
from tgc.sampling import Sampling

Text = tuple[int, ...]


def texts(count: int = 24, longest: int = 90) -> list[Text]:
    """Of one token to many, some of them of one length."""
    draw = random.Random(7)
    lengths = [1, 2, 3, 4, 5, 40, 40, 40, *(draw.randint(1, longest) for _ in range(count - 8))]
    return [tuple(draw.randrange(5, 300) for _ in range(length)) for length in lengths]


def oracle(model: PreTrainedModel, text: Text) -> NDArray[np.float32]:
    with torch.no_grad():
        states = model.base_model(torch.tensor([text])).last_hidden_state[0]
    mean = states.mean(dim=0)
    found: NDArray[np.float32] = (mean / mean.norm()).numpy()
    return found


def test_a_vector_is_the_mean_of_what_the_model_makes_of_its_text(model: PreTrainedModel) -> None:
    found = Engine(model, 0, 4).vectors(texts())
    np.testing.assert_allclose(found, [oracle(model, text) for text in texts()], atol=1e-5)


def test_a_vector_does_not_depend_on_the_texts_beside_it(
    llama: PreTrainedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = Engine(llama, 0, 4)
    together = engine.vectors(texts())
    np.testing.assert_array_equal(engine.vectors(texts()[::-1]), together[::-1])
    np.testing.assert_array_equal([engine.vectors([text])[0] for text in texts()], together)
    monkeypatch.setattr(vectors, "TOKENS", 100)
    np.testing.assert_array_equal(engine.vectors(texts()), together)


def test_a_text_beyond_the_window_is_read_all_the_same(model: PreTrainedModel) -> None:
    engine = Engine(model, 0, 4)
    engine.weighs = lambda tokens: tokens < 8  # type: ignore[method-assign]
    np.testing.assert_allclose(engine.vectors(texts()), [oracle(model, text) for text in texts()], atol=1e-5)


def test_no_text_has_no_vector_and_an_empty_one_zeros(llama: PreTrainedModel) -> None:
    engine = Engine(llama, 0, 4)
    assert engine.vectors([]).shape == (0, 32)
    assert not engine.vectors([(), ()]).any()
    assert engine.vectors([(), (5, 6)])[1].any()


def test_so_many_tokens_are_read_at_once(llama: PreTrainedModel, monkeypatch: pytest.MonkeyPatch) -> None:
    engine, read = Engine(llama, 0, 4), list[int]()
    forward = type(llama.base_model).forward

    def counted(self: PreTrainedModel, **given: torch.Tensor) -> object:
        read.append(given["input_ids"].shape[1])
        return forward(self, **given)

    monkeypatch.setattr(type(llama.base_model), "forward", counted)
    monkeypatch.setattr(vectors, "TOKENS", 100)
    engine.vectors([*texts(), *texts()])
    assert max(read) <= 100
    assert sum(read) < sum(map(len, texts())) + 4 * len(read)


def test_vectors_are_the_same_after_the_engine_has_run(model: PreTrainedModel) -> None:
    engine = Engine(model, 0, 4)
    before = engine.vectors(texts())
    engine.run([Sequence(str(seed), (5, 6, 7), Sampling(), seed, 20) for seed in range(2)])
    np.testing.assert_array_equal(engine.vectors(texts()), before)
