"""Lines are what their regular expression says, token by token, on any tokenizer and without a library."""

import re
import sys

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from llguidance import LLMatcher, LLTokenizer
from llguidance.hf import from_tokenizer
from llguidance.numpy import allocate_token_bitmask, fill_next_token_bitmask
from transformers import ByT5Tokenizer, PreTrainedTokenizerBase, PreTrainedTokenizerFast

from tests.engine.forms.tokenizers import metaspace, wordpiece
from tests.models import tokenizer
from tgc.engine.drawing.forms.automaton import DEAD, START, automaton
from tgc.engine.drawing.forms.lines import LineForm, Lines
from tgc.engine.drawing.forms.spelling import spellings
from tgc.engine.drawing.grammar import Forms
from tgc.schema import Choice, Line

LINE = r"[^\n\r]*[^\s\x1c-\x1f][^\n\r]*\n?"
WORDS: tuple[PreTrainedTokenizerFast, ...] = (tokenizer("chatml"), metaspace())
LINES = [Lines(words) for words in WORDS]
GUIDES = [from_tokenizer(words) for words in WORDS]
ORACLES = [LLMatcher(guide, LLMatcher.grammar_from_lark(f"start: /{LINE}/"), log_level=0) for guide in GUIDES]
WHITE = "".join(chr(point) for point in range(0x10000) if chr(point).isspace())

texts = st.text(st.sampled_from(f"{WHITE}a.é‽中\u1680\u2029\u202a\u3001😀\U000e0001\U0010ffff"), max_size=6)
turns = st.integers(0, 2**16)


def tokens(bits: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> list[int]:
    return np.flatnonzero(np.unpackbits(bits, bitorder="little")).tolist()


def guided(matcher: LLMatcher, guide: LLTokenizer) -> list[int]:
    words = allocate_token_bitmask(1, guide.vocab_size)
    fill_next_token_bitmask(matcher, words)
    return [token for token in tokens(words[0].view(np.uint8)) if token != guide.eos_token]


def agrees(form: LineForm, matcher: LLMatcher, guide: LLTokenizer) -> bool:
    """Whether both say the same of what there is, and of every token that may come."""
    same = (form.complete, form.closed) == (matcher.is_accepting(), matcher.is_stopped())
    return same and (form.closed or tokens(form.allowed()) == guided(matcher, guide))


@pytest.mark.parametrize("which", range(len(WORDS)))
@settings(deadline=None, max_examples=30)
@given(walk=st.lists(turns, max_size=12))
def test_every_token_is_allowed_where_a_grammar_library_allows_it(which: int, walk: list[int]) -> None:
    guide, form, matcher = GUIDES[which], LINES[which].of(frozenset())(), ORACLES[which].deep_copy()
    for turn in walk:
        assert agrees(form, matcher, guide)
        if form.closed:
            return
        allowed = tokens(form.allowed())
        token = allowed[turn % len(allowed)]
        form.take(token)
        matcher.consume_token(token)
    assert agrees(form, matcher, guide)


@pytest.mark.parametrize("which", range(len(WORDS)))
@settings(deadline=None, max_examples=30)
@given(text=texts)
@example("\u3000\u2003 中\n")
@example("\xa0\x85\x1c\n")
def test_characters_may_be_spread_over_tokens(which: int, text: str) -> None:
    guide, form, matcher = GUIDES[which], LINES[which].of(frozenset())(), ORACLES[which].deep_copy()
    single = {word: token for token, word in enumerate(spellings(WORDS[which])) if word}
    for byte in text.encode():
        assert agrees(form, matcher, guide)
        if form.closed:
            return
        form.take(single[bytes([byte])])
        matcher.consume_token(single[bytes([byte])])
    assert agrees(form, matcher, guide)


@given(texts)
def test_a_text_is_a_line_where_the_regular_expression_says_so(text: str) -> None:
    (state,) = automaton().walk([text.encode()])[START]
    assert (state in automaton().complete) == bool(re.fullmatch(LINE, text))
    goes_on = re.fullmatch(r"[^\n\r]*|" + LINE, text)
    assert (state != DEAD) == bool(goes_on)


@settings(max_examples=500)
@given(st.binary(max_size=6))
@example(b"\xed\xa0\x80")
@example(b"\xf4\x90")
@example(b"a\n\xc3")
def test_what_is_no_utf8_is_no_line(word: bytes) -> None:
    (state,) = automaton().walk([word])[START]
    valid = word.decode(errors="surrogateescape")
    if any("\udc80" <= char <= "\udcff" for char in valid):
        assert state not in automaton().complete
    elif re.fullmatch(r"[^\n\r]*", valid):
        assert state != DEAD


def test_every_character_shows_or_does_not_as_python_strips_it() -> None:
    chars = [chr(point) for point in range(0x11000) if not 0xD800 <= point < 0xE000]
    reached = automaton().walk([char.encode() for char in chars])[START]
    shown = next(iter(automaton().complete - automaton().closed))
    for state, kind in (
        (shown, [not char.isspace() for char in chars]),
        (DEAD, [char in "\r\n" for char in chars]),
    ):
        assert np.array_equal(reached == state, kind)


@pytest.mark.parametrize("words", [tokenizer(), metaspace(), wordpiece(), ByT5Tokenizer()])
def test_a_line_can_be_written_with_any_tokenizer(words: PreTrainedTokenizerBase) -> None:
    end = 1
    form = Lines(words).of(frozenset({end}))()
    for token in words.encode("the café", add_special_tokens=False):
        assert token in tokens(form.allowed())
        assert form.complete == (end in tokens(form.allowed()))
        form.take(token)
    assert form.complete
    assert not form.closed
    assert not {token for token in words.all_special_ids if token != end}.intersection(tokens(form.allowed()))


def test_a_line_ends_at_a_line_feed_that_comes_last_in_a_token() -> None:
    added = tokenizer()
    added.add_tokens([".\n", ".\n\n", ".\r\n", "\n", "\n."])
    ids = dict(zip((".\n", ".\n\n", ".\r\n", "\n", "\n."), range(len(added) - 5, len(added)), strict=True))
    form = Lines(added).of(frozenset())()
    assert set(ids.values()).intersection(tokens(form.allowed())) == {ids[".\n"]}
    form.take(added.encode("a")[0])
    assert set(ids.values()).intersection(tokens(form.allowed())) == {ids[".\n"], ids["\n"]}
    form.take(ids["\n"])
    assert form.closed
    assert form.complete


def test_a_token_that_no_tokenizer_knows_is_no_part_of_a_line() -> None:
    form = LINES[0].of(frozenset())()
    form.take(10**6)
    assert form.closed
    assert not form.complete


def test_lines_need_no_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "llguidance", None)
    forms = Forms(WORDS[0])
    assert forms.of(Line(), frozenset())().allowed().any()
    with pytest.raises(ImportError):
        forms.of(Choice(("a", "b")), frozenset())
