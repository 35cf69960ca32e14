"""Options in tokens: what can be spelled, and what is left to a grammar."""

import pytest

from tests.engine.forms.tokenizers import metaspace
from tests.models import tokenizer
from tgc import schema
from tgc.engine.drawing.spelled import Spelled

WORDS = tokenizer("chatml")


def said(shape: schema.Shape, max_tokens: int = 90) -> list[set[str]] | None:
    """What the spellings of each option say."""
    found = Spelled(WORDS, len(WORDS)).of(shape, max_tokens)
    if found is None:
        return None
    return [{str(WORDS.decode(list(ids))) for ids in texts} for texts in found.spellings]


def test_an_option_is_spelled_at_once_or_after_a_space() -> None:
    found = said(schema.Choice(("easy", "very hard")))
    assert found == [{"easy", " easy"}, {"very hard", " very hard"}]


def test_the_numbers_of_a_range_are_options() -> None:
    found = said(schema.Range(-1, 98))
    assert found is not None
    assert len(found) == 100


@pytest.mark.parametrize(
    "shape",
    [
        schema.Text(),
        schema.Line(),
        schema.Range(-1, 99),
        schema.parse({"level": "easy | hard"}),
        schema.Choice(tuple(map(str, range(101)))),
        schema.Choice(("easy", "<|im_end|>")),
    ],
)
def test_what_has_too_many_options_or_one_that_is_no_text_is_left_to_a_grammar(shape: schema.Shape) -> None:
    assert said(shape) is None


def test_an_option_that_a_limit_leaves_no_room_for_is_left_to_a_grammar() -> None:
    assert said(schema.Choice(("a", "capital of France")), max_tokens=1) is None


def test_an_option_that_no_token_spells_is_left_to_a_grammar() -> None:
    words = metaspace(fallback=())
    assert Spelled(words, len(words)).of(schema.Choice(("ж", "ш")), 90) is None


def test_a_token_that_the_model_does_not_know_spells_nothing() -> None:
    shape = schema.Choice(("What", "Paris"))
    assert Spelled(WORDS, len(WORDS)).of(shape, 90) is not None
    assert Spelled(WORDS, min(WORDS.encode("Paris"))).of(shape, 90) is None


def test_the_options_of_a_shape_are_made_once() -> None:
    spelled, shape = Spelled(WORDS, len(WORDS)), schema.Choice(("a", "b"))
    assert spelled.of(shape, 90) is spelled.of(shape, 90)
