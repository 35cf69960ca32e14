"""What a kind finds in Python, its hint finds in polars: no text is passed over."""

from functools import partial

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tgc.detect import markup, personal, secrets
from tgc.detect.kind import Kind
from tgc.detect.tally import tally

BY_PATTERN = (*personal.KINDS, *secrets.KINDS)
MARKS = [
    "```",
    "|",
    "---",
    "-:",
    "<b>",
    "</s>",
    "<div",
    "$$",
    "\\(",
    "\\]",
    "\\begin{a}",
    "\\left",
    "\\right",
]
MARKS += ["<|im_end|>", "[INST]", "<<SYS>>", "<eos>", "### Human:", '{"', "[[", "\n", " ", "a", "`"]


def hinted(kind: Kind, text: str) -> bool:
    return bool(pl.Series([text]).str.contains(kind.hint).item())


@pytest.mark.parametrize("kind", BY_PATTERN, ids=lambda kind: kind.name)
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_what_matches_a_pattern_is_hinted_at(kind: Kind, data: st.DataObject) -> None:
    assert isinstance(kind.count, partial)
    text = data.draw(st.from_regex(kind.count.keywords["regex"]))
    assert hinted(kind, text) or not kind.count(text)


@pytest.mark.parametrize("kind", markup.KINDS, ids=lambda kind: kind.name)
@settings(max_examples=20, deadline=None)
@given(text=st.lists(st.sampled_from(MARKS), max_size=12).map("".join))
def test_what_is_broken_is_hinted_at(kind: Kind, text: str) -> None:
    assert hinted(kind, text) or not kind.count(text)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.lists(st.sampled_from(MARKS), max_size=6).map("".join), max_size=4))
def test_a_tally_adds_up_what_each_kind_counts(texts: list[str]) -> None:
    told = tally(pl.Series(texts, dtype=pl.String), markup.KINDS)
    assert told["score"].to_list() == [sum(kind.count(text) for kind in markup.KINDS) for text in texts]
