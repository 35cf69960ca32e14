"""How likely a session finds turns that are there already."""

from collections.abc import Sequence
from dataclasses import replace
from math import inf, nan
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from tests.models import ARCHITECTURES, CHATS, tiny, tiny_llama
from tgc.backends.base import Completion, Failure, Request, Said, Scoring
from tgc.backends.local.measuring import measured as measuring
from tgc.backends.local.session import TorchSession
from tgc.backends.torch import TorchBackend
from tgc.chat import Opening, Openings
from tgc.dialogue import Message
from tgc.engine.growth import Growth
from tgc.errors import BackendError
from tgc.likelihood import Likelihood, Measure, ifd
from tgc.origin import Origin
from tgc.sampling import Sampling

QUESTION = Message("user", "What is the capital of France?")
ANSWERS = ("Paris.", "The capital of France is Paris.", "Who wrote Faust?")
STYLES = sorted(path.stem for path in CHATS.glob("*.jinja"))


def opened(folder: Path) -> TorchSession:
    return TorchBackend(device="cpu").on("cpu", Origin(str(folder)))


def opened_with(folder: Path, batch_size: int) -> TorchSession:
    return TorchBackend(device="cpu", batch_size=batch_size).on("cpu", Origin(str(folder)))


def oracle(folder: Path, opening: Opening, text: str) -> Likelihood:
    """By reading all of it in one go."""
    model, words = AutoModelForCausalLM.from_pretrained(folder), AutoTokenizer.from_pretrained(folder)
    openings = Openings(words)
    before, begun = openings.tokens([opening])[opening], openings.text(opening)
    whole = openings.text(replace(opening, prefix=opening.prefix + text))
    own = words.encode(whole.removeprefix(begun), add_special_tokens=False)
    with torch.no_grad():
        found = model(torch.tensor([[*before, *own]])).logits[0, len(before) - 1 : -1].log_softmax(-1)
    return Likelihood(len(own), float(found[range(len(own)), own].mean()))


def alike(found: Likelihood | None, expected: Likelihood) -> bool:
    assert found is not None
    assert found.mean_logprob == pytest.approx(expected.mean_logprob, abs=1e-4)
    return found.tokens == expected.tokens


@pytest.mark.parametrize("style", STYLES)
def test_a_turn_is_as_likely_as_its_tokens_are_behind_the_chat(style: str, tmp_path: Path) -> None:
    folder = tiny_llama(tmp_path, style)
    found = opened(folder).score([Said((QUESTION,), "assistant", text) for text in ANSWERS])
    for one, text in zip(found, ANSWERS, strict=True):
        assert alike(one, oracle(folder, Opening((QUESTION,), "assistant"), text))


@pytest.mark.parametrize("architecture", sorted(ARCHITECTURES))
def test_turns_are_scored_by_any_architecture(architecture: str, tmp_path: Path) -> None:
    folder = tiny(tmp_path, architecture)
    session = opened(folder)
    assert isinstance(session, Scoring)
    found = session.score([Said((QUESTION,), "assistant", text) for text in ANSWERS])
    for one, text in zip(found, ANSWERS, strict=True):
        assert alike(one, oracle(folder, Opening((QUESTION,), "assistant"), text))


def test_a_text_without_a_chat_is_as_likely_as_its_tokens_are(tmp_path: Path) -> None:
    folder = tiny(tmp_path, template=None)
    alone, begun = opened(folder).score([Said((), None, "Paris."), Said((), None, " Paris.", "It is")])
    assert alike(alone, oracle(folder, Opening((), None), "Paris."))
    assert alike(begun, oracle(folder, Opening((), None, "It is"), " Paris."))


def test_the_difficulty_of_an_answer_is_what_is_left_of_its_loss(tmp_path: Path) -> None:
    folder = tiny_llama(tmp_path)
    after, alone = opened(folder).score([Said((QUESTION,), "assistant", "Paris."), Said((), None, "Paris.")])
    assert after is not None
    assert alone is not None
    chat, plain = Opening((QUESTION,), "assistant"), Opening((), None)
    whole, part = (oracle(folder, one, "Paris.").mean_logprob for one in (chat, plain))
    assert ifd(after, alone) == pytest.approx(whole / part, abs=1e-4)


def test_what_does_not_fit_the_context_has_no_likelihood_and_what_is_blank_no_tokens(tmp_path: Path) -> None:
    session = opened(tiny_llama(tmp_path))
    blank, long, good = session.score(
        [Said((QUESTION,), "assistant", text) for text in ("", "Paris " * 300, "Paris.")]
    )
    assert blank == Likelihood(0, 0.0)
    assert long is None
    assert good is not None


def test_a_session_without_memory_for_a_text_says_so_and_closes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(growth: Growth, enough: int) -> None:
        raise torch.OutOfMemoryError

    session = opened_with(tiny_llama(tmp_path), 1)
    monkeypatch.setattr(Growth, "step", full)
    with pytest.raises(BackendError, match="no memory on cpu for a single text"), session:
        session.score([Said((QUESTION,), "assistant", text) for text in ANSWERS])


def test_what_is_measured_is_done_in_turns_and_the_rest_can_be_forgotten(tmp_path: Path) -> None:
    session = opened_with(tiny_llama(tmp_path), 2)
    measured: tuple[Measure, str] = ("ifd", "Paris.")
    asked = [
        Request(str(place), (QUESTION,), "assistant", Sampling(), 1, place, measured=measured)
        for place in range(5)
    ]
    session.submit(asked)
    assert [result.key for result in session.step()] == ["0", "1"]
    assert session.cancel() == ["2", "3", "4"]


@pytest.mark.parametrize("measure", ["ifd", "perplexity"])
def test_a_likelihood_that_is_no_number_is_a_failure(measure: Measure) -> None:
    class Lost:
        def score(self, said: Sequence[Said]) -> list[Likelihood | None]:
            return [Likelihood(3, nan) for _ in said]

    asked = Request("a", (QUESTION,), "assistant", Sampling(), 1, 0, measured=(measure, "Paris."))
    reason = "the model gives the text a likelihood that is not a number"
    assert measuring(Lost(), [asked]) == [Failure("a", reason)]


def test_a_text_that_no_model_would_say_is_infinitely_perplexing() -> None:
    assert Likelihood(3, -1e4).perplexity == inf


def test_requests_under_way_are_answered_all_the_same(tmp_path: Path) -> None:
    session = opened(tiny_llama(tmp_path))
    said = Said((QUESTION,), "assistant", "Paris.")
    session.submit([Request(str(seed), (QUESTION,), "assistant", Sampling(), 9, seed) for seed in range(8)])
    assert session.score([said]) == opened(tmp_path).score([said])
    found = list[object]()
    while results := session.step():
        found += results
    assert len(found) == 8
    assert all(isinstance(one, Completion) for one in found)
