"""What a build writes: whole batches, each in one transaction, so that progress is the set of nodes."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack, suppress
from functools import cached_property, wraps
from pathlib import Path
from types import TracebackType
from typing import Concatenate, Literal, ParamSpec, Self, TypeVar

import numpy as np
import polars as pl

from tgc import __version__
from tgc.catalog import FAILURES, MIX_ROWS, NODES, PICKS, WORK, Record
from tgc.errors import WarehouseError
from tgc.filters.base import MEASURES
from tgc.fingerprint import Ids, digest
from tgc.warehouse import migrations, opening
from tgc.warehouse.database import Database, MemoryFullError
from tgc.warehouse.endpoint import serving
from tgc.warehouse.judging import Said, by_filter, slices, weight, weights
from tgc.warehouse.levels import spelled
from tgc.warehouse.numbers import Counted, Numbers
from tgc.warehouse.owners import Book, Owners
from tgc.warehouse.reader import Reader

Status = Literal["done", "failed", "interrupted"]
Given = ParamSpec("Given")
Result = TypeVar("Result")
TRIES = 20
"""How often to turn away those who take the memory that a write needs."""
UNSORTED = 1_000_000
"""How many nodes may be found by a look at all that came since addresses were sorted: about 2 ms for a million."""
NONE: Ids = np.empty(0, dtype=np.uint64)


def _insisting(
    write: Callable[Concatenate["Warehouse", Given], Result],
) -> Callable[Concatenate["Warehouse", Given], Result]:
    """Have a write go before the questions of others where these have taken all memory."""

    @wraps(write)
    def insist(self: "Warehouse", /, *given: Given.args, **named: Given.kwargs) -> Result:
        for _ in range(TRIES):
            try:
                return write(self, *given, **named)
            except MemoryFullError:
                self._hush()
        return write(self, *given, **named)

    return insist


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
        hush = stack.enter_context(serving(database, path))
        stack.callback(_sort_addresses, database)
        return cls(database, stack, hush)

    def __init__(self, database: Database, stack: ExitStack, hush: Callable[[], None]) -> None:
        super().__init__(database)
        self._database: Database = database
        self._stack = stack
        self._hush = hush

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    @_insisting
    def start(
        self,
        recipe: str,
        text: str,
        templates: Mapping[str, str],
        levels: Mapping[str, Record],
        git: tuple[str | None, bool | None],
    ) -> int:
        """The id of a new run: of a recipe's canonical text, its templates' texts, its levels and its commit."""
        texts = json.dumps(templates, ensure_ascii=False)
        values = (recipe, text, digest(text), texts, spelled(levels), *git, __version__)
        return self._numbered("start_run", *values)

    @_insisting
    def append(self, recipe: str, nodes: pl.DataFrame, picks: pl.DataFrame, failures: pl.DataFrame) -> None:
        """Commit a batch; nodes and picks that are held already stay as they are, and become the recipe's."""
        arriving = _shaped(nodes, NODES).unique("node_id", keep="first", maintain_order=True)
        held = self._numbers.of(arriving["node_id"].to_numpy()) > 0
        fresh = arriving.filter(~held)
        with self._database.transaction():
            if fresh.height:
                self._add(recipe, fresh)
            for (level,), group in arriving.filter(held).group_by("level", maintain_order=True):
                self._hand_over(group["node_id"].to_numpy(), _with(recipe, str(level)))
            if picks.height:
                self._database.change("append_picks", picked=_shaped(picks, PICKS))
            if failures.height:
                self._database.change("append_failures", recipe, failed=_shaped(failures, FAILURES))
        self._numbers.add(fresh["node_id"].to_numpy())

    @_insisting
    def keep(self, recipe: str, members: Mapping[str, Ids]) -> None:
        """Make these nodes, by level, the recipe's; others are hidden, not deleted."""
        held = self._members(recipe)
        wanted = {level: _ascending(ids) for level, ids in members.items()}
        changed = [
            (level, held.get(level, NONE), wanted.get(level, NONE))
            for level in sorted(held.keys() | wanted.keys())
            if not np.array_equal(held.get(level, NONE), wanted.get(level, NONE))
        ]
        if not changed:
            return
        with self._database.transaction():
            for level, before, after in changed:
                self._hand_over(_less(before, after), _without(recipe, level))
                self._hand_over(_less(after, before), _with(recipe, level))

    def judge(self, recipe: str, verdicts: Iterable[pl.DataFrame]) -> None:
        """Replace the verdicts of the recipe, from the first filter on that says anything else than before.

        They come in parts (columns of `VERDICTS`), filter by filter, of which one is in memory at a time; what
        each says is committed by itself.
        """
        held, stays = weights(self._database, recipe), True
        for name, said in by_filter(verdicts):
            stays = stays and held[:1] == [weight(self._database, name, said)]
            if not stays:
                self._rejudge(recipe, [row[0] for row in held], said)
            held = held[1:] if stays else []
        self._rejudge(recipe, [row[0] for row in held], ())

    def judge_further(self, recipe: str, verdicts: pl.DataFrame) -> None:
        """Add what is said after all filters (columns of `VERDICTS`)."""
        self._rejudge(recipe, (), [verdicts])

    @_insisting
    def remember(self, metric: str, measured: pl.DataFrame) -> None:
        """Keep what was measured of nodes of which that metric knows nothing (columns of `MEASURES`)."""
        if measured.height:
            self._database.change("append_measures", metric, measured=_shaped(measured, MEASURES))

    @_insisting
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

    @_insisting
    def drop(self, node_ids: Ids) -> None:
        """Delete nodes with all that was said of them, all or none."""
        wanted = pl.DataFrame({"node_id": pl.Series(node_ids, dtype=pl.UInt64)})
        with self._database.transaction():
            for table in ("failure", "verdict", "measure", "pick", "address", "node"):
                self._database.change(f"drop_from_{table}", wanted=wanted)
            self._database.change("lower_addressed")
        self.__dict__.pop("_numbers", None)

    @_insisting
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

    @_insisting
    def measure(self, run_id: int, profile: str, devices: Sequence[str], work: pl.DataFrame) -> None:
        """Keep how fast a run generated, by model (columns of `WORK`)."""
        self._database.change("append_throughput", run_id, profile, list(devices), worked=_shaped(work, WORK))

    @_insisting
    def _rejudge(self, recipe: str, withdrawn: Sequence[str], said: Said) -> None:
        """Replace what some filters of a recipe have said."""
        with self._database.transaction():
            if withdrawn:
                filters = pl.DataFrame({"filter": withdrawn})
                self._database.change("drop_verdicts", recipe, withdrawn=filters)
            for part in slices(said):
                self._database.change("write_verdicts", judged=part)

    @cached_property
    def _numbers(self) -> Numbers:
        return Numbers(self._database.frame("read_numbers"))

    def _add(self, recipe: str, fresh: pl.DataFrame) -> None:
        numbers = self._numbers.next(fresh.height)
        book = Book(self._database.frame("read_owners"))
        owners = {level: book.number(frozenset({(recipe, level)})) for level in fresh["level"].unique()}
        arriving = fresh.with_columns(
            number=pl.Series(numbers),
            above=pl.Series(self._above(fresh, numbers)),
            owners=pl.col("level").replace_strict(owners, return_dtype=pl.Int64),
        )
        if book.fresh.height:
            self._database.change("append_owners", named=book.fresh)
        self._database.change("append_nodes", arriving=arriving)

    def _above(self, fresh: pl.DataFrame, numbers: Counted) -> Counted:
        """The numbers of the parents, which are held or come with the same batch."""
        parents = fresh["parent_id"].to_numpy()
        above = self._numbers.of(parents)
        beside = dict(zip(fresh["node_id"].to_list(), numbers.tolist(), strict=True))
        for place in np.flatnonzero(above == 0).tolist():
            above[place] = beside.get(int(parents[place]), 0)
        return above

    def _hand_over(self, node_ids: Ids, change: Callable[[Owners], Owners]) -> None:
        """Change whose these nodes are."""
        if not len(node_ids):
            return
        wanted = pl.DataFrame({"node_id": pl.Series(node_ids, dtype=pl.UInt64)})
        book = Book(self._database.frame("read_owners"))
        moved = book.moved(self._database.frame("read_owned", wanted=wanted)["owners"], change)
        if book.fresh.height:
            self._database.change("append_owners", named=book.fresh)
        if moved.height:
            self._database.change("hand_over", moved=moved, wanted=wanted)

    def _numbered(self, statement: str, *values: object) -> int:
        (number,) = self._database.change(statement, *values)
        return int(number)


def _sort_addresses(database: Database) -> None:
    """Put in order what has come since; where that fails, all is found as before, a little later."""
    with suppress(WarehouseError):
        (arrived,) = database.change("count_unaddressed")
        if arrived > UNSORTED:
            with database.transaction():
                database.change("sort_addresses")
                database.change("mark_addressed")


def _ascending(ids: Ids) -> Ids:
    """Each once, in order, which those of a plan are."""
    return ids if (ids[1:] > ids[:-1]).all() else np.unique(ids)


def _less(some: Ids, others: Ids) -> Ids:
    """Those that are not among the others, both in order."""
    if not len(others):
        return some
    places = np.minimum(np.searchsorted(others, some), len(others) - 1)
    left: Ids = some[others[places] != some]
    return left


def _with(recipe: str, level: str) -> Callable[[Owners], Owners]:
    return lambda owners: owners | {(recipe, level)}


def _without(recipe: str, level: str) -> Callable[[Owners], Owners]:
    return lambda owners: owners - {(recipe, level)}


def _shaped(frame: pl.DataFrame, schema: Mapping[str, type[pl.DataType]]) -> pl.DataFrame:
    return frame.select(*schema).cast(pl.Schema(schema))
