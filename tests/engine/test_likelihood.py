"""How likely a text is, against the model reading all of it in one go."""

import random
from typing import cast

import pytest
import torch
from transformers import PreTrainedModel

from tgc.engine.drawing.sequence import Sequence
from tgc.engine.engine import Engine
from tgc.engine.services.likelihood import Scored
from tgc.engine.tree import weighing
from tgc.engine.tree.pages import Pages
from tgc.sampling import Sampling


def scored(count: int = 12, longest: int = 20) -> list[Scored]:
    """Texts of one token and more behind prompts that share beginnings."""
    draw = random.Random(5)
    head = tuple(draw.randrange(5, 300) for _ in range(70))
    prompts = [head[:1], head[:40], (*head[:40], 7, 8), head]
    texts = [tuple(draw.randrange(5, 300) for _ in range(draw.randint(1, longest))) for _ in range(count)]
    return [Scored(prompts[index % 4], text) for index, text in enumerate([texts[0][:1], *texts[1:]])]


def oracle(model: PreTrainedModel, asked: Scored) -> list[float]:
    ids = torch.tensor([[*asked.prompt, *asked.text]])
    with torch.no_grad():
        scores = model(ids).logits[0, len(asked.prompt) - 1 : -1].log_softmax(-1)
    return cast("list[float]", scores[range(len(asked.text)), list(asked.text)].tolist())


def drawn(seed: int, prompt: tuple[int, ...] = (5, 6, 7)) -> Sequence:
    return Sequence(f"drawn {seed}", prompt, Sampling(), seed, 20)


def test_likelihoods_are_the_models_own(model: PreTrainedModel) -> None:
    asked = scored()
    for found, one in zip(Engine(model, 0, 4).likelihoods(asked), asked, strict=True):
        assert found == pytest.approx(oracle(model, one), abs=1e-4)


def test_likelihoods_do_not_depend_on_the_batch(llama: PreTrainedModel) -> None:
    asked = scored()
    together = Engine(llama, 0, 24).likelihoods(asked)
    assert Engine(llama, 0, 5).likelihoods(asked[::-1]) == together[::-1]
    assert [Engine(llama, 0, 1).likelihoods([one])[0] for one in asked] == together


def test_what_is_drawn_beside_does_not_move_a_likelihood_nor_get_lost(llama: PreTrainedModel) -> None:
    asked, beside = scored(), [drawn(seed, scored()[1].prompt) for seed in range(6)]
    expected, alone = Engine(llama, 0, 8).run(beside), Engine(llama, 0, 8).likelihoods(asked)
    engine = Engine(llama, 0, 8)
    engine.submit(beside)
    assert engine.likelihoods(asked) == alone
    assert engine.likelihoods([]) == []
    ended = list[object]()
    while outputs := engine.step():
        ended += outputs
    assert sorted(ended, key=str) == sorted(expected, key=str)


def test_a_long_text_is_read_piece_by_piece(llama: PreTrainedModel, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = scored(4, longest=100)
    monkeypatch.setattr(weighing, "CHUNK", 16)
    for found, one in zip(Engine(llama, 0, 4).likelihoods(asked), asked, strict=True):
        assert found == pytest.approx(oracle(llama, one), abs=1e-4)


def test_no_room_is_kept_once_likelihoods_are_known(llama: PreTrainedModel) -> None:
    engine = Engine(llama, 0, 4)
    growth = engine._growth
    assert growth is not None
    engine.likelihoods(scored())
    held = {page for segment in growth.schedule.prefixes for page in segment.pages}
    pages = growth.schedule.pages
    assert growth.schedule._promised == 0
    assert pages.free == pages.count - 1 - len(held)
    assert not any(segment.running or segment.waiting for segment in growth.schedule.prefixes)


def test_texts_take_the_room_of_prompts_that_are_not_needed(llama: PreTrainedModel) -> None:
    asked = scored(16)
    expected = Engine(llama, 0, 4).likelihoods(asked)
    engine = Engine(llama, 0, 4)
    assert engine._growth is not None
    engine._growth.schedule.pages = Pages(8)
    assert engine.likelihoods(asked) == expected


def test_a_text_without_tokens_has_no_likelihoods(llama: PreTrainedModel) -> None:
    assert Engine(llama, 0, 4).likelihoods([Scored((5,), ()), Scored((5,), ())]) == [(), ()]
