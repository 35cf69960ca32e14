"""What a plan adopts is what a look at every slot finds, though it reads few texts and few at a time."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from unittest.mock import patch

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import forest
from tests.planner.plain import PlainAdopter
from tests.workshop import Workshop
from tgc import driver, ir, planner
from tgc.catalog import Catalog, Filed, Places
from tgc.planner.donors import Donors
from tgc.planner.steps import LevelPlan, Plan
from tgc.project import Project
from tgc.warehouse import Reader, read


@contextmanager
def opened(shop: Workshop) -> Iterator[Reader]:
    with read(Project(shop.root).database) as reader:
        assert reader is not None
        yield reader


def told(level: LevelPlan) -> tuple[object, ...]:
    """All that a plan says of a level; nobody asks of a level without a model which of its slots are fresh."""
    fresh = list(level.fresh.rows()) if level.level.ask else None
    columns = (level.wanted.tolist(), list(level.ready.rows()), level.unpicked.tolist())
    return level.new, level.held, level.orphaned, *columns, fresh


def plainly(program: ir.Program, catalog: Catalog, nodes: pl.DataFrame) -> Plan:
    """The plan by the definition of adoption."""
    with patch("tgc.planner.planner.Adopter", partial(PlainAdopter, nodes=nodes)):
        return planner.plan(program, catalog)


@settings(max_examples=10, deadline=None)
@given(
    former=st.lists(forest.recipes(), min_size=1, max_size=2),
    later=forest.recipes(),
    share=st.sampled_from([1.0, 0.9, 0.5]),
    seed=st.integers(0, 99),
)
def test_a_plan_adopts_what_a_look_at_each_slot_would(
    former: list[str], later: str, share: float, seed: int
) -> None:
    with tempfile.TemporaryDirectory() as home:
        shop = Workshop(Path(home) / "shop")
        (shop.root / "recipes" / forest.POOL).write_text("one\ntwo\nthree\nfour")
        for recipe in (*former, later):
            shop.write(recipe)
            program = driver.check(shop.recipe).program
            if recipe is not later:
                shop.build()
        with (
            opened(shop) as reader,
            patch("tgc.planner.ground.SLICE", 3),
            patch("tgc.warehouse.archive.APART", 1),
        ):
            catalog, nodes = reader.catalog("demo", texts=True), reader.all_nodes()
            gone = catalog.held[np.random.default_rng(seed).random(len(catalog.held)) > share]
            left = catalog.without(gone)
            plan, expected = planner.plan(program, left), plainly(program, left, nodes)
            assert [told(level) for level in plan.levels] == [told(level) for level in expected.levels]
            hasty = planner.plan(program, replace(left, sample=1)).levels
            assert all(some.new >= level.new for some, level in zip(hasty, plan.levels, strict=True))
            passed = any(level.passed for level in hasty)
            assert passed or [told(level) for level in hasty] == [told(level) for level in plan.levels]


class Watched(Filed):
    """Keeps count of the texts that are read."""

    read = 0

    def texts(self, places: Places) -> pl.DataFrame:
        Watched.read += len(places)
        return super().texts(places)


def test_only_texts_above_what_is_missing_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Watched, "read", 0)
    shop = Workshop(tmp_path)
    shop.build()
    shop.edit("max_tokens: 32", "max_tokens: 33")
    with opened(shop) as reader:
        known = reader.catalog("demo")
        archive = Watched(reader.all_nodes())
        catalog = Catalog(known.held, known.members, known.ranks, known.records, archive)
    levels = planner.plan(driver.check(shop.recipe).program, catalog).levels
    assert [(level.new, level.held) for level in levels] == [(0, 3), (0, 12), (24, 0)]
    assert Watched.read == 12


KEYS = st.lists(st.integers(0, 9), max_size=12)


@given(asked=KEYS, wanted=KEYS, gone=st.sets(st.integers(1, 12)))
def test_of_nodes_with_one_request_the_last_id_is_found(
    asked: list[int], wanted: list[int], gone: set[int]
) -> None:
    requests = pl.DataFrame(
        {"node_id": range(1, len(asked) + 1), "request_key": asked},
        schema={"node_id": pl.UInt64, "request_key": pl.UInt64},
    )
    held = np.array(sorted(set(range(1, 13)) - gone), dtype=np.uint64)
    by_key = {key: node for node, key in enumerate(asked, start=1) if node not in gone}
    found = Donors(requests, held).find(np.array(wanted, dtype=np.uint64))
    assert found.tolist() == [by_key.get(key, 0) for key in wanted]
