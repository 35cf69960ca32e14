"""How likely each option of an answer is, as a session tells it without drawing one."""

import json
from dataclasses import replace
from math import exp, fsum
from pathlib import Path

import pytest
import torch

from tests.models import loaded, tiny
from tgc import schema
from tgc.backends.base import Completion, Failure, Request
from tgc.backends.local.session import TorchSession
from tgc.backends.torch import TorchBackend
from tgc.dialogue import Message
from tgc.engine.drawing.spelled import Spelled
from tgc.origin import Origin
from tgc.sampling import Sampling

MARKS = schema.Weighed(schema.Range(-1, 12))
WORDS = schema.Weighed(schema.Choice(("Paris", "Paris, of course", "Berlin")))


def asked(shape: schema.Weighed, count: int = 4, max_tokens: int = 24) -> list[Request]:
    """Questions of several lengths; each shape has its own keys."""
    return [
        Request(
            f"{shape.options} {place}",
            (Message("user", f"Which of them is it? {'So? ' * place}"),),
            "assistant",
            Sampling(),
            max_tokens,
            place,
            answers=shape,
        )
        for place in range(count)
    ]


def opened(folder: Path, batch_size: int = 8) -> TorchSession:
    return TorchBackend(device="cpu", batch_size=batch_size).on("cpu", Origin(str(folder)))


def finished(session: TorchSession, requests: list[Request]) -> dict[str, Completion | Failure]:
    session.submit(requests)
    found = dict[str, Completion | Failure]()
    while results := session.step():
        found |= {result.key: result for result in results}
    return found


def weights(result: Completion | Failure) -> dict[str, float]:
    assert isinstance(result, Completion)
    found: dict[str, float] = json.loads(result.text)
    return found


def oracle(folder: Path, request: Request) -> dict[str, float]:
    """By reading every spelling alone; longer options are taken from those that they begin with."""
    assert isinstance(request.answers, schema.Weighed)
    session, model = opened(folder), loaded(folder)
    ((_, prompt),) = session._prompts([request])
    among = Spelled(session._loaded.tokenizer, model.config.vocab_size).of(request.answers.of, 24)
    assert among is not None
    texts = [text for texts in among.spellings for text in texts]
    masses = dict[tuple[int, ...], float]()
    for text in sorted(texts, key=len, reverse=True):
        with torch.no_grad():
            logits = model(torch.tensor([[*prompt, *text]])).logits[0, len(prompt) - 1 : -1].double()
        own = exp(float(logits.log_softmax(-1)[range(len(text)), list(text)].sum()))
        masses[text] = own - fsum(mass for other, mass in masses.items() if other[: len(text)] == text)
    sums = [fsum(masses[text] for text in texts) for texts in among.spellings]
    return {option: each / fsum(sums) for option, each in zip(request.answers.options, sums, strict=True)}


@pytest.mark.parametrize("architecture", ["llama", "gpt2", "gemma"])
def test_options_weigh_what_the_model_gives_all_their_spellings(architecture: str, tmp_path: Path) -> None:
    folder = tiny(tmp_path, architecture)
    for shape in (MARKS, WORDS):
        for request, result in zip(
            asked(shape, 2), finished(opened(folder), asked(shape, 2)).values(), strict=True
        ):
            assert weights(result) == pytest.approx(oracle(folder, request), rel=1e-3)
            assert fsum(weights(result).values()) == pytest.approx(1, abs=1e-5)
            assert isinstance(result, Completion)
            assert (result.finish_reason, result.completion_tokens, result.mean_logprob) == ("stop", 0, None)
            assert schema.read(shape, result.text).text


def test_what_is_weighed_does_not_depend_on_what_is_asked_beside_it(tmp_path: Path) -> None:
    folder = tiny(tmp_path, "llama")
    everything = [*asked(MARKS, 9), *asked(WORDS, 9)]
    drawn = [replace(one, key=f"drawn {one.key}", answers=one.answers.of) for one in asked(MARKS, 3)]  # type: ignore[union-attr]
    together = finished(opened(folder), [*everything, *drawn])
    assert len(together) == 21
    for one in everything[::4]:
        assert finished(opened(folder, 1), [one]) == {one.key: together[one.key]}


def test_so_many_are_weighed_at_a_time_and_the_rest_can_be_forgotten(tmp_path: Path) -> None:
    session = opened(tiny(tmp_path, "llama"), 4)
    requests = asked(MARKS, 10)
    session.submit(requests)
    room = session.room
    assert [one.key for one in session.step()] == [one.key for one in requests[:4]]
    assert session.room == room + 4
    assert session.cancel() == [one.key for one in requests[4:]]
    assert session.step() == []


def test_options_without_a_spelling_and_prompts_without_room_fail_with_a_reason(tmp_path: Path) -> None:
    session = opened(tiny(tmp_path, "llama"))
    (short,), (long,) = asked(WORDS, 1, max_tokens=1), asked(MARKS, 1, max_tokens=300)
    found = finished(session, [short, long])
    assert found[short.key] == Failure(
        short.key, "the options cannot be weighed: one has more tokens than max_tokens, or none of its own"
    )
    failed = found[long.key]
    assert isinstance(failed, Failure)
    assert "exceed the context of 256" in failed.reason
