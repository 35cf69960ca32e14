"""Planning: pure set difference, whatever the tree."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tgc import assets, ir, lower, planner, source
from tgc.catalog import Catalog
from tgc.fingerprint import Ids


def program(topics: int, branch: int, deeper: int, seed: int = 0) -> ir.Program:
    text = f"""\
name: plan
seed: {seed}
model: builtin:atlas
tree:
  topic: {{values: [{", ".join(f"t{number}" for number in range(topics))}]}}
  question: {{role: user, branch: {branch}, max_tokens: 16}}
  answer: {{role: assistant, branch: {deeper}, max_tokens: 32}}
"""
    return lower.from_document(
        source.parse(text, "plan.yaml"), lower.Around(Path.cwd(), (assets.root() / "templates",))
    ).program


def every_slot(of: ir.Program) -> dict[str, Ids]:
    parents, found = np.zeros(1, dtype=np.uint64), {}
    for level in of.levels:
        parents = found[level.name] = planner.slots(level, parents).ids
    return found


def level_above(of: ir.Program, level: ir.Level) -> Ids:
    """Ids of all slots that a level hangs under."""
    return every_slot(of)[level.parent] if level.parent else np.zeros(1, dtype=np.uint64)


sizes = st.integers(1, 5)


@given(topics=sizes, branch=sizes, deeper=sizes, share=st.floats(0, 1), seed=st.integers(0, 99))
def test_what_is_new_and_what_is_held_make_the_whole(
    topics: int, branch: int, deeper: int, share: float, seed: int
) -> None:
    recipe = program(topics, branch, deeper)
    slots = np.concatenate(list(every_slot(recipe).values()))
    some = slots[np.random.default_rng(seed).random(len(slots)) < share]
    plan = planner.plan(recipe, Catalog(held=np.sort(some)))
    assert plan.held == len(some)
    assert sum(level.new for level in plan.levels) == len(slots) - len(some)


@given(topics=sizes, branch=sizes, deeper=sizes, share=st.floats(0, 1), seed=st.integers(0, 99))
def test_a_plan_says_of_all_slots_what_a_look_at_each_would(
    topics: int, branch: int, deeper: int, share: float, seed: int
) -> None:
    recipe, former = program(topics, branch, deeper), every_slot(program(5, 5, 5))
    random = np.random.default_rng(seed)
    held = np.sort(np.concatenate([ids[random.random(len(ids)) < share] for ids in former.values()]))
    members = {name: np.sort(ids) for name, ids in former.items()}
    there = {0, *held.tolist()}
    for level in planner.plan(recipe, Catalog(held=held, members=members)).levels:
        every = planner.slots(level.level, level_above(recipe, level.level))
        wanted = every.ids.tolist()
        assert level.wanted.tolist() == sorted(set(wanted) & there)
        assert level.orphaned == len(set(former[level.level.name].tolist()) - set(wanted))
        rows = [row for row in every.rows() if row[0] not in there and row[1] in there]
        assert list(level.ready.rows()) == rows
        assert [rows[first][1] for first in level.ready.firsts] == list(dict.fromkeys(row[1] for row in rows))


@given(topics=sizes, branch=sizes, deeper=sizes)
def test_all_slots_differ(topics: int, branch: int, deeper: int) -> None:
    slots = np.concatenate(list(every_slot(program(topics, branch, deeper)).values()))
    assert len(np.unique(slots)) == len(slots)


@given(branch=st.integers(1, 6), more=st.integers(1, 6))
def test_raising_the_branch_keeps_every_slot(branch: int, more: int) -> None:
    narrow, wide = every_slot(program(3, branch, 2)), every_slot(program(3, branch + more, 2))
    assert all(set(narrow[name].tolist()) <= set(wide[name].tolist()) for name in narrow)


def test_another_seed_asks_for_other_nodes_below_the_same_values() -> None:
    one, other = every_slot(program(3, 2, 2)), every_slot(program(3, 2, 2, seed=1))
    assert set(one["topic"].tolist()) == set(other["topic"].tolist())
    assert not set(one["question"].tolist()) & set(other["question"].tolist())


def test_only_slots_under_stored_parents_are_ready() -> None:
    recipe = program(2, 3, 2)
    slots = every_slot(recipe)
    held = np.sort(np.concatenate([slots["topic"], slots["question"][:2]]))
    topic, question, answer = planner.plan(recipe, Catalog(held=held)).levels
    assert (topic.done, question.new, answer.new) == (True, 4, 12)
    assert set(answer.ready.parents.tolist()) == set(slots["question"][:2].tolist())


def test_a_finished_tree_with_its_mix_plans_to_nothing() -> None:
    recipe = program(2, 2, 2)
    held = np.sort(np.concatenate(list(every_slot(recipe).values())))
    first = planner.plan(recipe, Catalog(held=held))
    again = planner.plan(recipe, Catalog(held=held, emitted=first.identity))
    assert first.steps
    assert not again.steps


def test_two_slots_with_one_id_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tgc.fingerprint.children", lambda _, parents, __: np.ones_like(parents))
    with pytest.raises(ValueError, match="share an id"):
        planner.plan(program(2, 2, 2), Catalog())
