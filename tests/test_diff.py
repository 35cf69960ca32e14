"""What a difference of revisions says: every class of edit, built or not, in real repositories."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Self

import pytest

from tests import golden
from tests.checkout import Checkout
from tests.workshop import RECIPE, Workshop
from tgc import comparison, driver, versions
from tgc.catalog import Catalog, History, Lengths, Pace
from tgc.comparison import Diff, LevelDiff, Rows
from tgc.errors import RecipeError, UsageError
from tgc.render import diff as screen

GOLDEN = Path(__file__).parent / "render" / "diff"
DISTINCT = "branch: 4, max_tokens: 16, distinct: {by: mmr, oversample: 2.0}"


class Versioned(Workshop):
    """A workshop whose files are committed; edits come after the commit."""

    def __init__(self, root: Path, folder: str = "") -> None:
        super().__init__(root / folder)
        self.checkout = Checkout(root)
        self.template("tg/ask.j2", "Talk about {{ topic }}.")
        self.edit('"Talk about {{ topic }}."', "tg/ask.j2")
        self.checkout.commit()

    def copied(self, root: Path) -> Self:
        other = super().copied(root)
        other.checkout = Checkout(root)
        return other

    def difference(self, *revisions: str) -> versions.Difference:
        return versions.diff(self.recipe, None, revisions)

    def diff(self, *revisions: str) -> Diff:
        return self.difference(*revisions).diff

    def level(self, name: str, *revisions: str) -> LevelDiff:
        return next(level for level in self.diff(*revisions).levels if level.name == name)

    def counts(self, *revisions: str) -> dict[str, tuple[int, int, int]]:
        """Kept, added and orphaned nodes by level."""
        levels = self.diff(*revisions).levels
        return {level.name: (level.kept, level.added, level.orphaned) for level in levels}


@pytest.fixture(scope="module")
def never_built(tmp_path_factory: pytest.TempPathFactory) -> Versioned:
    return Versioned(tmp_path_factory.mktemp("never"))


@pytest.fixture(scope="module")
def once_built(tmp_path_factory: pytest.TempPathFactory, never_built: Versioned) -> Versioned:
    shop = never_built.copied(tmp_path_factory.mktemp("once"))
    shop.build()
    return shop


@pytest.fixture(params=["built", "never built"])
def shop(
    tmp_path: Path, request: pytest.FixtureRequest, once_built: Versioned, never_built: Versioned
) -> Versioned:
    return (once_built if request.param == "built" else never_built).copied(tmp_path)


@pytest.fixture
def built(tmp_path: Path, once_built: Versioned) -> Versioned:
    return once_built.copied(tmp_path)


SAME = {"topic": (3, 0, 0), "question": (12, 0, 0), "answer": (24, 0, 0)}


def test_nothing_differs_from_itself(shop: Versioned) -> None:
    assert shop.counts() == SAME
    assert not shop.diff().differs


def test_layout_comments_and_the_order_of_keys_are_no_difference(shop: Versioned) -> None:
    text = shop.recipe.read_text(encoding="utf-8").replace("seed: 7\n", "")
    shop.write("# a comment\n\n" + text + "\n\nseed:    7  # at the end\n")
    assert not shop.diff().differs


def test_a_renamed_level_is_no_difference(shop: Versioned) -> None:
    shop.edit("  answer:", "  reply:")
    assert not shop.diff().differs
    assert shop.level("reply").was == "answer"


def test_a_renamed_recipe_is_found_and_no_difference(shop: Versioned) -> None:
    shop.checkout.git("mv", "recipes/demo.yaml", "recipes/übung.yaml")
    shop.recipe = shop.recipe.with_name("übung.yaml")
    difference = shop.difference()
    assert not difference.diff.differs
    assert (difference.before.path, difference.after.path) == ("recipes/demo.yaml", "recipes/übung.yaml")


def test_a_renamed_recipe_is_found_at_two_earlier_revisions(shop: Versioned) -> None:
    shop.edit("branch: 4", "branch: 3")
    shop.checkout.commit()
    shop.checkout.git("mv", "recipes/demo.yaml", "recipes/other.yaml")
    shop.recipe = shop.recipe.with_name("other.yaml")
    assert shop.level("question", "HEAD~1", "HEAD").orphaned == 3
    shop.checkout.commit()
    assert shop.level("question", "HEAD~2", "HEAD~1").orphaned == 3


def test_the_old_name_of_a_recipe_finds_it_too(shop: Versioned) -> None:
    shop.checkout.git("mv", "recipes/demo.yaml", "recipes/other.yaml")
    assert not shop.diff().differs


def test_a_renamed_template_is_no_difference(shop: Versioned) -> None:
    shop.checkout.git("mv", "templates/tg/ask.j2", "templates/tg/talk.j2")
    shop.edit("tg/ask.j2", "tg/talk.j2")
    assert not shop.diff().differs


def test_a_raised_branch_adds(shop: Versioned) -> None:
    shop.edit("branch: 4", "branch: 6")
    assert shop.counts() == {"topic": (3, 0, 0), "question": (12, 6, 0), "answer": (24, 12, 0)}
    assert [level.why for level in shop.diff().levels] == ["", "branch raised 4 → 6", "parents added"]
    assert shop.diff().tokens == 6 * 16 + 12 * 32


def test_a_lowered_branch_orphans_and_costs_nothing(shop: Versioned) -> None:
    shop.edit("branch: 4", "branch: 3")
    assert shop.counts() == {"topic": (3, 0, 0), "question": (9, 0, 3), "answer": (18, 0, 6)}
    assert shop.diff().generated == 0


def test_an_edited_template_replaces_its_subtree(shop: Versioned) -> None:
    shop.template("tg/ask.j2", "Ask about {{ topic }}!")
    assert shop.counts() == {"topic": (3, 0, 0), "question": (0, 12, 12), "answer": (0, 24, 24)}
    assert [level.why for level in shop.diff().levels] == ["", "system changed", "system changed"]


def test_a_template_that_renders_the_same_keeps_every_node(shop: Versioned) -> None:
    shop.template("tg/ask.j2", "{{ 'Talk' }} about {{ topic }}.")
    assert shop.counts() == SAME
    assert (shop.diff().differs, shop.diff().generated) == (True, 0)


def test_a_level_may_be_renamed_with_the_templates_that_name_it(shop: Versioned) -> None:
    shop.edit("  topic:", "  subject:")
    shop.edit("balance: [topic]", "balance: [subject]")
    shop.template("tg/ask.j2", "Talk about {{ subject }}.")
    assert shop.counts() == {"subject": (3, 0, 0), "question": (12, 0, 0), "answer": (24, 0, 0)}
    assert shop.diff().settings == ()


def test_a_template_that_changes_one_branch_replaces_that_one(shop: Versioned) -> None:
    shop.template("tg/ask.j2", "Talk about {{ topic }}{% if topic == 'law' %} and order{% endif %}.")
    assert shop.counts() == {"topic": (3, 0, 0), "question": (8, 4, 4), "answer": (16, 8, 8)}


def test_a_lock_that_pins_another_commit_is_another_model(tmp_path: Path) -> None:
    shop = Versioned(tmp_path)
    shop.edit("builtin:atlas", "org/name")
    lock = shop.recipe.with_suffix(".lock")
    lock.write_text('{"version": 1, "models": {"org/name": {"revision": "old"}}}')
    shop.checkout.commit()
    assert not shop.diff().differs
    lock.write_text('{"version": 1, "models": {"org/name": {"revision": "new"}}}')
    assert shop.counts() == {"topic": (3, 0, 0), "question": (0, 12, 12), "answer": (0, 24, 24)}
    assert "model" in shop.level("question").why


def test_values_added_and_removed(shop: Versioned) -> None:
    shop.edit("[physics, law, music]", "[music, chess, physics]")
    assert shop.counts() == {"topic": (2, 1, 1), "question": (8, 4, 4), "answer": (16, 8, 8)}
    assert shop.level("topic").why == "values changed"


def test_a_level_added_and_taken_back(shop: Versioned) -> None:
    shop.edit("mix: {size", "  extra: {role: user, max_tokens: 8}\nmix: {size")
    assert shop.level("extra").why == "level added"
    assert shop.counts() == {**SAME, "extra": (0, 24, 0)}
    shop.checkout.commit()
    shop.edit("  extra: {role: user, max_tokens: 8}\n", "")
    assert shop.counts() == {**SAME, "extra": (0, 0, 24)}
    assert shop.level("extra").why == "level removed"


def test_more_distinct_siblings_are_appended(tmp_path: Path) -> None:
    for name in ("built", "never built"):
        shop = Versioned(tmp_path / name)
        shop.edit("branch: 4, max_tokens: 16", DISTINCT)
        shop.checkout.commit()
        if name == "built":
            shop.build()
        shop.edit("branch: 4", "branch: 5")
        assert shop.counts() == {"topic": (3, 0, 0), "question": (24, 6, 0), "answer": (24, 6, 0)}


def test_a_condition_orphans_what_it_keeps_from_growing(built: Versioned) -> None:
    built.edit("answer: {role", "answer: {when: \"{{ topic != 'law' }}\", role")
    assert built.counts() == {**SAME, "answer": (16, 0, 8)}
    assert built.level("answer").why == "`when` changed"
    built.checkout.commit()
    built.edit("when: \"{{ topic != 'law' }}\", ", "")
    assert built.counts() == {**SAME, "answer": (16, 8, 0)}
    assert built.level("answer").held == 8


def test_levels_that_swap_their_names_stay(shop: Versioned) -> None:
    shop.edit("  question:", "  x:")
    shop.edit("  answer:", "  question:")
    shop.edit("  x:", "  answer:")
    assert not shop.diff().differs


def test_a_level_that_becomes_distinct_says_so(shop: Versioned) -> None:
    shop.edit("branch: 4, max_tokens: 16", DISTINCT)
    assert "distinct" in shop.level("question").why


def test_filters_mix_and_outputs_cost_nothing(shop: Versioned) -> None:
    shop.edit("size: 12", "size: 6")
    shop.edit("path: messages.jsonl", "path: chats.jsonl")
    shop.edit("mix:", "filters:\n  - {kind: length, level: answer, min_tokens: 5}\nmix:")
    assert shop.counts() == SAME
    assert [(setting.part, setting.what, setting.change) for setting in shop.diff().settings] == [
        ("filters", "length", "added"),
        ("mix", "size", "12 → 6"),
        ("emit", "messages.jsonl", "removed"),
        ("emit", "chats.jsonl", "added"),
    ]


def test_a_file_that_is_blended_in_is_known_by_its_content(shop: Versioned) -> None:
    row = '{"conversations": [{"from": "human", "value": "So?"}, {"from": "gpt", "value": "Yes."}]}\n'
    (shop.root / "chats.jsonl").write_text(row)
    shop.edit("size: 12", "size: 12, blend: [{source: chats.jsonl, format: sharegpt}]")
    shop.checkout.commit()
    assert not shop.diff().differs
    (shop.root / "chats.jsonl").write_text(row * 2)
    shop.edit("format: sharegpt", "format: sharegpt, rows: 1")
    (setting,) = shop.diff().settings
    assert (setting.part, setting.what) == ("blend", "chats.jsonl")
    assert re.fullmatch(r"rows - → 1, content [0-9a-f]{12} → [0-9a-f]{12}", setting.change)


def test_a_filter_of_a_renamed_level_is_the_same(shop: Versioned) -> None:
    shop.edit("mix:", "filters:\n  - {kind: length, level: answer, min_tokens: 5}\nmix:")
    shop.checkout.commit()
    shop.edit("  answer:", "  reply:")
    shop.edit("level: answer", "level: reply")
    assert not shop.diff().differs


def test_two_revisions_are_compared_and_the_working_tree_is_not(built: Versioned) -> None:
    built.edit("branch: 4", "branch: 6")
    built.checkout.commit()
    built.edit("branch: 6", "branch: 1")
    assert built.level("question", "HEAD~1", "HEAD").added == 6
    assert built.level("question", "HEAD", "HEAD~1").orphaned == 6
    assert built.level("question", "HEAD~1").orphaned == 9
    assert built.level("question").orphaned == 15


def test_what_other_recipes_made_is_held(built: Versioned) -> None:
    built.edit("branch: 4", "branch: 6")
    built.build()
    level = built.level("question")
    assert (level.added, level.held, level.new, level.tokens) == (6, 6, 0, 0)
    assert built.diff().generated == 0


def test_rows_enter_and_leave(built: Versioned) -> None:
    rows = built.diff().rows
    assert rows is not None
    assert (rows.entering, rows.leaving, rows.staying) == (0, 0, 12)
    built.edit("size: 12", "size: 9")
    rows = built.diff().rows
    assert rows is not None
    assert (rows.entering, rows.leaving, rows.staying) == (0, 3, 9)
    built.edit("[physics, law, music]", "[physics, law]")
    built.edit("size: 9", "size: 12")
    rows = built.diff().rows
    assert rows is not None
    assert (rows.entering, rows.leaving, rows.staying) == (4, 4, 8)


def test_filters_by_vectors_know_what_a_build_has_embedded(built: Versioned) -> None:
    check = "{kind: semantic_duplicate, level: question, embedder: model, threshold: 0.01}"
    built.edit("mix: {size", f"filters: [{check}]\nmix: {{size")
    unknown = built.diff().rows
    assert unknown is not None
    assert (unknown.entering, unknown.leaving, unknown.staying) == (0, 0, 12)
    built.build()
    rows = built.sql("select count(*) from mix_rows where mix_id = (select max(mix_id) from mixes)").item()
    known = built.diff().rows
    assert known is not None
    assert known.entering + known.staying == rows < 12


def test_a_row_whose_nodes_have_other_ids_stays(built: Versioned) -> None:
    built.template("tg/ask.j2", "{{ 'Talk' }} about {{ topic }}.")
    rows = built.diff().rows
    assert rows is not None
    assert (rows.entering, rows.leaving) == (12 - rows.staying, 12 - rows.staying)
    built.edit("size: 12, balance: [topic]", "")
    built.checkout.commit()
    built.template("tg/ask.j2", "{{ 'Talk ' }}about {{ topic }}.")
    rows = built.diff().rows
    assert rows is not None
    assert (rows.entering, rows.leaving, rows.staying) == (0, 0, 24)


def test_the_time_is_told_by_earlier_builds(built: Versioned) -> None:
    assert built.diff().time.seconds is None
    program = driver.check(built.recipe).program
    history = History(lengths={"answer": Lengths(40.0, 8.0)}, paces={"builtin:atlas": Pace(100.0, ("cpu",))})
    wider = replace(
        program, levels=tuple(replace(level, branch=level.branch + 1) for level in program.levels)
    )
    time = comparison.compare(program, wider, Catalog(), history).time
    assert time.seconds == pytest.approx((3 * 16 + (15 * 3 - 12 * 2) * 8) / 100)
    assert time.gpu_hours is None


def test_vars_are_given_to_both_sides(shop: Versioned) -> None:
    shop.template("tg/ask.j2", "{{ tone }}, talk about {{ topic }}.")
    shop.edit("seed: 7", "seed: 7\nvars: {tone: Friendly}")
    shop.checkout.commit()
    shop.edit("branch: 4", "branch: 5")
    plain = versions.diff(shop.recipe, None, [], {"tone": "Stern"}).diff
    assert [(level.kept, level.added) for level in plain.levels] == [(3, 0), (12, 3), (24, 6)]
    assert plain.tokens == 3 * 16 + 6 * 32


def test_a_var_may_be_new(shop: Versioned) -> None:
    shop.template("tg/ask.j2", "{{ tone }} about {{ topic }}.")
    shop.edit("seed: 7", "seed: 7\nvars: {tone: Friendly}")
    assert not versions.diff(shop.recipe, None, [], {"tone": "Talk"}).diff.levels[1].added
    assert versions.diff(shop.recipe, None, [], {"tone": "Shout"}).diff.levels[1].added == 12


def test_a_var_that_nobody_declares_is_a_mistake_in_usage(shop: Versioned) -> None:
    shop.edit("seed: 7", "seed: 7\nvars: {tone: Friendly}")
    with pytest.raises(UsageError, match=r"demo\.yaml` has no `ton` under `vars`"):
        versions.diff(shop.recipe, None, [], {"ton": "Talk"})
    with pytest.raises(UsageError, match=r"`HEAD:recipes/demo\.yaml` has no `tone` under `vars`"):
        versions.diff(shop.recipe, None, ["HEAD", "HEAD"], {"tone": "Talk"})


@pytest.fixture
def refilled(tmp_path: Path) -> Versioned:
    shop = Versioned(tmp_path)
    shop.edit("mix: {size: 12, balance: [topic]}", REFILLED)
    shop.checkout.commit()
    shop.build()
    return shop


REFILLED = """\
filters: [{kind: length, level: answer, max_chars: 20}]
mix: {size: 8, refill: {answer: 24}}"""


def answers(shop: Versioned) -> int:
    """How many there are after the last build."""
    return int(shop.sql("select count(*) from nodes where level = 'answer'").item())


def test_a_refilled_tree_is_compared_as_far_as_it_was_refilled(refilled: Versioned) -> None:
    refilled.edit("path: messages.jsonl", "path: chats.jsonl")
    assert refilled.counts()["answer"] == (answers(refilled), 0, 0)
    diff = refilled.diff()
    assert (diff.generated, diff.refill) == (0, 0)
    assert diff.rows == Rows(0, 0, 8)


def test_what_is_held_tells_how_far_the_later_mix_is_refilled(refilled: Versioned) -> None:
    before = answers(refilled)
    refilled.edit("max_chars: 20", "max_chars: 30")
    told = refilled.level("answer")
    assert (refilled.diff().generated, refilled.diff().refill) == (0, 0)
    refilled.build()
    assert (told.kept, told.added, told.orphaned) == (answers(refilled), 0, before - answers(refilled))
    assert told.orphaned


def test_beyond_what_is_held_a_bound_is_told(refilled: Versioned) -> None:
    refilled.edit("size: 8", "size: 16")
    diff = refilled.diff()
    assert diff.generated + diff.refill == 3 * 4 * 24 - answers(refilled)
    assert diff.generated


def test_nothing_is_known_of_a_mix_that_was_never_refilled(tmp_path: Path) -> None:
    shop = Versioned(tmp_path)
    shop.edit("mix: {size: 12, balance: [topic]}", REFILLED)
    assert shop.diff().refill == 3 * 4 * (24 - 2)
    assert "Diff: nothing to generate, up to 264 more to refill the mix." in screen.explain(shop.difference())


def test_without_a_warehouse_none_is_made(tmp_path: Path) -> None:
    shop = Versioned(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    assert shop.diff("HEAD", "HEAD").rows is None
    assert shop.diff().rows is None
    assert sorted(tmp_path.rglob("*")) == before


def test_neither_checkout_nor_index_nor_warehouse_is_touched(built: Versioned) -> None:
    built.edit("branch: 4", "branch: 6")
    (built.root / "templates/tg/new.j2").write_text("new")
    built.checkout.git("add", "templates/tg/new.j2")
    paths = [path for path in built.root.rglob("*") if path.is_file()]
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in paths}
    built.diff()
    built.diff("HEAD", "HEAD")
    after = {
        path: (path.read_bytes(), path.stat().st_mtime_ns) for path in built.root.rglob("*") if path.is_file()
    }
    assert after == before


def test_data_is_read_as_it_was(shop: Versioned) -> None:
    data = shop.root / "recipes" / "töpics.csv"
    data.write_text("topic\nphysics\nlaw\nmusic\n", encoding="utf-8")
    shop.edit("[physics, law, music]", "töpics.csv")
    shop.checkout.commit()
    data.write_text("topic\nphysics\nlaw\n", encoding="utf-8")
    assert shop.level("topic").orphaned == 1


def test_what_git_does_not_track_is_read_as_it_is(shop: Versioned) -> None:
    (shop.root / ".gitignore").write_text("data/\n")
    (shop.root / "data").mkdir()
    (shop.root / "data" / "topics.csv").write_text("topic\nphysics\nlaw\n")
    shop.edit("[physics, law, music]", "data/topics.csv")
    shop.checkout.commit()
    assert not shop.diff().differs
    assert shop.counts()["topic"] == (2, 0, 0)


def test_a_project_below_the_top_that_moved(tmp_path: Path) -> None:
    shop = Versioned(tmp_path, "alt/projekt ä")
    shop.checkout.git("mv", "alt/projekt ä", "neu")
    shop.recipe = tmp_path / "neu" / "recipes" / "demo.yaml"
    assert not shop.diff().differs
    (tmp_path / "neu/templates/tg/ask.j2").write_text("Other.")
    assert shop.level("question").added == 12


def test_a_detached_head_and_a_linked_work_tree(built: Versioned, tmp_path: Path) -> None:
    built.edit("branch: 4", "branch: 6")
    built.checkout.commit()
    built.checkout.git("checkout", "--detach", "HEAD~1")
    assert built.level("question", "main").orphaned == 6
    built.checkout.git("worktree", "add", str(tmp_path / "linked"), "main")
    linked = versions.diff(tmp_path / "linked/recipes/demo.yaml", None, ["HEAD~1"])
    assert next(level.added for level in linked.diff.levels if level.name == "question") == 6
    assert linked.diff.rows is None


@pytest.mark.parametrize("revisions", [["nowhere"], ["HEAD", "nowhere"], ["--all"]])
def test_a_bad_revision_is_a_mistake_in_usage(built: Versioned, revisions: list[str]) -> None:
    with pytest.raises(UsageError, match="git knows no revision"):
        built.diff(*revisions)


def test_outside_git_there_is_nothing_to_compare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    shop = Workshop(tmp_path)
    with pytest.raises(UsageError, match="in no git repository"):
        versions.diff(shop.recipe, None, [])
    Checkout(tmp_path)
    with pytest.raises(UsageError, match="no commit yet"):
        versions.diff(shop.recipe, None, [])


def test_a_recipe_that_came_later(built: Versioned) -> None:
    other = built.recipe.with_name("other.yaml")
    other.write_text("name: other\ntree:\n  word: {values: [one]}\n")
    with pytest.raises(UsageError, match=r"`recipes/other.yaml` is not in `HEAD`"):
        versions.diff(other, None, [])
    with pytest.raises(UsageError, match=r"there is no `recipes/dmo.yaml` here"):
        versions.diff(built.recipe.with_name("dmo.yaml"), None, [])


def test_mistakes_of_a_revision_are_shown_as_git_spells_its_files(built: Versioned) -> None:
    built.edit("branch: 4", "brunch: 4")
    built.template("tg/ask.j2", "{{ topics }}")
    built.checkout.commit()
    built.write(RECIPE)
    with pytest.raises(RecipeError) as caught:
        built.diff()
    spans = [problem.span.path for problem in caught.value.diagnostics if problem.span]
    assert spans == ["HEAD:recipes/demo.yaml", "HEAD:templates/tg/ask.j2"]


def test_a_pointer_of_git_lfs_is_no_data(built: Versioned) -> None:
    built.edit("[physics, law, music]", "topics.csv")
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'ab' * 32}\nsize 9\n"
    built.checkout.write("recipes/topics.csv", pointer)
    built.checkout.commit()
    built.checkout.write("recipes/topics.csv", "topic\nlaw\n")
    with pytest.raises(RecipeError) as caught:
        built.diff()
    (problem,) = caught.value.diagnostics
    assert problem.code == "lfs-pointer"
    assert problem.message == "`HEAD:recipes/topics.csv` is a pointer that Git LFS keeps in place of the file"
    assert problem.span
    assert (problem.span.path, problem.span.line) == ("HEAD:recipes/topics.csv", 1)


def test_the_screen_of_an_edit(built: Versioned) -> None:
    built.edit("branch: 4", "branch: 6")
    built.build()
    built.edit("max_tokens: 32", "max_tokens: 48")
    built.edit("[physics, law, music]", "[physics, law]")
    built.edit("size: 12, balance: [topic]", "size: 8")
    built.edit("mix:", "filters:\n  - {kind: length, level: answer, min_tokens: 5}\nmix:")
    assert golden.same(shown(built), GOLDEN / "edited.txt")


def test_the_screen_of_a_rename(built: Versioned) -> None:
    built.checkout.git("mv", "recipes/demo.yaml", "recipes/other.yaml")
    built.recipe = built.recipe.with_name("other.yaml")
    assert golden.same(shown(built), GOLDEN / "renamed.txt")
    built.edit("  answer:", "  reply:")
    built.edit("branch: 4", "branch: 3")
    assert golden.same(shown(built), GOLDEN / "renamed_and_edited.txt")


def test_the_screen_of_what_was_never_built(tmp_path: Path) -> None:
    shop = Versioned(tmp_path)
    shop.edit("mix: {size", "  extra: {role: user, max_tokens: 8}\nmix: {size")
    assert golden.same(shown(shop), GOLDEN / "never_built.txt")


def test_json_says_the_same(built: Versioned) -> None:
    built.edit("branch: 4", "branch: 6")
    said = json.loads(screen.as_json(built.difference()))
    assert said["levels"][1]["why"] == "branch raised 4 → 6"
    assert (said["differs"], said["generated"], said["before"]["revision"]) == (True, 18, "HEAD")


def shown(shop: Versioned) -> str:
    text = screen.explain(shop.difference()) + "\n"
    assert max(map(len, text.splitlines())) <= 80
    return text
