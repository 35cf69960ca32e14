"""A mix that lacks rows says what it takes: of which level, how many more nodes."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import polars as pl
import pytest

from tests.mixing import avenue
from tgc import ir
from tgc.catalog import VERDICTS, Gathered
from tgc.executor import Outcome
from tgc.mixing import Selection, blend, select
from tgc.mixing.needs import Lack, Need, wider
from tgc.mixing.output.emit import emit
from tgc.origin import Origin
from tgc.render.outcome import summary
from tgc.sampling import Sampling

ASK = ir.Ask(ir.Model("m", Origin("m"), "", None), Sampling(), 8)
EVEN = (ir.Margin((ir.Key("topic"),)),)


def asking(mix: ir.Mix, branch: int = 4) -> ir.Program:
    """The avenue, where a model is asked for what is said."""
    program = avenue.program(mix)
    levels = (
        replace(level, does=ir.Turn(level.speaks, ASK), branch=branch) if level.speaks else level
        for level in program.levels
    )
    return replace(program, levels=tuple(levels))


def mixed(nodes: pl.DataFrame, mix: ir.Mix, *, without: str = "") -> Selection:
    """The mix of some nodes, were those of a level rejected."""
    rejected = nodes.filter(pl.col("level") == without).select("node_id", kept=False, filter=pl.lit("length"))
    verdicts = pl.concat([pl.DataFrame(schema=VERDICTS), rejected], how="diagonal")
    return select(asking(mix), Gathered(nodes), verdicts)


def said(nodes: pl.DataFrame, mix: ir.Mix) -> list[str]:
    """What a build says of a mix."""
    outcome = Outcome(1, status="done", mixture=blend(asking(mix), mixed(nodes, mix)))
    return summary(outcome, "here").splitlines()[1:-1]


def test_a_mix_that_has_its_rows_needs_nothing() -> None:
    nodes = avenue.nodes({"art": 10})
    assert mixed(nodes, ir.Mix(20, (), None)).need is None
    assert mixed(nodes, ir.Mix(None, (), None)).need is None
    assert mixed(nodes, ir.Mix(None, (), None, tokens=100)).need is None


def test_missing_rows_need_more_nodes_at_the_rate_so_far() -> None:
    need = mixed(avenue.nodes({"art": 10}), ir.Mix(30, (), None)).need
    assert need == Need("reply", 4, 6, 10, (Lack(None, (), 10, 1.5),))


def test_missing_tokens_need_more_nodes_too() -> None:
    nodes = avenue.nodes({"art": 10})
    tokens = int(mixed(nodes, ir.Mix(None, (), None)).rows["tokens"].sum())
    need = mixed(nodes, ir.Mix(None, (), None, tokens=2 * tokens)).need
    assert need == Need("reply", 4, 8, 20, (Lack(None, (), None, 2.0),))


def test_a_topic_that_lacks_rows_is_named() -> None:
    need = mixed(avenue.nodes({"art": 5, "law": 40}), ir.Mix(40, EVEN, None)).need
    assert need == Need("reply", 4, 8, 90, (Lack("topic", ("art",), 10, 2.0),))


def test_where_conversations_end_at_several_levels_all_are_helped_by_one_that_they_pass() -> None:
    need = mixed(avenue.nodes({"art": 5}), ir.Mix(40, (), None, turns=((1, 0.5), (2, 0.5)))).need
    assert need is not None
    assert need.level == "answer"


def test_nothing_is_foretold_where_nothing_was_accepted() -> None:
    need = mixed(avenue.nodes({"art": 5}), ir.Mix(40, (), None), without="reply").need
    assert need == Need("reply", 4, None, None, (Lack(None, (), 40, None),))


def test_what_no_model_writes_cannot_be_had_more_of() -> None:
    program = avenue.program(ir.Mix(40, (), None))
    assert select(program, Gathered(avenue.nodes({"art": 5})), pl.DataFrame(schema=VERDICTS)).need is None


ROWS = (Lack(None, (), 9, None),)


@pytest.mark.parametrize(("wanted", "branch"), [(5, 5), (7, 7), (11, 8), (None, 8)])
def test_a_branch_is_raised_as_far_as_needed_and_at_most_doubled(wanted: int | None, branch: int) -> None:
    widened = wider(asking(ir.Mix(40, (), None)), Need("reply", 4, wanted, None, ROWS, bound=9))
    assert widened is not None
    assert [level.branch for level in widened.levels] == [1, 4, 4, 4, branch]


def test_no_branch_is_raised_beyond_its_bound_and_none_that_has_no_bound() -> None:
    program = asking(ir.Mix(40, (), None))
    widened = wider(program, Need("reply", 4, 7, None, ROWS, bound=5))
    assert widened is not None
    assert widened.level("reply").branch == 5
    assert wider(widened, Need("reply", 5, 7, None, ROWS, bound=5)) is None
    assert wider(program, Need("reply", 4, 7, None, ROWS)) is None
    assert wider(program, None) is None


def test_no_branch_is_raised_for_values_that_nothing_has_had_so_far() -> None:
    program = asking(ir.Mix(40, (), None))
    never = (Lack("topic", ("law",), 9, None),)
    assert wider(program, Need("reply", 4, None, None, never, bound=9)) is None


def test_a_build_says_what_is_needed_and_where_to_write_it() -> None:
    nodes = avenue.nodes({"art": 5, "law": 40})
    assert said(nodes, ir.Mix(60, EVEN, None))[1:] == [
        "short of shares, which others make up for: `topic` by 20; manifest.json says where",
        "at the rate so far, 180 more nodes of `reply` would do; most are missing of art (20)",
        "that is `branch: 12` instead of 4, or `refill: {reply: 12}` in the mix",
    ]
    assert said(nodes, ir.Mix(60, EVEN, None, refill=(("reply", 4),)))[-1] == (
        "`refill` ends at a `branch` of 4, and that is one of 12"
    )
    assert said(nodes, ir.Mix(60, EVEN, None, refill=(("reply", 9),)))[-1] == (
        "`tgc build` of the whole recipe makes them"
    )


def test_of_several_levels_to_refill_the_deepest_that_may_is_raised() -> None:
    mix = ir.Mix(40, (), None, refill=(("answer", 8), ("reply", 4)))
    need = select(asking(mix), Gathered(avenue.nodes({"art": 5})), pl.DataFrame(schema=VERDICTS)).need
    assert need is not None
    assert need.level == "answer"


def test_the_manifest_has_what_is_needed(tmp_path: Path) -> None:
    program = asking(ir.Mix(30, EVEN, None))
    selection = select(program, Gathered(avenue.nodes({"art": 10})), pl.DataFrame(schema=VERDICTS))
    emit(program, blend(program, selection), tmp_path)
    told = json.loads((tmp_path / "manifest.json").read_bytes())["needs"]
    assert selection.need is not None
    assert told == json.loads(json.dumps(asdict(selection.need)))
    assert [lack["by"] for lack in told["lacks"]] == [None, "topic"]
