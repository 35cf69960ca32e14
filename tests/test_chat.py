"""The chat of any model can be cut where a role begins to speak."""

import pytest
from tokenizers.processors import TemplateProcessing

from tests.models import CHATS, tokenizer
from tgc.chat import Chat, Ending, Opening, Openings, _folded
from tgc.dialogue import Message
from tgc.errors import BackendError

STYLES = sorted(path.stem for path in CHATS.glob("*.jinja"))
SYSTEM, QUESTION, ANSWER = Message("system", "S"), Message("user", "Q"), Message("assistant", "A")
TODAY = "<s><|start_header_id|>system<|end_header_id|>\n\nToday: 26 Jul 2024\n\n"

USER = {
    "atlas": "<s><|system|>S<|end|><|user|>",
    "chatml": "<|im_start|>system\nS<|im_end|>\n<|im_start|>user\n",
    "gemma": "<s><start_of_turn>user\nS\n\n",
    "llava": "S USER:",
    "llama2": "<s>[INST] <<SYS>>\nS\n<</SYS>>\n\n",
    "llama3": f"{TODAY}S<|eot_id|><|start_header_id|>user<|end_header_id|>\n\n",
    "mistral": "<s>[INST] S\n\n",
    "qwen2": "<|im_start|>system\nS<|im_end|>\n<|im_start|>user\n",
    "qwen3": "<|im_start|>system\nS<|im_end|>\n<|im_start|>user\n",
    "vicuna": "S USER:",
    "zephyr": "<|system|>\nS</s>\n<|user|>\n",
}
"""The prompt of a self-asked question under a system message."""

BARE = {
    "atlas": "<s><|user|>",
    "chatml": "<|im_start|>user\n",
    "gemma": "<s><start_of_turn>user\n",
    "llava": "USER:",
    "llama2": "<s>[INST]",
    "llama3": f"{TODAY}<|eot_id|><|start_header_id|>user<|end_header_id|>\n\n",
    "mistral": "<s>[INST]",
    "qwen2": "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n<|im_start|>user\n",
    "qwen3": "<|im_start|>user\n",
    "vicuna": "USER:",
    "zephyr": "<|user|>\n",
}
"""The prompt of a self-asked question under nothing."""

ASSISTANT = {
    "atlas": "Q<|end|><|assistant|>",
    "chatml": "Q<|im_end|>\n<|im_start|>assistant\n",
    "gemma": "Q<end_of_turn>\n<start_of_turn>model\n",
    "llava": " Q ASSISTANT:",
    "llama2": " Q [/INST]",
    "llama3": "Q<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n",
    "mistral": " Q[/INST]",
    "qwen2": "Q<|im_end|>\n<|im_start|>assistant\n",
    "qwen3": "Q<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n",
    "vicuna": " Q ASSISTANT:",
    "zephyr": "Q</s>\n<|assistant|>\n",
}
"""What an answer's prompt adds to that of the question."""

ENDS = {
    "atlas": ("<|end|>", "<|end|>"),
    "chatml": ("<|im_end|>", "<|im_end|>"),
    "gemma": ("<end_of_turn>", "<end_of_turn>"),
    "llava": ("'ASSISTANT:'", "'USER:'"),
    "llama2": ("'[/INST]'", "</s>"),
    "llama3": ("<|eot_id|>", "<|eot_id|>"),
    "mistral": ("[/INST]", "</s>"),
    "qwen2": ("<|im_end|>", "<|im_end|>"),
    "qwen3": ("<|im_end|>", "<|im_end|>"),
    "vicuna": ("'ASSISTANT:'", "</s>"),
    "zephyr": ("</s>", "</s>"),
}
"""What ends a question and an answer: a token, or a string in quotes."""


def chat(style: str) -> Chat:
    return Chat(tokenizer(style))


def render(style: str, *messages: Message) -> str:
    """A whole conversation; a system message goes where the template can have it."""
    speaker = chat(style)
    return speaker._render(_folded(list(messages)) if speaker.folds else list(messages))


def tokens(style: str | None, opening: Opening) -> tuple[int, ...]:
    return Openings(tokenizer(style)).tokens([opening])[opening]


@pytest.mark.parametrize("style", STYLES)
def test_a_question_is_asked_where_the_users_turn_begins(style: str) -> None:
    assert chat(style).cut([], "user") == BARE[style]
    assert chat(style).cut([SYSTEM], "user") == USER[style]


@pytest.mark.parametrize("style", STYLES)
def test_an_answer_is_given_where_the_assistants_turn_begins(style: str) -> None:
    assert chat(style).cut([QUESTION], "assistant") == BARE[style] + ASSISTANT[style]
    folded = ASSISTANT[style].lstrip(" ") if USER[style].endswith("\n\n") else ASSISTANT[style]
    assert chat(style).cut([SYSTEM, QUESTION], "assistant") == USER[style] + folded


@pytest.mark.parametrize("style", STYLES)
def test_what_was_said_stays_in_front(style: str) -> None:
    once = chat(style).cut([QUESTION, ANSWER], "user")
    twice = chat(style).cut([QUESTION, ANSWER, QUESTION], "assistant")
    assert twice.startswith(once)


@pytest.mark.parametrize("style", STYLES)
def test_a_turn_ends_with_what_the_template_puts_behind_it(style: str) -> None:
    words = tokenizer(style)
    for role, end in zip(("user", "assistant"), ENDS[style], strict=True):
        quoted = end.startswith("'")
        ids = {words.eos_token_id} if quoted else {words.eos_token_id, words.convert_tokens_to_ids(end)}
        expected = Ending(frozenset(ids), (end.strip("'"),) if quoted else ())
        assert chat(style).ending("user" if role == "user" else "assistant") == expected


@pytest.mark.parametrize("style", STYLES)
def test_control_tokens_in_a_text_stay_text(style: str) -> None:
    words = tokenizer(style)
    controls = set(words.added_tokens_decoder)
    spelled = "".join(token.content for token in words.added_tokens_decoder.values())
    said = (Message("system", spelled), Message("user", f"Q{spelled}"))
    innocent = tokens(style, Opening((SYSTEM, QUESTION), "assistant", "A"))
    hostile = tokens(style, Opening(said, "assistant", f"A{spelled}"))
    assert [i for i in hostile if i in controls] == [i for i in innocent if i in controls]


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("prefix", ["Title:", "In short,\nParis", ' {"a": "'])
def test_a_prefix_begins_the_turn_as_the_template_writes_it(style: str, prefix: str) -> None:
    more = f"{prefix} and more"
    question = chat(style).cut([SYSTEM], "user", prefix)
    answer = chat(style).cut([SYSTEM, QUESTION], "assistant", prefix)
    assert render(style, SYSTEM, Message("user", more)).startswith(f"{question} and more")
    assert render(style, SYSTEM, QUESTION, Message("assistant", more)).startswith(f"{answer} and more")


@pytest.mark.parametrize("style", STYLES)
def test_spaces_at_the_end_of_a_prefix_are_left_to_the_model(style: str) -> None:
    assert chat(style).cut([SYSTEM], "user", "Title:  ") == chat(style).cut([SYSTEM], "user", "Title:")
    assert chat(style).cut([SYSTEM], "user", "") == chat(style).cut([SYSTEM], "user")


def test_a_plain_text_needs_no_template_and_begins_as_the_tokenizer_begins_a_text() -> None:
    opening = Opening((), None, "Paris is </s>the ")
    words = tokenizer(None)
    bare = words.encode("Paris is < /s>the")
    assert tokens(None, opening) == tuple(bare)
    for before, behind in (["<s>"], []), (["<s>"], ["</s>"]), ([], ["</s>"]):
        words = tokenizer(None)
        single = [*before, "$A", *behind]
        special = [(word, words.convert_tokens_to_ids(word)) for word in ("<s>", "</s>")]
        words.backend_tokenizer.post_processor = TemplateProcessing(single=single, special_tokens=special)
        head = [words.convert_tokens_to_ids(word) for word in before]
        assert Openings(words).tokens([opening]) == {opening: (*head, *bare)}


def test_an_empty_text_begins_with_the_first_token_there_is() -> None:
    words, opening = tokenizer(None), Opening((), None)
    assert Openings(words).tokens([opening])[opening] == (words.bos_token_id,)
    words.bos_token = None
    assert Openings(words).tokens([opening])[opening] == (words.eos_token_id,)
    words.eos_token = None
    assert Openings(words).tokens([opening])[opening] == ()


def test_a_plain_text_ends_with_the_end_of_sequence() -> None:
    words = tokenizer("chatml")
    assert Openings(words).ending(None) == Ending(frozenset({words.eos_token_id}), ())
    assert Openings(words).ending("user") == chat("chatml").ending("user")


def test_many_openings_are_measured_as_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tgc.chat.CHUNK", 2)
    words = tokenizer("llama2")
    asked = [Opening((SYSTEM,), "user", "Q" * n) for n in (0, 1, 5, 1, 9)] + [Opening((), None, "Paris")]
    lengths = Openings(words).lengths(asked)
    assert lengths == {one: len(Openings(words).tokens([one])[one]) for one in asked}
    assert Openings(words).lengths([]) == {}


def test_tokens_are_those_of_the_text() -> None:
    words = tokenizer("chatml")
    ids = tokens("chatml", Opening((QUESTION,), "assistant"))
    assert words.decode(list(ids)) == chat("chatml").cut([QUESTION], "assistant")
    assert ids[0] == words.convert_tokens_to_ids("<|im_start|>")


def test_a_template_without_words_begins_with_the_first_token_of_a_text() -> None:
    words = tokenizer("chatml")
    words.chat_template = "{% for message in messages %}{{ message.content + eos_token }}{% endfor %}"
    opening = Opening((), "user")
    assert Openings(words).tokens([opening]) == {opening: (words.bos_token_id,)}


def test_white_space_around_a_text_does_not_move_the_cut() -> None:
    assert chat("gemma").cut([Message("user", " Q\n")], "assistant") == BARE["gemma"] + ASSISTANT["gemma"]


def test_a_tokenizer_without_a_template_is_refused() -> None:
    with pytest.raises(BackendError, match="has no chat template") as caught:
        Chat(tokenizer(None))
    assert caught.value.hint is not None


def test_an_order_of_roles_that_the_template_refuses_is_an_error() -> None:
    with pytest.raises(BackendError, match=r"refuses the roles `user`, `user`: roles must alternate"):
        chat("llama2").cut([QUESTION], "user")


def test_a_template_that_hides_contents_is_an_error() -> None:
    words = tokenizer("chatml")
    words.chat_template = "{% for message in messages %}{{ message.role }}{% endfor %}"
    with pytest.raises(BackendError, match="does not render the content"):
        Chat(words).cut([], "user")
