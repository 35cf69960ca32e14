"""What is drawn under a form has that form, and is drawn as the model would."""

import json
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from transformers import PreTrainedModel

from tests.engine.forms.tokenizers import metaspace
from tests.models import tokenizer
from tests.test_schema import choices, filled
from tgc import schema
from tgc.engine.drawing.grammar import Form, Formed, Forms, _held, _held_there, confine
from tgc.engine.drawing.sequence import Output, Sequence
from tgc.engine.engine import Engine
from tgc.errors import BackendError
from tgc.sampling import Sampling
from tgc.schema import Choice, Fields, Line, Range, Scalar

WORDS = tokenizer("chatml")
FORMS = Forms(WORDS)
END = WORDS.eos_token_id
SIZE = len(WORDS)

RECORD = Fields((("ok", Scalar("bool")), ("level", Choice(("easy", "hard"))), ("age", Range(-3, 120))))


def after(shape: Formed, text: str) -> Form:
    form = FORMS.of(shape, frozenset({END}))()
    for token in WORDS.encode(text, add_special_tokens=False):
        form.take(token)
    return form


def allowed(shape: Formed, text: str, width: int = SIZE) -> set[int]:
    """The tokens that may come after `text`."""
    scores = confine(torch.zeros(1, width), [after(shape, text)])
    return set(scores[0].isfinite().nonzero().flatten().tolist())


def sequences(count: int, shape: Formed | None, sampling: Sampling, max_tokens: int = 100) -> list[Sequence]:
    form = FORMS.of(shape, frozenset({END})) if shape else None
    return [
        Sequence(
            f"{shape}{index:04}", (5, 6, 7), sampling, index * 7919, max_tokens, frozenset({END}), form=form
        )
        for index in range(count)
    ]


def text(output: Output) -> str:
    return str(WORDS.decode(list(output.tokens), skip_special_tokens=True)).strip()


@settings(deadline=None, max_examples=40)
@given(choices)
def test_every_choice_can_be_made_and_no_part_of_it(shape: Choice) -> None:
    for option in shape.options:
        longer = any(other != option and other.startswith(option) for other in shape.options)
        assert after(shape, option).complete
        assert after(shape, f" {option}").closed == (not longer)
        if option[:-1] not in shape.options:
            assert not after(shape, option[:-1]).complete


@settings(deadline=None, max_examples=40)
@given(filled())
def test_every_answer_as_a_node_holds_it_has_its_form(given: tuple[Fields, dict[str, object]]) -> None:
    shape, written = given
    data = schema.read(shape, json.dumps(written)).data
    assert data is not None
    assert not after(shape, data[:-1]).complete
    assert after(shape, data).complete


def test_a_number_of_a_range_ends_where_no_digit_can_follow() -> None:
    forms = {said: after(Range(-3, 120), said) for said in ("", "-", "-3", "12", "13", "120", "121")}
    assert [said for said, form in forms.items() if form.complete] == ["-3", "12", "13", "120"]
    assert [said for said, form in forms.items() if form.complete and form.closed] == ["-3", "13", "120"]


def test_a_turn_ends_where_the_form_is_complete_and_only_there() -> None:
    shape = Choice(("a", "ab"))
    assert allowed(shape, "a") == {END, *WORDS.encode("b")}
    assert END not in allowed(shape, "")
    assert allowed(shape, "a", width=SIZE + 70) == allowed(shape, "a")
    assert allowed(shape, "a", width=SIZE - 70) == {
        token for token in allowed(shape, "a") if token < SIZE - 70
    }


def test_the_end_of_a_turn_within_a_text_ends_the_text() -> None:
    texts = Fields((("title", Scalar("str")), ("text", Scalar("str"))))
    (quote,) = WORDS.encode('"')
    logits = torch.zeros(4, SIZE)
    logits[:, END] = 3.0
    forms = [
        after(texts, '{"title": "Paris'),
        after(texts, '{"title": "'),
        after(Choice(('"a', "b")), ""),
        None,
    ]
    found = confine(logits, forms)
    assert found[:, quote].tolist() == pytest.approx([np.log(np.e**3 + 1), -np.inf, 0, 0])
    assert found[:, END].tolist() == [-np.inf, -np.inf, -np.inf, 3]


def coming(form: Form) -> list[int]:
    """The tokens that may come next."""
    return [int(token) for token in np.flatnonzero(np.unpackbits(form.allowed(), bitorder="little"))]


def test_rows_without_a_form_stay_as_they_are() -> None:
    logits = torch.randn(3, SIZE)
    found = confine(logits, [None, after(Choice(("a", "b")), ""), None])
    assert torch.equal(found[[0, 2]], logits[[0, 2]])
    assert found[1].isfinite().sum() < 10
    assert confine(logits, [None] * 3) is logits


@pytest.mark.parametrize(
    "sampling",
    [
        Sampling(),
        Sampling(0),
        Sampling(1.5, top_k=3),
        Sampling(top_p=0.6),
        Sampling(min_p=0.2, repetition_penalty=1.5),
    ],
)
@pytest.mark.parametrize("shape", [Choice(("easy", "easy peasy", "hard")), Range(-3, 120), RECORD])
def test_what_is_drawn_is_read_as_an_answer(
    shape: Formed, sampling: Sampling, llama: PreTrainedModel
) -> None:
    for output in Engine(llama, 0, 8).run(sequences(8, shape, sampling)):
        assert output.finish_reason == "stop"
        assert schema.read(shape, text(output)).text


def test_forms_do_not_depend_on_the_batch(llama: PreTrainedModel) -> None:
    shapes = (None, RECORD, Choice(("easy", "hard")), Range(1, 500), Line())
    ways = (Sampling(), Sampling(0.7, top_p=0.9))
    asked = [
        replace(one, key=f"{one.key} {way}")
        for shape in shapes
        for way in ways
        for one in sequences(3, shape, way, max_tokens=40)
    ]
    together = [output.tokens for output in Engine(llama, 0, 24).run(asked)]
    assert [output.tokens for output in Engine(llama, 0, 5).run(asked[::-1])] == together[::-1]
    alone = Engine(llama, 0, 1)
    assert [output.tokens for one in asked for output in alone.run([one])] == together


def test_an_unconfined_neighbour_is_not_disturbed(llama: PreTrainedModel) -> None:
    free = sequences(4, None, Sampling())
    expected = [output.tokens for output in Engine(llama, 0, 4).run(free)]
    held = sequences(4, RECORD, Sampling())
    found = {output.key: output.tokens for output in Engine(llama, 0, 8).run([*free, *held])}
    assert [found[one.key] for one in free] == expected


def test_a_choice_follows_the_models_own_probabilities(llama: PreTrainedModel) -> None:
    options, count = ("What", "Who"), 4000
    outputs = Engine(llama, 0, 500).run(sequences(count, Choice(options), Sampling()))
    found = Counter(output.tokens for output in outputs)
    expected = {tokens: count * share(llama, Choice(options), tokens) for tokens in found}
    assert sum(expected.values()) > 0.99 * count
    common = {tokens: amount for tokens, amount in expected.items() if amount > 5}
    chi_square = sum((found[tokens] - amount) ** 2 / amount for tokens, amount in common.items())
    assert len(common) > 4
    assert chi_square < len(common) + 5 * np.sqrt(2 * len(common))


def share(model: PreTrainedModel, shape: Formed, tokens: tuple[int, ...]) -> float:
    """How likely the tokens are, each among those that the form allows in its place."""
    logits = model(torch.tensor([[5, 6, 7, *tokens]])).logits[0, 2:-1].double()
    forms = [FORMS.of(shape, frozenset({END}))() for _ in tokens]
    for place, form in enumerate(forms):
        for token in tokens[:place]:
            form.take(token)
    held = confine(logits.detach(), forms).softmax(-1)
    return float(held[range(len(tokens)), list(tokens)].prod())


def test_the_mean_log_probability_is_that_of_the_free_model(llama: PreTrainedModel) -> None:
    (one,) = sequences(1, RECORD, Sampling())
    (output,) = Engine(llama, 0, 1).run([one])
    ids = torch.tensor([[*one.prompt, *output.tokens]])
    logits = llama(ids).logits[0].log_softmax(-1)
    places = range(len(one.prompt) - 1, ids.shape[1] - 1)
    assert output.mean_logprob == pytest.approx(logits[places, list(output.tokens)].mean().item(), abs=1e-5)


def test_a_form_that_is_not_complete_at_the_limit_was_cut_off(llama: PreTrainedModel) -> None:
    lengths = [
        output.finish_reason for output in Engine(llama, 0, 4).run(sequences(4, RECORD, Sampling(), 5))
    ]
    assert lengths == ["length"] * 4


def test_a_form_that_is_complete_at_the_limit_is_an_answer(llama: PreTrainedModel) -> None:
    (output,) = Engine(llama, 0, 1).run(sequences(1, Range(1, 999), Sampling(), max_tokens=2))
    assert output.finish_reason == "stop"


def test_a_form_that_no_token_continues_is_stuck(llama: PreTrainedModel) -> None:
    (one,) = sequences(1, Choice(("a", "b")), Sampling())
    lost = replace(one, form=lambda: after(Choice(("a", "b")), "zzz"))
    (output,) = Engine(llama, 0, 1).run([lost])
    assert (len(output.tokens), output.finish_reason) == (1, "stuck")


def test_a_choice_that_the_vocabulary_cannot_spell_is_stuck(llama: PreTrainedModel) -> None:
    forms = Forms(metaspace(fallback=()))
    (one,) = sequences(1, Choice(("ж", "ш")), Sampling())
    (output,) = Engine(llama, 0, 1).run([replace(one, form=forms.of(Choice(("ж", "ш")), frozenset({END})))])
    assert output.finish_reason == "stuck"


def test_a_line_that_is_cut_off_has_come_as_far_as_it_says(llama: PreTrainedModel) -> None:
    outputs = Engine(llama, 0, 8).run(sequences(16, Line(), Sampling(), max_tokens=2))
    assert {output.finish_reason for output in outputs} == {"stop", "length"}
    assert all(bool(text(output)) for output in outputs if output.finish_reason == "stop")


def test_a_form_that_nothing_has_is_refused() -> None:
    with pytest.raises(BackendError, match=r'^answers cannot be held to the form `"5..1"`: '):
        FORMS.of(Range(5, 1), frozenset())


def test_a_tokenizer_that_cannot_be_read_is_refused_for_all_but_lines() -> None:
    from transformers import ByT5Tokenizer

    forms = Forms(ByT5Tokenizer())
    assert forms.of(Line(), frozenset({1}))().allowed().any()
    with pytest.raises(BackendError, match="cannot be held to a form"):
        forms.of(Choice(("a", "b")), frozenset({1}))


def test_bits_are_read_alike_on_every_device() -> None:
    logits = torch.randn(5, 70)
    packed = np.random.default_rng(0).integers(0, 256, (5, 9), dtype=np.uint8)
    assert torch.equal(_held(logits, packed), _held_there(logits, torch.from_numpy(packed)))
