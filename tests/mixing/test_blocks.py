"""Blocks hold text alone or images alone, are spread evenly, and change nothing but the order."""

from itertools import pairwise

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from tgc.mixing.shares.blocks import arranged, told

SIZE = 4
ROWS = st.lists(st.tuples(st.sampled_from(["train", "validation"]), st.booleans()), max_size=60)


def frame(rows: list[tuple[str, bool]]) -> pl.DataFrame:
    data = [(split, int(seen), place) for place, (split, seen) in enumerate(rows)]
    schema = {"split": pl.String, "images": pl.Int64, "number of it": pl.Int64}
    return pl.DataFrame(data, schema=schema, orient="row")


def blocks(rows: pl.DataFrame, split: str, size: int = SIZE) -> list[list[int]]:
    """The images of the rows of a split, block by block."""
    images = rows.filter(pl.col("split") == split)["images"].to_list()
    return [images[start : start + size] for start in range(0, len(images), size)]


@given(ROWS)
def test_every_block_but_one_is_of_one_kind_and_no_row_is_lost(rows: list[tuple[str, bool]]) -> None:
    before = frame(rows)
    after = arranged(before, SIZE)
    assert after.sort("number of it").equals(before)
    for split in ("train", "validation"):
        mixed = [block for block in blocks(after, split) if len(set(block)) > 1]
        assert len(mixed) <= 1


@given(ROWS)
def test_rows_of_one_kind_stay_in_their_order(rows: list[tuple[str, bool]]) -> None:
    after = arranged(frame(rows), SIZE)
    for _, part in after.group_by("split", "images"):
        assert part["number of it"].is_sorted()


@given(ROWS)
def test_a_split_begins_with_an_image_if_it_has_any(rows: list[tuple[str, bool]]) -> None:
    after = arranged(frame(rows), SIZE)
    for _, part in after.group_by("split", maintain_order=True):
        assert part["images"][0] == part["images"].max()


@given(ROWS)
def test_what_is_told_of_blocks_is_what_there_is(rows: list[tuple[str, bool]]) -> None:
    after = arranged(frame(rows), SIZE)
    for split, text, images, mixed, rest in told(after, SIZE).iter_rows():
        found = blocks(after, split)
        assert text == found.count([0] * SIZE)
        assert images == found.count([1] * SIZE)
        assert mixed == sum(len(set(block)) > 1 for block in found)
        assert rest == sum(len(block) for block in found if len(block) < SIZE)


def test_blocks_of_both_kinds_are_spread_evenly() -> None:
    after = arranged(frame([("train", place < 80) for place in range(320)]), SIZE)
    with_images = [place for place, block in enumerate(blocks(after, "train")) if block[0]]
    assert {later - earlier for earlier, later in pairwise(with_images)} <= {3, 4, 5}


def test_rows_that_fill_no_block_come_last() -> None:
    after = arranged(frame([("train", True)] * 6 + [("train", False)] * 9), SIZE)
    assert blocks(after, "train") == [[1] * 4, [0] * 4, [0] * 4, [1, 1, 0]]


def test_where_images_fill_no_block_they_come_first() -> None:
    after = arranged(frame([("train", False)] * 11 + [("train", True)]), SIZE)
    assert blocks(after, "train") == [[1, 0, 0, 0], [0] * 4, [0] * 4]
