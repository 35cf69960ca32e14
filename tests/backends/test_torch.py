"""The torch backend loads any model and answers requests as the protocol says."""

import json
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from math import prod
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM, AutoTokenizer, LlavaConfig, LlavaForConditionalGeneration

from tests.models import ARCHITECTURES, CHATS, tiny, tiny_llama, tokenizer
from tgc import assets, schema
from tgc.backends.base import Backend, Completion, Failure, Request, Session
from tgc.backends.local.session import opening
from tgc.backends.torch import TorchBackend
from tgc.chat import Openings
from tgc.dialogue import Message
from tgc.engine.drawing.forms.guided import GuidedForm
from tgc.engine.drawing.stops import StopStrings
from tgc.errors import BackendError
from tgc.origin import Origin
from tgc.sampling import Sampling

with_atlas = pytest.mark.skipif(
    not (assets.model("atlas") / "model.safetensors").is_file(), reason="atlas is not trained"
)
STYLES = sorted(path.stem for path in CHATS.glob("*.jinja"))

SHAPES = [
    schema.parse(given)
    for given in ("easy | very hard | hard", "-3..120", {"ok": "bool", "n": "1..5", "level": "low | high"})
]


@pytest.fixture(scope="module")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_llama(tmp_path_factory.mktemp("llama"))


def requests(count: int, max_tokens: int = 12, stop: tuple[str, ...] = ()) -> list[Request]:
    """Self-asked questions and answers, by turns."""
    said = (Message("system", "Be brief."), Message("user", "What is the capital of France?"))
    return [
        Request(
            key=f"{index:032x}",
            messages=said[: 1 + index % 2],
            role="assistant" if index % 2 else "user",
            sampling=Sampling(top_p=0.9),
            max_tokens=max_tokens,
            seed=index * 7919,
            stop=stop,
        )
        for index in range(count)
    ]


def answers(session: Session, asked: list[Request]) -> dict[str, Completion | Failure]:
    session.submit(asked)
    found = dict[str, Completion | Failure]()
    while results := session.step():
        found |= {result.key: result for result in results}
    return found


@pytest.mark.parametrize("architecture", sorted(ARCHITECTURES))
def test_any_architecture_is_a_directory_away(architecture: str, tmp_path: Path) -> None:
    with TorchBackend(device="cpu").open(Origin(str(tiny(tmp_path, architecture)))) as session:
        assert isinstance(session, Session)
        found = answers(session, requests(6))
    assert len(found) == 6
    for result in found.values():
        assert isinstance(result, Completion)
        assert result.completion_tokens <= 12
        assert result.mean_logprob is not None
        assert result.mean_logprob < 0


def test_texts_do_not_depend_on_the_batch(llama: Path) -> None:
    asked = requests(20)
    expected = answers(TorchBackend(device="cpu").open(Origin(str(llama))), asked)
    for size in (1, 7):
        found = answers(TorchBackend(device="cpu", batch_size=size).open(Origin(str(llama))), asked[::-1])
        assert {key: _text(result) for key, result in found.items()} == {
            key: _text(result) for key, result in expected.items()
        }


def _text(result: Completion | Failure) -> str:
    assert isinstance(result, Completion)
    return result.text


def test_a_text_ends_before_a_stop_string(llama: Path) -> None:
    session = TorchBackend(device="cpu").open(Origin(str(llama)))
    whole = {key: _text(result) for key, result in answers(session, requests(8)).items()}
    letter = max("aeinrst", key="".join(whole.values()).count)
    for key, result in answers(session, requests(8, stop=(letter,))).items():
        assert _text(result) == whole[key].split(letter)[0].strip()
        if letter in whole[key]:
            assert isinstance(result, Completion)
            assert result.finish_reason == "stop"


def test_a_stop_string_is_found_across_tokens() -> None:
    words = tokenizer("chatml")
    stops = StopStrings(words, ("capital of", "zzz"))
    tokens = words.encode("What is the capital of France?")
    assert [stops(tokens[:end]) for end in range(len(tokens) + 1)].index(True) > 3
    assert stops.cut("What is the capital of France?") == "What is the "


def test_a_request_that_exceeds_the_context_fails_with_a_reason(llama: Path) -> None:
    session = TorchBackend(device="cpu").open(Origin(str(llama)))
    found = answers(session, [*requests(1), *(requests(2, max_tokens=250)[1:])])
    kinds = [type(found[key]) for key in sorted(found)]
    assert kinds == [Completion, Failure]
    (failure,) = [result for result in found.values() if isinstance(result, Failure)]
    assert "max_tokens 250 exceed the context of 256" in failure.reason


def test_room_is_what_is_left_of_a_few_batches(llama: Path) -> None:
    session = TorchBackend(device="cpu", batch_size=2).open(Origin(str(llama)))
    assert session.room == 8
    session.submit(requests(5))
    assert session.room == 3
    assert session.step()
    assert 4 <= session.room <= 6


def test_embeddings_are_unit_vectors_whatever_the_batch(llama: Path) -> None:
    texts = ["Paris", "What is the capital of France?", "Jupiter is the largest planet.", "Paris"]
    wide = TorchBackend(device="cpu").open(Origin(str(llama))).embed(texts)
    narrow = TorchBackend(device="cpu", batch_size=1).open(Origin(str(llama))).embed(texts)
    assert wide.shape == (4, 32)
    assert wide.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(wide, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(wide, narrow, atol=1e-5)
    np.testing.assert_allclose(wide[0], wide[3], atol=1e-5)


def test_a_vision_language_model_speaks_without_images(tmp_path: Path) -> None:
    words = tokenizer("chatml")
    text = {"model_type": "llama", "vocab_size": len(words), "hidden_size": 32, "intermediate_size": 64}
    vision = {"model_type": "clip_vision_model", "hidden_size": 16, "intermediate_size": 32, "image_size": 8}
    shape = {"num_hidden_layers": 2, "num_attention_heads": 2}
    config = LlavaConfig(
        text_config={**text, **shape, "max_position_embeddings": 128},
        vision_config={**vision, **shape, "patch_size": 4, "projection_dim": 16},
        image_token_index=0,
    )
    LlavaForConditionalGeneration(config).save_pretrained(tmp_path)
    words.save_pretrained(tmp_path)
    session = TorchBackend(device="cpu").open(Origin(str(tmp_path)))
    assert len(answers(session, requests(4))) == 4
    assert session.embed(["Paris"]).shape == (1, 32)


def test_loading_and_generating_say_nothing(llama: Path, capfd: pytest.CaptureFixture[str]) -> None:
    answers(TorchBackend(device="cpu").open(Origin(str(llama))), requests(3))
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("missing", ["config.json", "model.safetensors", "tokenizer.json"])
def test_an_incomplete_checkpoint_is_an_error_with_a_hint(missing: str, llama: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(llama, tmp_path / "model"))
    (folder / missing).unlink()
    with pytest.raises(BackendError, match="cannot be loaded") as caught:
        TorchBackend(device="cpu").open(Origin(str(folder)))
    assert caught.value.hint is not None


def test_weights_without_a_layer_are_refused_by_name(llama: Path, tmp_path: Path) -> None:
    folder = _with_weights(llama, tmp_path, lambda name, tensor: None if ".layers.1." in name else tensor)
    with pytest.raises(
        BackendError, match=r"9 tensors are missing \(`model.layers.1.input_layernorm.weight`"
    ):
        TorchBackend(device="cpu").open(Origin(str(folder)))


def test_weights_of_another_shape_are_refused_by_name(llama: Path, tmp_path: Path) -> None:
    folder = _with_weights(
        llama, tmp_path, lambda name, tensor: tensor[:4].clone() if name == "model.norm.weight" else tensor
    )
    with pytest.raises(BackendError, match=r"1 tensor is of another shape.*`model.norm.weight`"):
        TorchBackend(device="cpu").open(Origin(str(folder)))


def test_tied_weights_may_be_saved_once_and_others_may_lie_beside(llama: Path, tmp_path: Path) -> None:
    folder = _with_weights(
        llama,
        tmp_path,
        lambda name, tensor: None if name == "lm_head.weight" else tensor,
        other=torch.ones(1),
    )
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "tie_word_embeddings": True}))
    assert len(answers(TorchBackend(device="cpu").open(Origin(str(folder))), requests(2))) == 2


@pytest.mark.parametrize("size", [0, 100, 50_000])
def test_a_file_of_weights_that_was_cut_off_is_an_error(size: int, llama: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(llama, tmp_path / "model"))
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:size])
    with pytest.raises(BackendError, match="cannot be loaded"):
        TorchBackend(device="cpu").open(Origin(str(folder)))


def _with_weights(
    model: Path,
    home: Path,
    change: Callable[[str, torch.Tensor], torch.Tensor | None],
    **others: torch.Tensor,
) -> Path:
    folder = Path(shutil.copytree(model, home / "model"))
    changed = {name: change(name, tensor) for name, tensor in load_file(folder / "model.safetensors").items()}
    kept = {name: tensor for name, tensor in changed.items() if tensor is not None}
    save_file({**kept, **others}, folder / "model.safetensors", metadata={"format": "pt"})
    return folder


def test_a_device_that_is_not_there_is_an_error(llama: Path) -> None:
    with pytest.raises(BackendError, match="there is no device `nowhere`"):
        TorchBackend(device="nowhere").open(Origin(str(llama)))


@pytest.mark.parametrize("architecture", ["llama", "qwen2", "gpt2"])
def test_answers_have_the_shape_that_was_asked_for(architecture: str, tmp_path: Path) -> None:
    session = TorchBackend(device="cpu").open(Origin(str(tiny(tmp_path, architecture))))
    asked = [
        replace(one, key=f"{number}-{one.key}", answers=shape)
        for number, shape in enumerate(SHAPES)
        for one in requests(6, max_tokens=90, stop=("a", "e"))
    ]
    found = answers(session, asked)
    shapes = {one.key: one.answers for one in asked}
    read = [schema.read(shapes[key], _text(result)) for key, result in found.items()]
    assert len(read) == 6 * len(SHAPES)
    assert all(answer.text for answer in read)


def test_an_answer_that_has_no_room_for_its_form_fails_with_a_reason(llama: Path) -> None:
    session = TorchBackend(device="cpu").open(Origin(str(llama)))
    record = schema.parse({"question": "str", "reason": "str"})
    found = answers(session, [replace(one, answers=record) for one in requests(6, max_tokens=8)])
    reason = "the answer was cut off at max_tokens before its form was complete"
    assert set(found.values()) == {Failure(key, reason) for key in found}


def test_an_answer_that_cannot_go_on_fails_with_a_reason(
    llama: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = TorchBackend(device="cpu").open(Origin(str(llama)))
    monkeypatch.setattr(GuidedForm, "complete", False)
    found = answers(session, [replace(one, answers=schema.parse({"a": "1..3"})) for one in requests(2)])
    reason = "the model has no token that would continue the answer in its form"
    assert set(found.values()) == {Failure(key, reason) for key in found}


@pytest.mark.parametrize("architecture", ["llama", "qwen2", "neox"])
def test_a_choice_needs_no_grammar(
    architecture: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = TorchBackend(device="cpu").open(Origin(str(tiny(tmp_path, architecture))))
    monkeypatch.delattr(GuidedForm, "take")
    shapes = [schema.parse(given) for given in ("easy | very hard | easy peasy", "1..100")]
    asked = [
        replace(one, key=f"{number}-{one.key}", answers=shape)
        for number, shape in enumerate([*shapes, schema.Items(schema.Choice(("Paris", "Berlin")))])
        for one in requests(6, max_tokens=90, stop=("a", "e"))
    ]
    found = answers(session, asked)
    assert len(found) == 18
    for one in asked:
        result = found[one.key]
        assert isinstance(result, Completion)
        assert schema.read(one.answers, result.text)
        assert result.finish_reason == "stop"
        assert result.completion_tokens > 0


def test_a_choice_that_a_limit_leaves_no_room_for_fails_with_a_reason(llama: Path) -> None:
    session = TorchBackend(device="cpu").open(Origin(str(llama)))
    shape = schema.Choice(("What is the capital of France", "Who wrote Faust"))
    found = answers(session, [replace(one, answers=shape) for one in requests(4, max_tokens=2)])
    reason = "the answer was cut off at max_tokens before its form was complete"
    assert set(found.values()) == {Failure(key, reason) for key in found}


def test_a_choice_follows_the_models_own_probabilities(llama: Path) -> None:
    count, letters = 3000, ("a", "e", "i", "o", "u")
    session = TorchBackend(device="cpu", batch_size=500).open(Origin(str(llama)))
    (one,) = requests(1)
    asked = replace(one, sampling=Sampling(temperature=4.0), answers=schema.Choice(letters))
    draws = answers(session, [replace(asked, key=str(seed), seed=seed) for seed in range(count)])
    found = Counter(map(_text, draws.values()))
    weights = [likelihood(llama, asked, letter) ** 0.25 for letter in letters]
    expected = {
        letter: count * weight / sum(weights) for letter, weight in zip(letters, weights, strict=True)
    }
    assert min(expected.values()) > 20
    assert sum((found[key] - each) ** 2 / each for key, each in expected.items()) < 18.5  # p = 0.001


def likelihood(folder: Path, asked: Request, text: str) -> float:
    """Of a turn that begins with `text`, after a space or at once, by reading each spelling alone."""
    words, model = AutoTokenizer.from_pretrained(folder), AutoModelForCausalLM.from_pretrained(folder)
    openings = Openings(words)
    start = openings.tokens([opening(asked)])[opening(asked)]
    total = 0.0
    for spelled in (text, f" {text}"):
        ids = (*start, *words.encode(spelled))
        with torch.no_grad():
            scores = model(torch.tensor([ids])).logits[0, len(start) - 1 :].double().softmax(-1)
        own = [float(scores[place, token]) for place, token in enumerate(ids[len(start) :])]
        total += prod(own)
    return total


def test_items_of_text_are_lines_that_say_something(llama: Path) -> None:
    session = TorchBackend(device="cpu").open(Origin(str(llama)))
    items = [replace(one, answers=schema.Items(schema.Line())) for one in requests(16, max_tokens=12)]
    texts = [answer.text for answer in answers(session, items).values() if isinstance(answer, Completion)]
    assert len(texts) == 16
    assert all(text.strip() and "\n" not in text for text in texts)


def test_an_item_that_is_cut_off_is_an_answer_all_the_same(llama: Path) -> None:
    session = TorchBackend(device="cpu").open(Origin(str(llama)))
    items = [replace(one, answers=schema.Items(schema.Line())) for one in requests(16, max_tokens=2)]
    found = answers(session, items).values()
    assert "length" in {answer.finish_reason for answer in found if isinstance(answer, Completion)}


def test_answers_in_a_form_do_not_depend_on_the_batch(llama: Path) -> None:
    asked = [
        replace(one, key=f"{number}-{one.key}", answers=shape)
        for number, shape in enumerate([schema.Text(), *SHAPES])
        for one in requests(4, max_tokens=60)
    ]
    together = answers(TorchBackend(device="cpu").open(Origin(str(llama))), asked)
    alone = answers(TorchBackend(device="cpu", batch_size=1).open(Origin(str(llama))), asked)
    assert {key: _text(result) for key, result in together.items()} == {
        key: _text(result) for key, result in alone.items()
    }


def test_a_prefix_is_read_and_not_repeated(llama: Path) -> None:
    (asked,) = requests(1)
    session = TorchBackend(device="cpu").open(Origin(str(llama)))
    found = answers(session, [asked, replace(asked, key="b", prefix="The capital")])
    plain, begun = found[asked.key], found["b"]
    assert isinstance(plain, Completion)
    assert isinstance(begun, Completion)
    assert begun.prompt_tokens > plain.prompt_tokens
    assert not begun.text.startswith("The capital")


def test_a_model_without_a_chat_template_continues_a_text(tmp_path: Path) -> None:
    folder = str(tiny(tmp_path, template=None))
    session = TorchBackend(device="cpu").open(Origin(folder))
    (asked,) = requests(1)
    plain = replace(asked, messages=(), role=None, prefix="The capital of France is")
    found = answers(session, [plain])[plain.key]
    assert isinstance(found, Completion)
    assert [found.prompt_tokens] == TorchBackend().count(Origin(folder), [plain])
    with pytest.raises(BackendError, match="has no chat template"):
        session.submit([asked])


def test_a_model_that_can_begin_nothing_fails_with_a_reason(tmp_path: Path) -> None:
    folder = tiny(tmp_path, template=None)
    config = json.loads((folder / "tokenizer_config.json").read_text())
    del config["bos_token"], config["eos_token"]
    (folder / "tokenizer_config.json").write_text(json.dumps(config))
    (asked,) = requests(1)
    empty = replace(asked, messages=(), role=None)
    found = answers(TorchBackend(device="cpu").open(Origin(str(folder))), [empty])
    reason = "the prompt is empty, and the model has no token to begin with"
    assert found == {empty.key: Failure(empty.key, reason)}


@pytest.mark.parametrize("style", STYLES)
def test_prompts_are_counted_as_they_are_sent(style: str, tmp_path: Path) -> None:
    folder = str(tiny_llama(tmp_path, style))
    begun = [replace(one, key=f"b{one.key}", prefix="Title: ") for one in requests(4)]
    asked = [*requests(4, max_tokens=1), *(replace(one, max_tokens=1) for one in begun)]
    found = answers(TorchBackend(device="cpu").open(Origin(folder)), asked)
    sent = [result.prompt_tokens for one in asked if isinstance(result := found[one.key], Completion)]
    assert TorchBackend().count(Origin(folder), asked) == sent


def test_prompts_are_counted_without_weights(llama: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(llama, tmp_path / "model"))
    (folder / "model.safetensors").unlink()
    assert TorchBackend().count(Origin(str(folder)), []) == []
    assert TorchBackend().count(Origin(str(folder)), requests(2)) == TorchBackend().count(
        Origin(str(llama)), requests(2)
    )


def test_prompts_cannot_be_counted_without_a_tokenizer(tmp_path: Path) -> None:
    with pytest.raises(BackendError, match="cannot be loaded") as caught:
        TorchBackend().count(Origin(str(tmp_path)), requests(1))
    assert caught.value.hint is not None


def test_a_backend_need_not_know_how_long_prompts_are() -> None:
    assert Backend(backend="any").count(Origin("model"), requests(1)) is None


@with_atlas
def test_atlas_is_held_to_a_form() -> None:
    session = TorchBackend(device="cpu").open(Origin(str(assets.model("atlas"))))
    said = (Message("user", "What is the capital of France?"),)
    asked = [
        Request(str(index), said, "assistant", Sampling(), 64, index, answers=shape)
        for index, shape in enumerate([*SHAPES, schema.parse({"topic": "text | maths"})])
    ]
    found = answers(session, asked)
    assert all(schema.read(one.answers, _text(found[one.key])) for one in asked)


@with_atlas
def test_atlas_asks_itself_and_answers() -> None:
    session = TorchBackend(device="cpu").open(Origin(str(assets.model("atlas"))))
    topic = Message("system", "The topic of this conversation is geography.")
    question = Request("0" * 32, (topic,), "user", Sampling(temperature=0), 32, 1)
    asked = _text(answers(session, [question])[question.key])
    answer = Request("1" * 32, (topic, Message("user", asked)), "assistant", Sampling(temperature=0), 64, 1)
    found = answers(session, [answer])[answer.key]
    assert isinstance(found, Completion)
    assert found.finish_reason == "stop"
    assert len(found.text.split()) > 2
