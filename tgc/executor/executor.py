"""Carrying out a plan, step by step: the only place where backend and warehouse meet."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import assert_never

import polars as pl

from tgc import history, ir, mixing, planner, sieve
from tgc.catalog import VERDICTS, Record
from tgc.executor import growth, packages, searching
from tgc.executor.embedding import Embedding
from tgc.executor.ledger import Ledger, Tally
from tgc.executor.sessions import Sessions
from tgc.executor.watch import Watch
from tgc.mixing import Mixture, Selection, Stock, needs, stocked
from tgc.mixing.output import emit
from tgc.planner import changes, refill
from tgc.planner.steps import Emit, Grow, Plan, Refill, Select, Sift, Step
from tgc.warehouse import Status, Warehouse


@dataclass(frozen=True, slots=True)
class Site:
    """Where a build works: what it reads and writes, who generates, who looks on.

    Attributes:
        directory: where the mix goes.
        vectors: where those of texts are kept.
        commit: git commit of the recipe, and whether its files differ from it; None outside git.
    """

    warehouse: Warehouse
    sessions: Sessions
    watch: Watch
    directory: Path
    vectors: Path
    commit: tuple[str | None, bool | None]


@dataclass(slots=True)
class Outcome:
    """What a build has come to so far.

    Attributes:
        verdicts: those that reject a node, or remark on one; the warehouse has all.
        missing: nodes that models were not asked for, since they were left out of the build.
        raised: the program with branches raised to refill the mix; None if none was.
        settled: whether the mix is as full as it will get.
    """

    run_id: int
    status: Status = "failed"
    tally: Tally = field(default_factory=Tally)
    verdicts: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=VERDICTS))
    mixture: Mixture | None = None
    files: tuple[str, ...] = ()
    missing: int = 0
    raised: ir.Program | None = None
    settled: bool = False

    @property
    def selection(self) -> Selection | None:
        """What the tree gave to the mix."""
        return self.mixture.selection if self.mixture else None


def execute(plan: Plan, site: Site) -> Outcome:
    """Carry out the steps of a plan; the run in the warehouse is closed however it ends.

    When requests fail the mix is emitted from what there is, and the status says so; after an interruption it is
    not, for the next build completes the tree first.

    Raises:
        BackendError: a package is missing, or a model or its tokenizer cannot be loaded; what was committed stays.
        RecipeError: files that are blended in have bad rows; nothing has been generated.
    """
    for problem in packages.missing(plan.steps):
        raise problem
    if plan.program.mix.blend:
        site.watch.working("reading what is blended in")
    with stocked(plan.program, site.directory, site.sessions.counter(plan.program)) as stocks:
        return _execute(plan, site, mixing.screened(plan.program, stocks))


def _execute(plan: Plan, site: Site, stocks: Sequence[Stock]) -> Outcome:
    started = time.monotonic()
    outcome = Outcome(_start(plan, site))
    try:
        for step in plan.steps:
            if site.watch.stopping:
                outcome.status = "interrupted"
                return outcome
            _carry_out(step, plan, site, outcome, stocks)
        outcome.status = "failed" if outcome.tally.failed else "done"
        return outcome
    except KeyboardInterrupt:
        outcome.status = "interrupted"
        raise
    finally:
        _finish(plan, site, outcome, time.monotonic() - started)


def _carry_out(step: Step, plan: Plan, site: Site, outcome: Outcome, stocks: Sequence[Stock]) -> None:
    match step:
        case Grow():
            site.watch.working("growing the tree")
            _grow(plan, site, outcome)
        case Sift():
            site.watch.working("filtering")
            outcome.verdicts = _sift(plan, site)
        case Select():
            site.watch.working("choosing the mix")
            outcome.mixture = _mixed(plan.program, site, outcome.verdicts, stocks)
        case Refill():
            _refill(step, plan, site, outcome, stocks)
        case Emit():
            site.watch.working("writing the mix")
            _emit(plan, site, outcome)
        case _:
            assert_never(step)


def _mixed(program: ir.Program, site: Site, verdicts: pl.DataFrame, stocks: Sequence[Stock]) -> Mixture:
    """The mix; verdicts are added on conversations that say what other rows say."""
    warehouse, embed = site.warehouse, Embedding(site.vectors, site.sessions)
    mixture = mixing.mixed(program, warehouse.corpus(program.name), verdicts, stocks, embed)
    repeats = mixture.selection.repeats
    if repeats.height:
        warehouse.judge_further(program.name, mixing.verdicts(program.name, repeats))
    return mixture


def _refill(step: Refill, plan: Plan, site: Site, outcome: Outcome, stocks: Sequence[Stock]) -> None:
    """Raise branches as long as the mix needs it; that is settled unless nodes are missing.

    How far depends on nothing but the recipe and what models say to it, so an interruption changes nothing.
    """
    name, wide = plan.program.name, plan
    while outcome.selection and _is_whole(wide.program, site.warehouse):
        program = needs.wider(wide.program, outcome.selection.need)
        if program is None:
            outcome.settled = True
            return
        wide = planner.plan(program, site.warehouse.catalog(name, texts=program.gated))
        if wide.lacking and not step.asks:
            return
        _tell(site.watch, outcome.selection.need, wide)
        site.warehouse.keep(name, {level.level.name: level.wanted for level in wide.levels})
        for part in (Grow(wide.levels), Sift(program.checks, step.why), Select(program.mix, step.why)):
            _carry_out(part, wide, site, outcome, stocks)
        outcome.raised = program


def _tell(watch: Watch, needed: needs.Need | None, wide: Plan) -> None:
    if needed is not None:
        watch.refilling(needed.level, wide.program.level(needed.level).branch, wide.new)


def _is_whole(program: ir.Program, warehouse: Warehouse) -> bool:
    catalog = warehouse.catalog(program.name, texts=program.gated)
    return all(level.done for level in planner.plan(program, catalog).levels)


def _start(plan: Plan, site: Site) -> int:
    program = plan.program
    if len(plan.forgotten):
        site.warehouse.drop(plan.forgotten)
    run_id = site.warehouse.start(
        program.name, program.text, history.templates(program), _records(plan, site.warehouse), site.commit
    )
    site.warehouse.keep(program.name, {level.level.name: level.wanted for level in plan.levels})
    return run_id


def _records(plan: Plan, warehouse: Warehouse) -> dict[str, Record]:
    """What the next plan needs to know: of levels that are grown as they are now, of others as they were."""
    idle = plan.new and not any(isinstance(step, Grow) for step in plan.steps)
    now = {level.name: changes.record(level) for level in plan.program.levels}
    grown = {name: record for name, record in now.items() if name in plan.chosen and not idle}
    if len(grown) == len(now):
        return grown
    before = warehouse.catalog(plan.program.name).records
    return {name: grown.get(name) or before.get(name, changes.UNBUILT) for name in now}


def _grow(plan: Plan, site: Site, outcome: Outcome) -> None:
    name = plan.program.name
    catalog = site.warehouse.catalog(name)
    with Ledger(name, outcome.run_id, site.warehouse, outcome.tally) as ledger:
        growth.grow(plan, catalog, ledger, site.warehouse, site.sessions, site.watch)


def _sift(plan: Plan, site: Site) -> pl.DataFrame:
    """Write what the filters say as they say it; what of it decides about the mix, or is worth a remark."""
    program, warehouse = plan.program, site.warehouse
    picked = planner.picked(program, warehouse.catalog(program.name))
    embed = Embedding(site.vectors, site.sessions)
    telling = [pl.DataFrame(schema=VERDICTS)]
    corpus = warehouse.corpus(program.name)
    verdicts = sieve.sifting(program, corpus, picked, warehouse, embed, searching.exact)
    warehouse.judge(program.name, _noted(verdicts, telling))
    return pl.concat(telling)


def _noted(verdicts: Iterator[pl.DataFrame], telling: list[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    for said in verdicts:
        telling.append(said.filter(~pl.col("kept") | pl.col("reason").is_not_null()))
        yield said


def _emit(plan: Plan, site: Site, outcome: Outcome) -> None:
    """Write the files, and keep in the warehouse which conversations they hold and what they were made of."""
    if outcome.mixture is None:
        return
    program, warehouse = outcome.raised or plan.program, site.warehouse
    now = planner.plan(program, warehouse.catalog(program.name, texts=program.gated))
    outcome.missing = 0 if plan.whole else now.lacking
    emit.emit(program, outcome.mixture, site.directory, site.commit)
    outcome.files = emit.files(program)
    made_of = refill.identity(now.identity, plan.program, program, settled=outcome.settled)
    warehouse.publish(program.name, outcome.run_id, made_of, outcome.mixture.rows, outcome.files)


def _finish(plan: Plan, site: Site, outcome: Outcome, seconds: float) -> None:
    tally = outcome.tally
    site.warehouse.finish(
        outcome.run_id,
        outcome.status,
        tally.generated,
        plan.held,
        tally.prompt_tokens,
        tally.completion_tokens,
        seconds,
    )
    sessions = site.sessions
    if sessions.work.height:
        site.warehouse.measure(outcome.run_id, sessions.profile, sessions.devices, sessions.work)
