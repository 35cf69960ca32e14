"""Content addresses: what is identity is in the table, and ids do not clash."""

from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tgc import driver, fingerprint
from tgc.fingerprint import digest, request_key

GOOD = Path(__file__).parent / "recipes" / "good"
IDENTITY = {part.name for part in fingerprint.TABLE if part.identity}


def test_every_part_of_a_level_is_in_the_table_and_the_other_way_round() -> None:
    levels = [level for path in GOOD.glob("*.yaml") for level in driver.check(path, GOOD).program.levels]
    assert {name for level in levels for name, _ in level.parts} | {"value"} == IDENTITY


@given(st.lists(st.text(max_size=3), max_size=4), st.lists(st.text(max_size=3), max_size=4))
def test_a_digest_tells_where_parts_begin(one: list[str], other: list[str]) -> None:
    assert (fingerprint.digest(*one) == fingerprint.digest(*other)) == (one == other)


def test_a_request_key_tells_its_level_from_its_chat() -> None:
    stopped = request_key(digest("m", "system", "be rude"), digest(), 0)
    told = request_key(digest("m"), digest("system", "be rude"), 0)
    assert stopped != told


def test_a_million_slots_have_a_million_ids() -> None:
    parents = np.repeat(np.arange(1, 1001, dtype=np.uint64), 1000)
    ordinals = np.tile(np.arange(1000, dtype=np.uint64), 1000)
    ids = fingerprint.children("level", parents, ordinals)
    assert len(np.unique(ids)) == 1_000_000
    assert 0 not in ids


def test_ids_are_what_they_were() -> None:
    ids = fingerprint.children("level", np.array([0, 1], dtype=np.uint64), np.array([0, 1], dtype=np.uint64))
    assert [fingerprint.spell(node_id) for node_id in ids.tolist()] == [
        "b3c9500dd56f0ce5",
        "c1bf8be33c1c5f4f",
    ]
