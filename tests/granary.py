"""A small dialogue to fill a warehouse with."""

import numpy as np
import polars as pl

from tgc.catalog import FAILURES, NODES, PICKS, Record
from tgc.fingerprint import Ids
from tgc.warehouse import Warehouse

BIG = 2**64 - 2
NO_PICKS = pl.DataFrame(schema=PICKS)
NO_FAILURES = pl.DataFrame(schema=FAILURES)
LEVELS = {"topic": Record(1, (("seed", "0"), ("template", "ab")))}


def ids(*values: int) -> Ids:
    return np.array(values, dtype=np.uint64)


def frame(*rows: dict[str, object]) -> pl.DataFrame:
    defaults = {"parent_id": 0, "ordinal": 0, "depth": 0, "run_id": 1}
    return pl.DataFrame([defaults | row for row in rows], schema=NODES)


def dialogue() -> pl.DataFrame:
    return frame(
        {"node_id": 1, "level": "topic", "text": "law"},
        {"node_id": BIG, "parent_id": 1, "level": "question", "depth": 1, "role": "user", "text": "Why?",
         "request_key": "00000000000000c1", "completion_tokens": 2, "model": "atlas", "finish_reason": "stop"},
        {"node_id": 3, "parent_id": BIG, "level": "answer", "depth": 2, "role": "assistant", "text": "So.",
         "request_key": "00000000000000a1", "completion_tokens": 3, "model": "atlas", "finish_reason": "stop"},
    )  # fmt: skip


def fill(warehouse: Warehouse, recipe: str = "one") -> int:
    run_id = warehouse.start(recipe, "name: one", {}, LEVELS, ("abc", False))
    warehouse.append(recipe, dialogue(), NO_PICKS, NO_FAILURES)
    return run_id
