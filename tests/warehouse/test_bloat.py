"""A file stays about as large as what it holds, however often a corpus is built again."""

from pathlib import Path

import numpy as np
import polars as pl

from tests.granary import NO_FAILURES, NO_PICKS, frame
from tgc.catalog import VERDICTS
from tgc.fingerprint import Ids
from tgc.warehouse import Warehouse

NODES, BUILDS = 10_000, 12
IDS: Ids = np.random.default_rng(0).integers(1, 2**63, NODES).astype(np.uint64)


def filled(path: Path) -> None:
    node = frame({"node_id": 0, "level": "answer", "text": ""}).drop("node_id", "text")
    texts = pl.DataFrame({"node_id": IDS, "text": [f"{node_id:x} " * 8 for node_id in IDS.tolist()]})
    with Warehouse.open(path) as warehouse:
        nodes = texts.join(node, how="cross").select(frame().columns)
        warehouse.append("one", nodes, NO_PICKS, NO_FAILURES)


def judged(bound: int) -> pl.DataFrame:
    """What two filters say, of which the second has another threshold each time."""
    said = pl.DataFrame({"node_id": IDS}).with_columns(recipe=pl.lit("one"), reason=None, of=None)
    bounds = {"first": 3, "second": bound}
    verdicts = (
        said.with_columns(
            filter=pl.lit(name), kept=pl.col("node_id") % 50 > least, score=pl.col("node_id") % 50
        )
        for name, least in bounds.items()
    )
    return pl.concat(verdicts).select(*VERDICTS).cast(pl.Schema(VERDICTS))


def test_a_corpus_that_is_judged_and_thinned_many_times_does_not_grow_its_file(path: Path) -> None:
    filled(path)
    sizes = []
    for build in range(BUILDS):
        with Warehouse.open(path) as warehouse:
            warehouse.keep("one", {"answer": np.sort(IDS[build * 100 :])})
            warehouse.judge("one", [judged(build)])
        sizes.append(path.stat().st_size)
    assert sizes[-1] <= 1.2 * max(sizes[:3])


def test_verdicts_that_stay_are_not_written_again(path: Path) -> None:
    filled(path)
    with Warehouse.open(path) as warehouse:
        warehouse.judge("one", [judged(7)])
    before = path.read_bytes()
    with Warehouse.open(path) as warehouse:
        warehouse.judge("one", [judged(7)])
    assert path.read_bytes() == before


def test_filters_before_the_one_that_changed_keep_their_verdicts_and_their_order(path: Path) -> None:
    filled(path)
    with Warehouse.open(path) as warehouse:
        for bound in (7, 8):
            warehouse.judge("one", [judged(bound)])
        assert warehouse.verdicts(int(IDS[0]))["filter"].to_list() == ["first", "second"]
        kept = warehouse.sql("select filter, count(*) filter (where kept) as n from verdicts group by all")
    expected = {name: int(np.sum(least < IDS % 50)) for name, least in (("first", 3), ("second", 8))}
    assert dict(kept.iter_rows()) == expected
