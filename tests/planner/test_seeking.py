"""Nothing is looked for that nobody can have asked, and a sample tells whether to look for the rest."""

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from tests.workshop import Workshop
from tgc import driver, ir, prompts
from tgc.catalog import FAILURES, NODES, PICKS
from tgc.project import Project
from tgc.warehouse import Warehouse, archive

SAME_FOR_LAW = "{{ 'Talk about law.' if topic == 'law' else 'Speak of ' ~ topic }}"


@pytest.fixture
def shop(tmp_path: Path) -> Workshop:
    shop = Workshop(tmp_path)
    shop.build()
    return shop


def counts(shop: Workshop) -> list[tuple[int, int, int]]:
    return [(level.new, level.held, level.passed) for level in shop.plan().levels]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("max_tokens: 32", "max_tokens: 33"),
        ("max_tokens: 32", "max_tokens: 32, sampling: {temperature: 0.5}"),
        ("max_tokens: 32", "max_tokens: 32, stop: ['.']"),
    ],
)
def test_what_nobody_can_have_asked_is_not_looked_for(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch, old: str, new: str
) -> None:
    monkeypatch.setattr(archive.Stored, "requests", lambda _: pytest.fail("requests were read"))
    shop.edit(old, new)
    assert counts(shop) == [(0, 3, 0), (0, 12, 0), (24, 0, 0)]


def test_what_an_earlier_build_or_another_recipe_asked_is_found(shop: Workshop) -> None:
    shop.edit("name: demo", "name: other")
    shop.edit("max_tokens: 32", "max_tokens: 33")
    shop.build()
    shop.edit("max_tokens: 33", "max_tokens: 34")
    shop.build()
    shop.edit("max_tokens: 34", "max_tokens: 32")
    shop.edit('system: "Talk about {{ topic }}."', "system: \"Talk {{ 'about' }} {{ topic }}.\"")
    assert counts(shop) == [(0, 3, 0), (0, 12, 0), (0, 24, 0)]


def test_nodes_of_which_no_run_is_known_may_have_been_asked_for_by_anybody(shop: Workshop) -> None:
    nodes = pl.DataFrame({"node_id": [5], "level": ["old"], "text": ["so"], "request_key": ["0" * 16]})
    missing = {name: pl.lit(0 if name != "run_id" else 99) for name in NODES if name not in nodes.columns}
    with Warehouse.open(Project(shop.root).database) as warehouse:
        assert warehouse.archive.askers() is not None
        frame = nodes.with_columns(**missing).select(*NODES).cast(pl.Schema(NODES))
        warehouse.append("old", frame, pl.DataFrame(schema=PICKS), pl.DataFrame(schema=FAILURES))
        assert warehouse.archive.askers() is None


def test_what_is_measured_is_the_same_however_one_would_sample(shop: Workshop) -> None:
    shop.edit("mix:", "  mark: {score: ifd}\nfilters: [{kind: score, level: mark, max: 9}]\nmix:")
    mark = driver.check(shop.recipe).program.level("mark")
    other = tuple((name, "hot" if name == "sampling" else part) for name, part in mark.parts)
    assert prompts.alike(mark, other)
    assert not prompts.alike(replace(mark, does=ir.Turn("user", mark.ask)) if mark.ask else mark, other)


def test_where_none_of_a_sample_was_asked_for_before_the_rest_counts_as_new(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driver, "SAMPLE", 1)
    shop.edit("Talk about {{ topic }}.", SAME_FOR_LAW)
    assert counts(shop) == [(0, 3, 0), (12, 0, 11), (24, 0, 0)]
    note = "11 nodes of `question` count as new unseen, for a sample showed none that was asked for before"
    assert shop.forecast().notes == (f"{note}; a build looks at each",)
    outcome = shop.build()
    assert outcome is not None
    assert (outcome.tally.generated, outcome.tally.adopted) == (24, 12)


def test_where_one_of_a_sample_was_asked_for_before_all_are_looked_for(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driver, "SAMPLE", 2)
    shop.edit("Talk about {{ topic }}.", SAME_FOR_LAW)
    assert counts(shop) == [(0, 3, 0), (8, 4, 0), (16, 8, 0)]
