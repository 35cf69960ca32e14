"""What a build has made: rows gathered into batches, each committed in one transaction, and counted."""

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import polars as pl

from tgc import fingerprint, ir, planner
from tgc.backends.base import Completion, Request
from tgc.catalog import FAILURES, NODES, PICKS
from tgc.executor.frontier import Group
from tgc.node import Node
from tgc.warehouse import Warehouse

BATCH_ROWS = 256
BATCH_SECONDS = 0.25

LAST = np.uint64(2**64 - 1)
"""Ends what is searched, so that every search finds a place."""


@dataclass(slots=True)
class Tally:
    """Counts of one build: `generated` by a model, `adopted` from an equal request, `failed` with a reason."""

    generated: int = 0
    adopted: int = 0
    failed: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0

    def count(self, completion: Completion) -> None:
        """One more completion."""
        self.generated += 1
        self.prompt_tokens += completion.prompt_tokens
        self.completion_tokens += completion.completion_tokens


class Ledger:
    """Takes nodes, picks and failures; writes them when a batch is full or old, and at the end come what may.

    Args:
        recipe: whose nodes they are.
        run_id: the run that makes them.
        warehouse: where they go.
        tally: counts what is made.
    """

    def __init__(self, recipe: str, run_id: int, warehouse: Warehouse, tally: Tally) -> None:
        self.tally = tally
        self._answered = np.append(warehouse.keys(), LAST)
        self._since_then: set[int] = set()
        self._fresh: dict[str, Completion] = {}
        self._recipe = recipe
        self._run_id = run_id
        self._warehouse = warehouse
        self._nodes: list[tuple[object, ...]] = []
        self._picks: list[tuple[object, ...]] = []
        self._failures: list[tuple[object, ...]] = []
        self._since = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.commit()

    def add(self, group: Group, node: Node, ordinal: int, asked: tuple[Request, Completion] | None) -> None:
        """A node, with what was asked for it if a model was."""
        if asked:
            self._fresh[asked[0].key] = asked[1]
        place = (
            node.id,
            group.parent,
            self._recipe,
            node.level,
            ordinal,
            group.level.depth,
            group.level.speaks,
        )
        self._nodes.append((*place, node.text, node.data, *_asked(group.level, asked), self._run_id))

    def pick(self, level: ir.Level, how: ir.Distinct, picked: Sequence[Node]) -> None:
        """Siblings in the order they were picked."""
        selector = planner.selector(level, how)
        self._picks += [(selector, node.id, rank) for rank, node in enumerate(picked)]

    def fail(self, group: Group, slot: int, key: str | None, reason: str) -> None:
        """A slot that has no node, and why."""
        self.tally.failed += 1
        self._failures.append((group.level.name, slot, group.parent, key, reason, self._run_id))

    def held(self, keys: Collection[str]) -> dict[str, Completion]:
        """Completions of requests that were answered before, in this build or an earlier one, by key."""
        fresh = {key: self._fresh[key] for key in keys if key in self._fresh}
        earlier = self._earlier([key for key in keys if key not in fresh])
        if not earlier:
            return fresh
        columns = [field for field in Completion.__slots__ if field != "key"]
        rows = self._warehouse.generations(earlier).select("request_key", *columns).iter_rows()
        return fresh | {row[0]: Completion(*row) for row in rows}

    def _earlier(self, keys: Sequence[str]) -> list[str]:
        """Those of the keys that may have an answer in the warehouse, by their first 64 bits."""
        words = np.array([fingerprint.head(key) for key in keys], dtype=np.uint64)
        there = self._answered[np.searchsorted(self._answered, words)] == words
        pairs = zip(keys, words.tolist(), there.tolist(), strict=True)
        return [key for key, word, held in pairs if held or word in self._since_then]

    def commit_if_due(self) -> None:
        """Commit when the open batch is full or old."""
        rows = len(self._nodes) + len(self._picks) + len(self._failures)
        if rows >= BATCH_ROWS or (rows and time.monotonic() - self._since > BATCH_SECONDS):
            self.commit()

    def commit(self) -> None:
        """Write the open batch in one transaction."""
        if self._nodes or self._picks or self._failures:
            self._warehouse.append(
                self._recipe,
                pl.DataFrame(self._nodes, schema=NODES, orient="row"),
                pl.DataFrame(self._picks, schema=PICKS, orient="row"),
                pl.DataFrame(self._failures, schema=FAILURES, orient="row"),
            )
            self._nodes, self._picks, self._failures = [], [], []
            self._since_then.update(map(fingerprint.head, self._fresh))
            self._fresh.clear()
        self._since = time.monotonic()


def _asked(level: ir.Level, asked: tuple[Request, Completion] | None) -> tuple[object, ...]:
    """Columns from `request_key` to `model`."""
    if asked is None or level.ask is None:
        return (None,) * 6
    request, done = asked
    counts = (done.prompt_tokens, done.completion_tokens, done.finish_reason, done.mean_logprob)
    return (request.key, *counts, level.ask.model.id)
