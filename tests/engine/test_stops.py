"""Stop strings are found at the token that completes them, however tokens spell text."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, decoders, models
from transformers import PreTrainedTokenizerFast

from tests.models import tokenizer
from tgc.engine.drawing.stops import StopStrings

PIECES = ("a", "b", ".", "é", "▁", "▁a", "▁é.", "ab", "\n", ".\n", "▁▁b", "�", "é\n")


def sentencepiece() -> PreTrainedTokenizerFast:
    """A tokenizer that falls back to bytes and strips the first space, as Llama's do."""
    names = ["<unk>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256)), *PIECES]
    vocabulary = {name: place for place, name in enumerate(names)}
    fast = Tokenizer(models.BPE(vocabulary, [], unk_token="<unk>", byte_fallback=True))
    fast.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    return PreTrainedTokenizerFast(tokenizer_object=fast, eos_token="</s>")  # type: ignore[no-untyped-call]


def wordpiece() -> PreTrainedTokenizerFast:
    """A tokenizer that puts spaces between words, as BERT's does."""
    names = ["[UNK]", "[SEP]", "a", "b", "##a", "##b", ".", "##.", "é", "##\n"]
    fast = Tokenizer(models.WordPiece({name: place for place, name in enumerate(names)}, unk_token="[UNK]"))
    fast.decoder = decoders.WordPiece(cleanup=False)
    return PreTrainedTokenizerFast(tokenizer_object=fast, sep_token="[SEP]")  # type: ignore[no-untyped-call]


TOKENIZERS = {"bytes": tokenizer("chatml"), "sentencepiece": sentencepiece(), "wordpiece": wordpiece()}
SAYING = {
    name: [token for token in range(len(words)) if token not in words.all_special_ids]
    for name, words in TOKENIZERS.items()
}
"""Tokens that say at least a byte; the last are the most telling."""


def plainly(words: PreTrainedTokenizerFast, strings: Sequence[str], tokens: list[int]) -> bool:
    """Whether a text has one of the strings, by decoding all of it."""
    text = words.decode(tokens, skip_special_tokens=True, clean_up_tokenization_spaces=False)
    return any(string in text for string in strings)


def first(ends: Sequence[bool]) -> int | None:
    return ends.index(True) if True in ends else None


@pytest.mark.parametrize("name", TOKENIZERS)
@settings(deadline=None, max_examples=150)
@given(data=st.data())
def test_a_text_ends_at_the_token_at_which_it_has_a_stop_string(name: str, data: st.DataObject) -> None:
    words = TOKENIZERS[name]
    token = st.sampled_from(SAYING[name]) | st.sampled_from(SAYING[name][-20:])
    tokens = data.draw(st.lists(token, max_size=24))
    strings = data.draw(st.lists(st.text("ab. \né", min_size=1, max_size=4), min_size=1, max_size=3))
    stops = StopStrings(words, tuple(strings))
    beginnings = [tokens[:end] for end in range(len(tokens) + 1)]
    assert first(list(map(stops, beginnings))) == first(
        [plainly(words, strings, given) for given in beginnings]
    )


def test_a_character_in_two_tokens_ends_a_text_at_the_second() -> None:
    words = TOKENIZERS["bytes"]
    tokens = words.encode("né", add_special_tokens=False)
    assert len(tokens) == 3
    stops = StopStrings(words, ("é",))
    assert [stops(tokens[:end]) for end in (1, 2, 3)] == [False, False, True]


def test_a_space_that_only_a_token_before_brings_out_is_seen() -> None:
    words = TOKENIZERS["sentencepiece"]
    a, spaced = (len(words) - len(PIECES) + PIECES.index(piece) for piece in ("a", "▁a"))
    stops = StopStrings(words, ("a ", " "))
    assert [stops([spaced]), stops([a]), stops([a, spaced])] == [False, False, True]


def test_no_strings_end_nothing() -> None:
    stops = StopStrings(TOKENIZERS["bytes"], ())
    assert not any(stops([token]) for token in range(len(TOKENIZERS["bytes"])))
