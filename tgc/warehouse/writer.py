"""What a build writes: whole batches, each in one transaction, so that progress is the set of nodes."""

import json
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

import polars as pl

from tgc import __version__
from tgc.catalog import FAILURES, MIX_ROWS, NODES, PICKS, VERDICTS, WORK, Record
from tgc.filters.base import MEASURES
from tgc.fingerprint import Ids, digest
from tgc.warehouse import migrations, opening
from tgc.warehouse.database import Database
from tgc.warehouse.endpoint import serving
from tgc.warehouse.reader import Reader, by_level

Status = Literal["done", "failed", "interrupted"]


class Warehouse(Reader):
    """An open warehouse, to be read and written by this process, which answers others; a context manager."""

    @classmethod
    def open(cls, path: Path) -> Self:
        """The warehouse in that file, created or migrated as needed; a run that was killed is interrupted."""
        path.parent.mkdir(parents=True, exist_ok=True)
        database = opening.to_write(path)
        try:
            migrations.migrate(database)
            database.change("interrupt_runs")
        except BaseException:
            database.close()
            raise
        stack = ExitStack()
        stack.enter_context(serving(database, path))
        return cls(database, stack)

    def __init__(self, database: Database, stack: ExitStack) -> None:
        super().__init__(database)
        self._database: Database = database
        self._stack = stack

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def start(
        self,
        recipe: str,
        text: str,
        templates: Mapping[str, str],
        levels: Mapping[str, Record],
        git: tuple[str | None, bool | None],
    ) -> int:
        """The id of a new run: of a recipe's canonical text, its templates' texts, its levels and its commit."""
        spelled = {name: asdict(record) for name, record in levels.items()}
        texts = json.dumps(templates, ensure_ascii=False)
        values = (recipe, text, digest(text), texts, json.dumps(spelled), *git, __version__)
        return self._numbered("start_run", *values)

    def append(self, recipe: str, nodes: pl.DataFrame, picks: pl.DataFrame, failures: pl.DataFrame) -> None:
        """Commit a batch; nodes and picks that are held already stay as they are, and become the recipe's."""
        arriving = _shaped(nodes, NODES).unique("node_id", keep="first", maintain_order=True)
        with self._database.transaction():
            self._database.change("append_nodes", arriving=arriving)
            self._database.change("append_members", recipe, recipe, arriving=arriving)
            self._database.change("append_picks", picked=_shaped(picks, PICKS))
            self._database.change("append_failures", recipe, failed=_shaped(failures, FAILURES))

    def keep(self, recipe: str, members: Mapping[str, Ids]) -> None:
        """Make these nodes, by level, the recipe's; others are hidden, not deleted."""
        wanted = by_level(members).unique().sort("level", "node_id")
        if wanted.equals(self._database.frame("read_members", recipe)):
            return
        with self._database.transaction():
            self._database.change("clear_members", recipe)
            self._database.change("write_members", recipe, wanted=wanted)

    def judge(self, recipe: str, verdicts: pl.DataFrame) -> None:
        """Replace all verdicts of the recipe."""
        with self._database.transaction():
            self._database.change("clear_verdicts", recipe)
            self._database.change("write_verdicts", judged=_shaped(verdicts, VERDICTS))

    def remember(self, metric: str, measured: pl.DataFrame) -> None:
        """Keep what was measured of nodes of which that metric knows nothing (columns of `MEASURES`)."""
        if measured.height:
            self._database.change("append_measures", metric, measured=_shaped(measured, MEASURES))

    def publish(
        self, recipe: str, run_id: int | None, identity: str, rows: pl.DataFrame, outputs: Sequence[str]
    ) -> int:
        """The id of a new mix, given what it was made of, its rows (columns of `MIX_ROWS`) and its files."""
        selected = _shaped(rows, MIX_ROWS).with_row_index("position")
        tokens = int(rows["tokens"].sum())
        with self._database.transaction():
            values = (recipe, run_id, identity, rows.height, tokens, list(outputs))
            mix_id = self._numbered("write_mix", *values)
            self._database.change("write_mix_rows", mix_id, selected=selected)
        return mix_id

    def drop(self, node_ids: Ids) -> None:
        """Delete nodes with all that was said of them, all or none."""
        wanted = pl.DataFrame({"node_id": pl.Series(node_ids, dtype=pl.UInt64)})
        with self._database.transaction():
            for table in ("failure", "verdict", "measure", "pick", "member", "node"):
                self._database.change(f"drop_from_{table}", wanted=wanted)

    def finish(
        self,
        run_id: int,
        status: Status,
        generated: int,
        held: int,
        prompt_tokens: int,
        completion_tokens: int,
        seconds: float,
    ) -> None:
        """Close a run with what it did."""
        counts = (generated, held, prompt_tokens, completion_tokens)
        self._database.change("finish_run", status, *counts, seconds, run_id)

    def measure(self, run_id: int, profile: str, devices: Sequence[str], work: pl.DataFrame) -> None:
        """Keep how fast a run generated, by model (columns of `WORK`)."""
        self._database.change("append_throughput", run_id, profile, list(devices), worked=_shaped(work, WORK))

    def _numbered(self, statement: str, *values: object) -> int:
        (number,) = self._database.change(statement, *values)
        return int(number)


def _shaped(frame: pl.DataFrame, schema: Mapping[str, type[pl.DataType]]) -> pl.DataFrame:
    return frame.select(*schema).cast(pl.Schema(schema))
