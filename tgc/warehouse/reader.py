"""What can be asked of a warehouse; the answers are plain values and polars frames."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import polars as pl

from tgc.catalog import NODES, Archive, Catalog, Corpus, History, Lengths, Pace, Record, Run
from tgc.filters.base import MEASURES
from tgc.fingerprint import Ids, head
from tgc.warehouse import migrations, opening
from tgc.warehouse.archive import Stored
from tgc.warehouse.corpus import Held
from tgc.warehouse.header import Value, with_defaults
from tgc.warehouse.levels import records
from tgc.warehouse.source import Source

RECENT = 20
"""How many earlier measurements of a profile say how fast it is."""


class Reader:
    """An open warehouse, to be read."""

    def __init__(self, database: Source) -> None:
        self._database = database

    @property
    def live(self) -> bool:
        """Whether a build may be writing; all answers are of one moment nonetheless."""
        return self._database.live

    @property
    def archive(self) -> Archive:
        """Every node held, of which no more texts are in memory than are looked at."""
        return Stored(self._database)

    def catalog(self, recipe: str, texts: bool = False) -> Catalog:
        """What planning may know of a recipe; with `texts`, also those of all nodes, for some may be adopted."""
        levels, status = self._last(recipe)
        return Catalog(
            held=self._ascending("read_held"),
            members=self._members(recipe),
            ranks=self._ranks(),
            records=records(levels),
            archive=self.archive if texts else None,
            emitted=next(iter(self._database.frame("read_emitted", recipe)["identity"]), None),
            status=status,
        )

    def all_nodes(self) -> pl.DataFrame:
        """Every node held, parents before children; `recipe` is null."""
        return _nodes(self._database.frame("read_all"))

    def nodes(self, recipe: str) -> pl.DataFrame:
        """The recipe's nodes, parents before children, in ascending id within a level."""
        return _nodes(self._database.frame("read_nodes", recipe))

    def corpus(self, recipe: str) -> Corpus:
        """The same nodes, of which no more texts are in memory than are looked at."""
        return Held(self._database, recipe)

    def recall(self, metric: str, node_ids: pl.Series) -> pl.DataFrame:
        """What was measured of these nodes by that metric (columns of `MEASURES`), as far as it was."""
        wanted = pl.DataFrame({"node_id": node_ids}, schema={"node_id": pl.UInt64})
        return self._database.frame("read_measures", metric, wanted=wanted).cast(pl.Schema(MEASURES))

    def paths(self, node_ids: Ids) -> pl.DataFrame:
        """These nodes and all their ancestors, parents before children; `recipe` is null."""
        return self._found("read_ascent", wanted=_ids(node_ids)).sort("depth", "node_id")

    def siblings(self, parent_ids: Ids) -> pl.DataFrame:
        """The nodes held directly under these parents, in ascending id; `recipe` is null."""
        return self._found("read_siblings", wanted=_ids(parent_ids)).sort("node_id")

    def some(self, node_ids: Ids) -> pl.DataFrame:
        """These nodes, in ascending id; `recipe` is null."""
        return self._found("read_addresses", wanted=_ids(node_ids)).sort("node_id")

    def between(self, first: int, last: int, most: int) -> list[int]:
        """The nodes held in a range of ids, ascending, as many as `most`."""
        return self._database.frame("read_between", first, last, most)["node_id"].to_list()

    def outline(self, recipe: str) -> pl.DataFrame:
        """Where the recipe's nodes are in its tree, and the filter that rejected each, if one did; no texts."""
        return self._database.frame("read_outline", recipe, recipe)

    def memberships(self, node_id: int) -> list[tuple[str, str]]:
        """The recipes whose node it is as of their last build, each with what its level is called there."""
        return self._database.frame("read_memberships", node_id).rows()

    def verdicts(self, node_id: int) -> pl.DataFrame:
        """What the filters of each recipe said of a node."""
        return self._database.frame("read_verdicts", node_id)

    def run(self, run_id: int) -> Run | None:
        """One build with what it was made from; None where it is unknown."""
        for number, recipe, text, templates, levels, *when in self._database.frame(
            "read_run", run_id
        ).iter_rows():
            return Run(number, recipe, text, json.loads(templates), records(levels), *when)
        return None

    def records(self, recipe: str) -> Mapping[str, Record]:
        """The levels of a recipe as of its last build, parents before children; none before the first."""
        levels, _ = self._last(recipe)
        return records(levels)

    def emissions(self, node_id: int, most: int) -> pl.DataFrame:
        """The mixes with rows that end in a node or below it, newest first: how many, and the first of them."""
        return self._database.frame("read_emissions", node_id, most)

    def mixed(self) -> list[str]:
        """The recipes that have a mix."""
        return self._database.frame("read_mixed")["recipe"].to_list()

    def newest_mix(self, recipe: str) -> tuple[int, int] | None:
        """The id of a recipe's newest mix, and how many rows it has."""
        return next(self._database.frame("read_newest_mix", recipe).iter_rows(), None)

    def mix_row(self, mix_id: int, position: int) -> dict[str, Any] | None:  # Any: columns of several types
        """One row of a mix; None where it has none at that position."""
        return next(self._database.frame("read_mix_row", mix_id, position).iter_rows(named=True), None)

    def leaves(self, mix_id: int, first: int, last: int, most: int) -> dict[int, int]:
        """The rows of a mix whose last node is in a range of ids: their positions by it, as many as `most`."""
        return dict(self._database.frame("read_leaves_between", mix_id, first, last, most).iter_rows())

    def keys(self) -> Ids:
        """Every request key held, ascending."""
        return self._database.frame("read_keys")["request_key"].sort().to_numpy()

    def generations(self, keys: Sequence[str]) -> pl.DataFrame:
        """One held node for each of these request keys that has any; `recipe` is null."""
        wanted = pl.DataFrame({"request_key": [*map(head, keys)]}, schema={"request_key": pl.UInt64})
        found = self._found("read_generations", wanted=wanted)
        return found.with_columns(text=pl.coalesce("value", "text")).sort("request_key")

    def history(self, recipe: str, levels: Mapping[str, Ids], profile: str) -> History:
        """What earlier builds tell of another of this recipe with that profile.

        Lengths are those of the nodes that are given by level, and of a level without any those of the last build.
        Paces are medians over recent builds.
        """
        asked = pl.DataFrame({"level": list(levels)}, schema={"level": pl.String})
        lengths = self._database.frame("read_lengths", recipe, asked=asked, wanted=by_level(levels))
        recent = self._database.frame("read_throughput", profile, RECENT)
        return History({level: Lengths(*means) for level, *means in lengths.iter_rows()}, _paces(recent))

    def cited(self) -> Ids:
        """The last node of every row of every mix, ascending."""
        return self._database.frame("read_cited")["node_id"].to_numpy()

    def everybodys(self) -> Ids:
        """The nodes that are some recipe's as of its last build, ascending."""
        return self._database.frame("read_every_member")["node_id"].to_numpy()

    def picks(self) -> Ids:
        """The nodes that were picked from among their siblings by some recipe, ascending."""
        return self._database.frame("read_every_pick")["node_id"].to_numpy()

    def levels(self) -> dict[int, Mapping[str, Record]]:
        """What each run knew of its levels, by the run's id."""
        return {
            run_id: records(said) for run_id, said in self._database.frame("read_every_level").iter_rows()
        }

    def weigh(self, node_ids: Ids) -> pl.DataFrame:
        """How many of these nodes each recipe has made on each level, and about how many bytes they take."""
        return self._database.frame("weigh", wanted=_ids(node_ids))

    def forgettable(self, recipe: str, wanted: Ids) -> Ids:
        """What a model wrote for a recipe and what hangs below it, ascending: what is forgotten to be made afresh.

        That is the nodes of its last build, the `wanted` ones, and others with an answer to the same request. What
        another recipe's last build or one of its mixes rests on is not among them.
        """
        return self._database.frame("read_forgettable", recipe, wanted=_ids(wanted))["node_id"].to_numpy()

    def runs(self) -> pl.DataFrame:
        """All builds, oldest first: the view `runs`, where one that was killed says that it was interrupted."""
        found = self._database.frame("read_runs")
        return found if self.live else found.with_columns(pl.col("status").replace("running", "interrupted"))

    def sql(self, query: str, /, **values: Value) -> pl.DataFrame:
        """The answer to one SELECT over the views; `values` are bound to its parameters, such as `$recipe`.

        Raises:
            UsageError: when it is anything else, or has other parameters.
        """
        return self._database.select(query, with_defaults(query, values))

    def _last(self, recipe: str) -> tuple[str, str | None]:
        """The levels and the status of a recipe's last build; one that was killed says that it is running."""
        levels, status = next(self._database.frame("read_levels", recipe).iter_rows(), ("{}", None))
        return levels, "interrupted" if status == "running" and not self.live else status

    def _found(self, statement: str, *values: object, **frames: pl.DataFrame) -> pl.DataFrame:
        """The nodes whose numbers a statement gives: looked for first, read then, for texts are far the most."""
        numbers = self._database.frame(statement, *values, **frames)["number"].to_list()
        return _nodes(self._database.frame("read_numbered", numbers))

    def _members(self, recipe: str) -> Mapping[str, Ids]:
        levels = self._database.frame("read_member_levels", recipe)["level"]
        return {level: self._ascending("read_level_members", recipe, level) for level in levels}

    def _ranks(self) -> Mapping[str, tuple[Ids, Ids]]:
        selectors = self._database.frame("read_selectors")["selector"]
        return {selector: self._ranked(selector) for selector in selectors}

    def _ranked(self, selector: str) -> tuple[Ids, Ids]:
        picks = self._database.frame("read_picks", selector).cast({"rank": pl.UInt64})
        return picks["node_id"].to_numpy(), picks["rank"].to_numpy()

    def _ascending(self, statement: str, *values: object) -> Ids:
        """The ids that a statement gives; polars puts ten million in order in a quarter of DuckDB's time."""
        return self._database.frame(statement, *values)["node_id"].sort().to_numpy()


@contextmanager
def read(path: Path) -> Iterator[Reader | None]:
    """A reader of the warehouse in that file, or None where there is none; nothing is created.

    Where a build holds the file, the build is asked.

    Raises:
        WarehouseError: who holds it cannot be asked, or another version of tgc wrote it.
    """
    if not path.exists():
        yield None
        return
    with closing(opening.to_read(path)) as source:
        migrations.check(source)
        yield Reader(source)


def by_level(levels: Mapping[str, Ids]) -> pl.DataFrame:
    """Ids of nodes as rows, each with its level."""
    schema = {"level": pl.String, "node_id": pl.UInt64}
    frames = [
        pl.DataFrame({"level": level, "node_id": pl.Series(ids, dtype=pl.UInt64)}, schema=schema)
        for level, ids in levels.items()
    ]
    return pl.concat([pl.DataFrame(schema=schema), *frames])


def _paces(recent: pl.DataFrame) -> Mapping[str, Pace]:
    wrote = recent.filter((pl.col("seconds") > 0) & (pl.col("completion_tokens") > 0))
    speed = (pl.col("completion_tokens") / pl.col("seconds")).median()
    models = wrote.group_by("model", maintain_order=True).agg(speed.alias("speed"), pl.col("devices").first())
    return {model: Pace(tokens, tuple(devices)) for model, tokens, devices in models.iter_rows()}


def _ids(node_ids: Ids) -> pl.DataFrame:
    return pl.DataFrame({"node_id": pl.Series(node_ids, dtype=pl.UInt64)})


def _nodes(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.select(*NODES).cast(pl.Schema(NODES))
