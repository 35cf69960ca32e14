"""Refilling: branches are raised until the mix has its rows, and the corpus is that of the recipe alone."""

import json
from itertools import pairwise
from pathlib import Path

import pytest

from tests.workshop import Workshop
from tgc import driver
from tgc.executor import Outcome
from tgc.executor.watch import Silent
from tgc.planner.scope import Scope
from tgc.planner.steps import Emit, Grow, Refill, Select, Sift
from tgc.project import Project
from tgc.versions import gc

RECIPE = """\
name: demo
seed: 7
model: builtin:atlas
tree:
  topic: {values: [physics, law, music]}
  question: {role: user, system: "Talk about {{ topic }}.", branch: 4, max_tokens: 16}
  answer: {role: assistant, branch: 2, max_tokens: 32}
filters: [{kind: length, level: answer, max_chars: 20}]
mix: {size: 8, refill: {answer: 24}}
emit: [{format: messages, path: messages.jsonl}]
"""


class Told(Silent):
    """Remembers what is said of refilling."""

    def __init__(self) -> None:
        self.told: list[tuple[str, int, int]] = []

    def refilling(self, level: str, branch: int, nodes: int) -> None:
        self.told.append((level, branch, nodes))


class Stopping(Silent):
    """Stops a build after so many nodes."""

    def __init__(self, after: int) -> None:
        self.left = after

    @property
    def stopping(self) -> bool:  # type: ignore[override] # what looks away never stops
        return self.left <= 0

    def made(self, level: str, tokens: int) -> None:
        self.left -= 1


@pytest.fixture
def shop(tmp_path: Path) -> Workshop:
    found = Workshop(tmp_path)
    found.write(RECIPE)
    return found


def done(outcome: Outcome | None) -> Outcome:
    assert outcome is not None
    assert outcome.status == "done"
    return outcome


def corpus(shop: Workshop) -> bytes:
    return (shop.root / "warehouse" / "mixes" / "demo" / "messages.jsonl").read_bytes()


def manifest(shop: Workshop) -> dict[str, object]:
    found = json.loads((shop.root / "warehouse" / "mixes" / "demo" / "manifest.json").read_bytes())
    assert isinstance(found, dict)
    return found


def rows(outcome: Outcome) -> int:
    assert outcome.selection is not None
    return outcome.selection.rows.height


def test_without_refill_a_build_says_what_is_needed(shop: Workshop) -> None:
    shop.edit(", refill: {answer: 24}", "")
    outcome = done(shop.build())
    assert outcome.selection is not None
    need = outcome.selection.need
    assert rows(outcome) < 8
    assert need is not None
    assert (need.level, need.branch) == ("answer", 2)
    assert need.wanted is not None
    shop.edit("branch: 2", f"branch: {need.wanted}")
    assert rows(done(shop.build())) > rows(outcome)


def test_with_refill_a_build_gives_all_rows(shop: Workshop) -> None:
    assert rows(done(shop.build())) == 8


def test_a_refilled_mix_is_up_to_date(shop: Workshop) -> None:
    shop.build()
    shop.asked()
    assert shop.plan().steps == ()
    assert shop.build() is None
    assert shop.asked() == 0


def test_the_bound_is_kept(shop: Workshop) -> None:
    shop.edit("{answer: 24}", "{answer: 3}")
    outcome = done(shop.build())
    assert rows(outcome) < 8
    assert shop.sql("select max(ordinal) from nodes where level = 'answer'").item() == 2
    assert shop.plan().steps == ()


def test_a_plan_tells_nodes_that_are_to_be_refilled_again(shop: Workshop) -> None:
    shop.build()
    branch = int(shop.sql("select max(ordinal) + 1 from nodes where level = 'answer'").item())
    shop.edit("max_chars: 20", "max_chars: 21")
    assert shop.levels()["answer"].why == f"to refill again: {branch} → 2"
    assert {step.why for step in shop.plan().steps if not isinstance(step, Grow)} == {"filters changed"}


@pytest.mark.parametrize("after", [3, 13, 40, 55])
def test_interruptions_do_not_change_the_corpus(shop: Workshop, tmp_path: Path, after: int) -> None:
    other = Workshop(tmp_path / "other")
    other.write(RECIPE)
    done(other.build())
    first = shop.build(Stopping(after))
    assert first is not None
    assert first.status == "interrupted"
    done(shop.build())
    assert corpus(shop) == corpus(other)


def test_the_corpus_does_not_depend_on_what_was_built_before(shop: Workshop, tmp_path: Path) -> None:
    other = Workshop(tmp_path / "other")
    other.write(RECIPE)
    other.edit("max_chars: 20", "max_chars: 30")
    done(other.build())
    shop.build()
    shop.edit("max_chars: 20", "max_chars: 30")
    done(shop.build())
    assert corpus(shop) == corpus(other)
    shop.edit("max_chars: 30", "max_chars: 20")
    shop.asked()
    done(shop.build())
    assert shop.asked() == 0


def test_taking_refill_away_hides_the_nodes_beyond(shop: Workshop, tmp_path: Path) -> None:
    plain = RECIPE.replace(", refill: {answer: 24}", "")
    other = Workshop(tmp_path / "other")
    other.write(plain)
    done(other.build())
    done(shop.build())
    shop.write(plain)
    shop.asked()
    done(shop.build())
    assert shop.asked() == 0
    assert corpus(shop) == corpus(other)


def test_a_mix_of_a_tree_that_is_not_whole_is_refilled_by_the_next_build(shop: Workshop) -> None:
    assert rows(done(shop.build(scope=Scope(limit=20)))) < 8
    assert shop.plan().steps != ()
    assert rows(done(shop.build())) == 8


def test_a_mix_alone_is_refilled_by_what_is_held_and_asks_nothing(shop: Workshop) -> None:
    shop.edit(", refill: {answer: 24}", "")
    shop.build()
    shop.edit("mix: {size: 8}", "mix: {size: 8, refill: {answer: 24}}")
    poor = driver.mix(driver.check(shop.recipe))
    assert rows(done(poor)) < 8
    assert rows(done(shop.build())) == 8
    shop.edit("path: messages.jsonl", "path: again.jsonl")
    assert rows(done(driver.mix(driver.check(shop.recipe)))) == 8
    assert shop.plan().steps == ()


def test_a_plan_says_how_far_it_may_go(shop: Workshop) -> None:
    assert [type(step) for step in shop.plan().steps] == [Grow, Sift, Select, Refill, Emit]


def test_the_manifest_tells_how_far_it_went(shop: Workshop) -> None:
    done(shop.build())
    told = manifest(shop)["refill"]
    branch = shop.sql("select max(ordinal) + 1 from nodes where level = 'answer'").item()
    assert told == {"answer": {"branch": branch, "most": 24}}
    assert branch > 2


def test_each_step_is_told_and_at_most_doubles_the_branch(shop: Workshop) -> None:
    watch = Told()
    done(shop.build(watch))
    branches = [2, *(branch for _, branch, _ in watch.told)]
    steps = list(pairwise(branches))
    assert {level for level, _, _ in watch.told} == {"answer"}
    assert all(before < after <= 2 * before for before, after in steps)
    assert [nodes for _, _, nodes in watch.told] == [12 * (after - before) for before, after in steps]


def test_a_plan_says_how_many_nodes_it_may_take(shop: Workshop) -> None:
    planned = shop.plan()
    assert planned.new == 12 + 24
    assert planned.refill == 12 * 22


def test_the_nodes_beyond_are_needed_and_a_full_refresh_makes_them_again(shop: Workshop) -> None:
    done(shop.build())
    before, asked = corpus(shop), shop.asked()
    assert len(gc.survey(Project(shop.root)).dropped) == 0
    done(shop.build(scope=Scope(afresh=True)))
    assert shop.asked() == asked
    assert corpus(shop) == before


def test_siblings_that_are_picked_are_refilled_too(shop: Workshop, tmp_path: Path) -> None:
    picked = RECIPE.replace("max_tokens: 32}", "max_tokens: 32, distinct: {by: mmr, oversample: 1.5}}")
    other = Workshop(tmp_path / "other")
    other.write(picked)
    assert rows(done(other.build())) == 8
    assert other.plan().steps == ()
    shop.write(picked)
    shop.build(Stopping(60))
    done(shop.build())
    assert corpus(shop) == corpus(other)


def test_levels_above_are_refilled_when_those_below_are_at_their_bound(shop: Workshop) -> None:
    shop.edit("{answer: 24}", "{answer: 3, question: 40}")
    watch = Told()
    assert rows(done(shop.build(watch))) == 8
    assert [level for level, _, _ in watch.told[:2]] == ["answer", "question"]
    assert shop.plan().steps == ()
