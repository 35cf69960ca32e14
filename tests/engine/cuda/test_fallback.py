"""Kernels that are wrong on a device, or do not compile there, are not used, and the user is told once."""

import logging

import pytest
import torch
from torch import Tensor
from transformers import MambaConfig, MambaForCausalLM, PreTrainedModel

from tgc.engine import probe
from tgc.engine.cuda.decoder import Decoder
from tgc.engine.drawing.row import Row
from tgc.engine.growth import Growth
from tgc.engine.way import PLAIN, Way


class CompilationError(Exception):
    """As Triton's own, which is no error that torch knows of."""


def broken(model: PreTrainedModel, pages: int, least: int) -> Decoder:
    raise CompilationError("at 12:4:\nno such operation")


def first(rows: list[Row], logits: Tensor) -> None:
    """Says that every token is as likely as can be."""
    for row in rows:
        row.take(0, 0.0)


@pytest.mark.parametrize(
    ("way", "reason"),
    [(Way(broken, PLAIN.advance), "at 12:4:"), (Way(PLAIN.runner, first), probe.OTHER)],
    ids=["does not compile", "is wrong"],
)
def test_what_fails_is_not_used_and_the_user_is_told_why(
    way: Way,
    reason: str,
    llama: PreTrainedModel,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(probe, "ways", lambda _: [way, PLAIN])
    found = probe.probe(llama)
    assert found is not None
    assert found.way is PLAIN
    assert [(record.levelno, record.message) for record in caplog.records] == [
        (logging.WARNING, f"tgc's own kernels are not used, which is slower: {reason}")
    ]


def test_nothing_is_said_where_only_generate_is_right(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(probe, "ways", lambda _: [PLAIN, PLAIN])
    model = MambaForCausalLM(MambaConfig(vocab_size=40, hidden_size=16, state_size=4, num_hidden_layers=1))
    model.train(mode=False)
    with caplog.at_level(logging.WARNING, "tgc"):
        assert probe.probe(model) is None
    assert not [record for record in caplog.records if record.name.startswith("tgc")]


def test_memory_that_runs_out_is_no_reason(llama: PreTrainedModel, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Growth, enough: int) -> list[object]:
        raise torch.OutOfMemoryError

    monkeypatch.setattr(Growth, "step", full)
    with pytest.raises(torch.OutOfMemoryError):
        probe.probe(llama)
