"""The join finds exactly what brute force finds, and drops nothing that is not similar."""

import random
import sys
from types import ModuleType

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tgc import jaccard
from tgc.jaccard import fast, kernels, plain
from tgc.text.folded import fold

LETTERS = ["a", "b", "c", "d", "e", "É", "ﬁ", "猫", "だ", "กา", "—", "?!", "*"]
TEXTS = st.lists(st.lists(st.sampled_from(LETTERS), max_size=12).map(" ".join), max_size=25)
THRESHOLDS = st.sampled_from([0.3, 0.5, 0.7, 0.8, 1.0])
GROUPS = st.lists(st.integers(0, 1), min_size=25, max_size=25)
EXAMPLES = settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

Row = tuple[int, int, float]


@pytest.fixture(params=[plain, fast], ids=["plain", "fast"])
def _each_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways, in blocks so small that a few texts take several."""
    monkeypatch.setattr(jaccard, "_way", lambda _: (request.param.read, request.param.join))
    monkeypatch.setattr(plain, "BLOCK", 7)
    monkeypatch.setattr(fast, "BLOCK", 5)


def series(texts: list[str]) -> pl.Series:
    return pl.Series(texts, dtype=pl.String)


def shingles(words: tuple[str, ...], ngram: int) -> frozenset[tuple[str, ...]]:
    return frozenset(words[at : at + ngram] for at in range(max(len(words) - ngram + 1, 1)))


def brute(texts: list[str], groups: list[int], ngram: int, threshold: float) -> list[Row]:
    """Every text beside every one that is kept before it; copies share the fate of the first."""
    found: dict[int, Row] = {}
    told = list(zip(groups, map(tuple, fold(series(texts)).str.split(" ")), strict=False))
    sets = [(group, shingles(said, ngram)) for group, said in told]
    for text, (group, mine) in enumerate(sets):
        if (first := told.index(told[text])) in found:
            found[text] = (text, *found[first][1:])
            continue
        others = [at for at in range(text) if at not in found and sets[at][0] == group]
        scores = [(len(mine & sets[at][1]) / len(mine | sets[at][1]), -at) for at in others]
        score, of = max(scores, default=(0.0, 0))
        if score >= threshold:
            found[text] = (text, -of, score)
    return list(found.values())


@pytest.mark.usefixtures("_each_way")
@given(TEXTS, GROUPS, st.integers(1, 4), THRESHOLDS)
@EXAMPLES
def test_repeats_are_those_of_brute_force(
    texts: list[str], groups: list[int], ngram: int, threshold: float
) -> None:
    ids = pl.Series(groups[: len(texts)], dtype=pl.UInt64)
    found = jaccard.repeats(series(texts), ngram, threshold, ids)
    assert found.rows() == brute(texts, groups, ngram, threshold)


@pytest.mark.usefixtures("_each_way")
@given(TEXTS, GROUPS, st.integers(0, 25))
@EXAMPLES
def test_texts_may_come_in_parts(texts: list[str], groups: list[int], cut: int) -> None:
    ids = pl.Series(groups[: len(texts)], dtype=pl.UInt64)
    parts = [(series(texts)[part], ids[part].to_numpy()) for part in (slice(0, cut), slice(cut, None))]
    assert jaccard.among(parts, len(texts), 2, 0.5).equals(jaccard.repeats(series(texts), 2, 0.5, ids))


@pytest.mark.usefixtures("_each_way")
def test_a_chain_of_similar_texts_keeps_both_ends() -> None:
    first = "a b c d e f g h i j"
    second, third = f"{first} k l", f"{first} k l m n o"
    dropped = jaccard.repeats(pl.Series([first, second, third, second]), 1, 0.7)
    assert dropped.rows() == [(1, 0, 10 / 12), (3, 0, 10 / 12)]


@pytest.mark.usefixtures("_each_way")
def test_null_is_as_good_as_empty() -> None:
    assert jaccard.repeats(pl.Series([None, "", " "]), 2, 0.5).rows() == [(1, 0, 1.0), (2, 0, 1.0)]


@pytest.mark.usefixtures("_each_way")
def test_one_word_between_two_long_texts_is_seen() -> None:
    long = " ".join(f"w{number}" for number in range(70_000))
    ((text, of, score),) = jaccard.repeats(pl.Series([long, f"{long} x", "w1 w2"]), 5, 0.9).rows()
    assert (text, of, score) == (1, 0, 69_996 / 69_997)


@pytest.mark.usefixtures("_each_way")
def test_scripts_without_spaces_have_words_too() -> None:
    told, again = "昨日、黒い猫を見た。", "昨日黒い猫 を見た"
    assert jaccard.repeats(pl.Series([told, again, "黒い犬"]), 3, 0.7).rows() == [(1, 0, 1.0)]


def template(number: int) -> str:
    return " ".join(f"t{number}w{word}" for word in range(60))


@pytest.mark.usefixtures("_each_way")
def test_texts_of_one_template_are_not_duplicates(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain, "BLOCK", 4_000_000)
    own = (" ".join(f"x{text}w{word}" for word in range(17)) for text in range(4000))
    texts = [f"{template(text % 20)} {words}" for text, words in enumerate(own)]
    assert jaccard.repeats(pl.Series(texts), 3, 0.7).is_empty()


def test_of_thousands_alike_the_first_is_kept() -> None:
    texts = pl.Series(
        [f"{'a b c d e f g h i j k l m n o p q r s t ' * 3}{number}" for number in range(20_000)]
    )
    dropped = jaccard.repeats(texts, 5, 0.7)
    assert dropped["text"].to_list() == list(range(1, 20_000))
    assert set(dropped["of"]) == {0}


@pytest.mark.usefixtures("_each_way")
def test_what_costs_too_much_is_kept_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain, "BLOCK", 4_000_000)
    draw = random.Random(0)
    fills = [" ".join(f"s{slot}w{word}" for word in range(9)) for slot in range(40)]
    texts = [" ".join([template(0), *draw.choices(fills, k=3)]) for _ in range(2000)]
    assert jaccard.repeats(pl.Series(texts), 3, 0.7)["of"].null_count() == 0
    spend(monkeypatch, 200)
    hasty = jaccard.repeats(pl.Series(texts), 3, 0.7)
    assert hasty["of"].null_count() > 0
    assert_true(texts, hasty, 3, 0.7)


@pytest.mark.usefixtures("_each_way")
@given(TEXTS, st.integers(1, 3), THRESHOLDS, st.integers(1, 40))
@EXAMPLES
def test_whatever_it_may_cost_all_that_is_said_is_true(
    texts: list[str], ngram: int, threshold: float, steps: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        spend(patch, steps)
        found = jaccard.repeats(series(texts), ngram, threshold)
    assert_true(texts, found, ngram, threshold)


def spend(patch: pytest.MonkeyPatch, steps: int) -> None:
    """Let the comparison of a text cost so much."""
    for way in (plain, fast):
        patch.setattr(way, "STEPS", steps)


def assert_true(texts: list[str], found: pl.DataFrame, ngram: int, threshold: float) -> None:
    """A repeat is of a kept text and that similar; of the other texts only those told may repeat one."""
    dropped, told = found.drop_nulls(), set(found.filter(pl.col("of").is_null())["text"])
    sets = [shingles(tuple(said), ngram) for said in fold(series(texts)).str.split(" ")]
    kept = sorted(set(range(len(texts))) - set(dropped["text"]))
    assert told | set(dropped["of"]) <= set(kept)
    for text, of, score in dropped.iter_rows():
        assert len(sets[text] & sets[of]) / len(sets[text] | sets[of]) == score >= threshold
    for place, text in enumerate(kept):
        others = () if text in told else kept[:place]
        assert all(len(sets[text] & sets[of]) / len(sets[text] | sets[of]) < threshold for of in others)


def test_both_ways_agree_on_many_texts() -> None:
    ranks = np.random.default_rng(0).zipf(1.3, size=(6_000, 30))
    texts = [" ".join(f"w{rank}" for rank in row) for row in ranks]
    texts += [text.replace(" ", " x ", 1) for text in texts[:1000]]
    groups = pl.Series(range(len(texts)), dtype=pl.UInt64) % 3
    one, other = (_found(way, texts, groups) for way in (plain, fast))
    assert one.equals(other)
    assert one.height > 300


def _found(way: ModuleType, texts: list[str], groups: pl.Series) -> pl.DataFrame:
    read = way.read([(pl.Series(texts), groups.to_numpy())], 3)
    return pl.DataFrame(way.join(read, np.arange(len(texts)), 0.7)._asdict())


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_threads_count_in_parts_of_the_table_of_their_own(threads: int) -> None:
    read = fast.read([(pl.Series(["a b c a b", "b c", "c"] * 100), np.zeros(300, dtype=np.uint64))], 1)
    tables = np.zeros((threads, 8), dtype=np.uint8)
    for part, table in enumerate(tables):
        kernels.tally(table, read, np.arange(300), part, threads)
    counts = np.bincount((read.shingles % np.uint64(8)).astype(np.int64), minlength=8)
    assert (tables > 0).sum(axis=0).max() == 1
    assert tables.sum(axis=0).tolist() == np.minimum(counts, 255).tolist()


def test_few_texts_or_no_numba_take_the_plain_way(monkeypatch: pytest.MonkeyPatch) -> None:
    assert jaccard._way(10) == (plain.read, plain.join)
    assert jaccard._way(jaccard.MANY) == (fast.read, fast.join)
    monkeypatch.setitem(sys.modules, "numba", None)
    assert jaccard._way(jaccard.MANY) == (plain.read, plain.join)
