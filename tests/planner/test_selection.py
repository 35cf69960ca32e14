"""Which levels a build grows, and that what it leaves out is made by the next one, byte for byte."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.executor.test_build import DISTINCT
from tests.workshop import Workshop
from tgc import driver
from tgc.catalog import Catalog
from tgc.errors import UsageError
from tgc.planner.scope import ALL, Scope, chosen

TREE = """\
name: demo
model: builtin:atlas
tree:
  topic: {values: [law, music]}
  question: {role: user, branch: 2, max_tokens: 16, tags: [talk]}
  answer: {role: assistant, max_tokens: 32, tags: [talk, last]}
  note: {prompt: "Say more on {{ topic }}.", under: topic, depth: 2, max_tokens: 8}
emit: [{format: llava, path: llava.json}]
"""


@pytest.fixture
def shop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path / "shop")


def picked(shop: Workshop, *select: str, exclude: tuple[str, ...] = ()) -> set[str]:
    return set(chosen(driver.check(shop.recipe).program, Catalog(), Scope(select, exclude)))


EVERY = {"topic", "question", "answer", "note.1", "note"}


@pytest.mark.parametrize(
    ("select", "exclude", "meant"),
    [
        ((), (), EVERY),
        (("question",), (), {"question"}),
        (("+question",), (), {"topic", "question"}),
        (("question+",), (), {"question", "answer"}),
        (("+question+",), (), {"topic", "question", "answer"}),
        (("note",), (), {"note.1", "note"}),
        (("note.1",), (), {"note.1"}),
        (("tag:talk",), (), {"question", "answer"}),
        (("+tag:last",), (), {"topic", "question", "answer"}),
        (("topic question",), (), {"topic", "question"}),
        (("topic,answer", "note.1"), (), {"topic", "answer", "note.1"}),
        ((), ("note",), {"topic", "question", "answer"}),
        (("topic+",), ("tag:last",), EVERY - {"answer"}),
        (("state:modified",), (), EVERY),
    ],
)
def test_terms_mean_levels(
    shop: Workshop, select: tuple[str, ...], exclude: tuple[str, ...], meant: set[str]
) -> None:
    shop.write(TREE)
    assert picked(shop, *select, exclude=exclude) == meant


@pytest.mark.parametrize(
    ("term", "message", "hint"),
    [
        ("answr", "there is no level `answr`", "a similar name is known: `answer`"),
        ("tag:tolk", "no level has the tag `tolk`", "a similar name is known: `talk`"),
        ("state:new", "there is no state `new`", "known names: `modified`"),
        ("tags:talk", "levels cannot be selected by `tags`", "a similar name is known: `tag`"),
        ("a+b", "`a+b` selects nothing", "a term is"),
        (" ", "nothing is selected", "a term is"),
    ],
)
def test_what_means_no_level_is_refused(shop: Workshop, term: str, message: str, hint: str) -> None:
    shop.write(TREE)
    with pytest.raises(UsageError) as caught:
        picked(shop, term)
    assert caught.value.message == message
    assert hint in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("old", "new", "modified"),
    [
        ("branch: 2", "branch: 3", {"answer"}),
        ("max_tokens: 16", "max_tokens: 17", {"question"}),
        ("branch: 2", "when: \"{{ topic != 'law' }}\", branch: 2", {"answer"}),
        ("[physics, law, music]", "[law, music]", {"topic"}),
        ("answer:", "reply:", {"reply"}),
        ("size: 12", "size: 6", set()),
    ],
)
def test_modified_are_levels_that_were_edited_themselves(
    shop: Workshop, old: str, new: str, modified: set[str]
) -> None:
    shop.build()
    shop.edit(old, new)
    assert set(shop.plan(Scope(("state:modified",))).chosen) == modified


def test_a_var_of_a_condition_modifies_the_level(shop: Workshop) -> None:
    shop.edit("branch: 2", "when: '{{ topic == focus }}', branch: 2")
    shop.edit("model:", "vars: {focus: law}\nmodel:")
    shop.build()
    shop.edit("focus: law", "focus: music")
    plan = shop.plan(Scope(("state:modified",)))
    assert set(plan.chosen) == {"answer"}
    assert [level.why for level in plan.levels] == ["", "", "`when` changed"]


def test_what_was_not_selected_stays_modified(shop: Workshop) -> None:
    shop.build()
    shop.edit("branch: 4", "branch: 5")
    shop.edit("branch: 2", "branch: 3")
    shop.build(scope=Scope(("question",)))
    assert set(shop.plan(Scope(("state:modified",))).chosen) == {"answer"}


def test_only_selected_levels_grow_and_only_below_what_there_is(shop: Workshop) -> None:
    shop.build(scope=Scope(("+question",)))
    assert shop.asked() == 12
    shop.edit("branch: 4", "branch: 6")
    outcome = shop.build(scope=Scope(("answer",)))
    assert outcome is not None
    assert (shop.asked(), outcome.status, outcome.missing) == (24, "done", 6 + 12)
    shop.build()
    assert shop.asked() == 6 + 12


@pytest.mark.parametrize("select", ["question", "answer", "topic", "+answer", "state:modified"])
def test_the_plan_of_a_selection_counts_what_is_then_asked(shop: Workshop, select: str) -> None:
    shop.build(scope=Scope(limit=9))
    shop.edit("branch: 4", "branch: 5")
    shop.asked()
    planned = shop.plan(Scope((select,))).asks
    shop.build(scope=Scope((select,)))
    assert shop.asked() == planned


def test_a_selection_with_nothing_to_grow_leaves_the_mix_alone(shop: Workshop) -> None:
    shop.build()
    mix = shop.emitted("llava.json")
    shop.edit("Talk about", "Talk of")
    assert shop.build(scope=Scope(("answer",))) is None
    assert shop.emitted("llava.json") == mix


def test_what_has_children_is_picked_first(shop: Workshop) -> None:
    shop.edit("branch: 4, max_tokens: 16", "branch: 4, max_tokens: 16, distinct: {by: mmr, oversample: 2.0}")
    shop.build(scope=Scope(("+question",)))
    assert shop.asked() == 24
    assert shop.plan(Scope(("answer",))).asks == 24
    shop.build(scope=Scope(("answer",)))
    assert shop.asked() == 24
    assert shop.build() is None


@pytest.mark.parametrize("limit", [1, 2, 7, 11, 36, 100])
def test_a_limit_is_kept_exactly(shop: Workshop, limit: int) -> None:
    outcome = shop.build(scope=Scope(limit=limit))
    assert outcome is not None
    assert shop.asked() == min(limit, 36)
    assert (outcome.status, outcome.missing) == ("done", 36 - min(limit, 36))


def test_a_limit_gives_whole_conversations(shop: Workshop) -> None:
    outcome = shop.build(scope=Scope(limit=10))
    assert outcome is not None
    assert outcome.selection is not None
    assert outcome.selection.rows.height == 6


def test_a_limit_gives_conversations_where_siblings_are_picked(shop: Workshop) -> None:
    shop.edit("branch: 4, max_tokens: 16", DISTINCT)
    outcome = shop.build(scope=Scope(limit=20))
    assert outcome is not None
    assert outcome.selection is not None
    assert shop.asked() == 20
    assert outcome.selection.rows.height >= 4


def test_what_is_adopted_counts_towards_no_limit(shop: Workshop) -> None:
    shop.build()
    shop.edit("Talk about", "{{ 'Talk' }} about")
    shop.edit("branch: 2", "branch: 3")
    shop.asked()
    outcome = shop.build(scope=Scope(limit=5))
    assert outcome is not None
    assert (shop.asked(), outcome.tally.adopted, outcome.missing) == (5, 36, 7)


def test_a_list_stops_where_the_limit_is(shop: Workshop) -> None:
    shop.edit('role: user, system: "Talk', 'speaks: user, answers: {list: str}, prompt: "Talk')
    shop.build(scope=Scope(limit=7))
    assert shop.asked() == 7
    shop.build()
    assert shop.asked() == 36 - 7


scopes = st.one_of(
    st.builds(Scope, limit=st.integers(1, 30)),
    st.builds(lambda term: Scope((term,)), st.sampled_from(["topic", "question+", "+question", "answer"])),
    st.builds(lambda term: Scope(exclude=(term,)), st.sampled_from(["topic", "question", "answer"])),
    st.just(ALL),
)


@settings(max_examples=15, deadline=None)
@given(parts=st.lists(scopes, max_size=4), distinct=st.booleans())
def test_whatever_was_left_out_before_the_whole_is_the_same(
    tmp_path_factory: pytest.TempPathFactory, parts: list[Scope], distinct: bool
) -> None:
    home = tmp_path_factory.mktemp("home")
    shop, fresh = Workshop(home / "shop"), Workshop(home / "fresh")
    for one in (shop, fresh) if distinct else ():
        one.edit("max_tokens: 16", "max_tokens: 16, distinct: {by: mmr, oversample: 1.5}")
    for part in parts:
        shop.build(scope=part)
    shop.build()
    fresh.build()
    assert shop.emitted("llava.json") == fresh.emitted("llava.json")
    assert len(shop.backend.asked) == len(fresh.backend.asked)
    assert shop.build() is None
