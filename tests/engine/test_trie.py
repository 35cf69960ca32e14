"""Texts as a tree of tokens."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tgc.engine.drawing.trie import Text, trie

texts = st.lists(st.lists(st.integers(0, 3), min_size=1, max_size=9).map(tuple), min_size=1, max_size=8)


@given(texts)
def test_every_text_is_what_is_asked_along_its_path(given: list[Text]) -> None:
    tree = trie(given)
    assert [tuple(tree.asked[place][1] for place in path) for path in tree.texts] == given
    assert len(tree.asked) == len({text[:end] for text in given for end in range(1, len(text) + 1)})


@given(texts)
def test_what_nothing_follows_is_not_read(given: list[Text]) -> None:
    tree = trie(given)
    assert len(tree.tokens) == len({text[:end] for text in given for end in range(1, len(text))})


@given(texts, st.data())
def test_a_token_sees_those_before_it_in_its_text(given: list[Text], data: st.DataObject) -> None:
    tree = trie(given)
    cut = data.draw(st.integers(0, len(tree.tokens)))
    found = np.zeros((len(tree.tokens), len(tree.tokens)), dtype=np.bool_)
    found[:cut, :cut], found[cut:] = tree.seen(0, cut), tree.seen(cut, len(tree.tokens))
    for text, path in zip(given, tree.texts, strict=True):
        places = [tree.asked[edge][0] for edge in path][1:]
        for end, place in enumerate(places):
            assert np.flatnonzero(found[place]).tolist() == sorted(places[: end + 1])
            assert tree.depths[place] == end
            assert tree.tokens[place] == text[end]
