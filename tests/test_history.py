"""What git says of a recipe: real repositories, with all that people do to them."""

import os
from pathlib import Path, PurePosixPath

import pytest

from tests.checkout import Checkout
from tests.workshop import Workshop
from tgc import history
from tgc.errors import UsageError
from tgc.history import Revision

RECIPE = """\
name: demo
model: builtin:atlas
tree:
  topic: {values: data/topics.csv}
  question: {role: user, system: tg/ask.j2}
"""
HERE = PurePosixPath("recipes/demo.yaml")


@pytest.fixture
def here(tmp_path: Path) -> Checkout:
    checkout = Checkout(tmp_path / "home")
    fill(checkout)
    checkout.commit()
    return checkout


def fill(checkout: Checkout, folder: str = "") -> None:
    checkout.write(f"{folder}recipes/demo.yaml", RECIPE)
    checkout.write(f"{folder}recipes/demo.lock", '{"version": 1}')
    checkout.write(f"{folder}templates/tg/ask.j2", "Ask about {{ topic }}.")
    checkout.write(f"{folder}data/topics.csv", "topic\nlaw\n")
    checkout.write(f"{folder}notes.md", "unrelated")


def state(checkout: Checkout, folder: str = "", recipe: str = "recipes/demo.yaml") -> history.Commit:
    root = checkout.top / folder
    return history.commit(root / recipe, root, [root / "templates/tg/ask.j2"])


def dirty(checkout: Checkout, folder: str = "") -> bool | None:
    return state(checkout, folder)[1]


def revision(checkout: Checkout, name: str = "HEAD") -> Revision:
    home = history.repository(checkout.top)
    assert home is not None
    return Revision(home, name, home.named(name))


def test_a_committed_recipe_is_clean(here: Checkout) -> None:
    assert state(here) == (here.git("rev-parse", "HEAD"), False)


@pytest.mark.parametrize(
    "name", ["recipes/demo.yaml", "recipes/demo.lock", "templates/tg/ask.j2", "data/topics.csv"]
)
@pytest.mark.parametrize("staged", [True, False])
def test_an_edit_of_what_a_recipe_is_made_from_is_dirty(here: Checkout, name: str, staged: bool) -> None:
    here.write(name, (here.top / name).read_text() + "more\n")
    if staged:
        here.git("add", name)
    assert dirty(here)


def test_what_a_recipe_does_not_name_is_not_looked_at(here: Checkout) -> None:
    here.write("notes.md", "edited")
    here.write("templates/tg/other.j2", "new")
    here.write("recipes/other.yaml", "name: other")
    assert dirty(here) is False


def test_what_a_recipe_includes_is_looked_at_with_what_it_names(here: Checkout) -> None:
    here.write("recipes/demo.yaml", "include: shared/base.yaml\n" + RECIPE)
    here.write("recipes/shared/base.yaml", "examples: {from: seeds.jsonl}\n")
    here.write("recipes/shared/seeds.jsonl", "{}\n")
    here.commit()
    assert dirty(here) is False
    here.write("recipes/shared/seeds.jsonl", "{}\n{}\n")
    assert dirty(here)


def test_a_folder_of_data_is_looked_at_whole(here: Checkout) -> None:
    here.write("recipes/demo.yaml", RECIPE.replace("topics.csv", "tree"))
    here.write("data/tree/deep/leaf.yaml", "a: b")
    here.commit()
    assert dirty(here) is False
    here.write("data/tree/deep/new.yaml", "a: b")
    assert dirty(here)


def test_a_touched_or_deleted_file(here: Checkout) -> None:
    os.utime(here.top / "recipes/demo.yaml", (1, 1))
    assert dirty(here) is False
    (here.top / "data/topics.csv").unlink()
    assert dirty(here) is False, "what is gone is named by nothing; the recipe does not compile without it"
    (here.top / "templates/tg/ask.j2").unlink()
    assert dirty(here)


@pytest.mark.parametrize("ignored", [True, False])
def test_an_untracked_recipe_is_dirty(here: Checkout, ignored: bool) -> None:
    here.write("recipes/new.yaml", RECIPE)
    if ignored:
        here.write(".gitignore", "new.yaml\n")
    assert state(here, recipe="recipes/new.yaml") == (here.git("rev-parse", "HEAD"), True)


def test_names_beyond_ascii(tmp_path: Path) -> None:
    here = Checkout(tmp_path / "café 茶")
    here.write("rezépte/recipes/démo äöü.yaml", RECIPE.replace("data/topics.csv", "daten/thémen 1.csv"))
    here.write("rezépte/daten/thémen 1.csv", "a\n")
    here.write("rezépte/templates/tg/ask.j2", "Ask.")
    here.commit()
    there = "recipes/démo äöü.yaml"
    assert state(here, "rezépte", there)[1] is False
    here.write("rezépte/daten/thémen 1.csv", "b\n")
    assert state(here, "rezépte", there)[1] is True


def test_a_project_below_the_top_of_its_repository(tmp_path: Path) -> None:
    here = Checkout(tmp_path)
    fill(here, "deep/project/")
    here.commit()
    here.write("recipes/demo.yaml", "not ours")
    assert dirty(here, "deep/project") is False
    here.write("deep/project/data/topics.csv", "topic\nart\n")
    assert dirty(here, "deep/project")


def test_a_linked_work_tree_has_a_state_of_its_own(here: Checkout, tmp_path: Path) -> None:
    here.git("worktree", "add", str(tmp_path / "linked"), "-b", "side")
    linked = Checkout(tmp_path / "linked")
    linked.write("recipes/demo.yaml", RECIPE + "# edited\n")
    assert (dirty(here), dirty(linked)) == (False, True)
    assert state(linked)[0] == here.git("rev-parse", "HEAD")


def test_a_submodule_is_looked_into(here: Checkout, tmp_path: Path) -> None:
    shared = Checkout(tmp_path / "shared")
    shared.write("topics.csv", "topic\nlaw\n")
    shared.commit()
    here.git("submodule", "add", str(shared.top), "shared")
    here.write("recipes/demo.yaml", RECIPE.replace("data/topics.csv", "shared/topics.csv"))
    here.commit()
    assert dirty(here) is False
    inside = Checkout(here.top / "shared")
    inside.write("topics.csv", "topic\nart\n")
    assert dirty(here)
    inside.commit()
    assert dirty(here), "the submodule is at another commit than the repository says"
    here.commit()
    assert dirty(here) is False
    assert revision(here).read(PurePosixPath("shared/topics.csv")) == b"topic\nart\n"
    assert revision(here, "HEAD~1").read(PurePosixPath("shared/topics.csv")) == b"topic\nlaw\n"


def test_line_ends_that_git_converts_are_no_edit(here: Checkout) -> None:
    here.write(".gitattributes", "*.yaml text eol=crlf\n")
    here.commit()
    (here.top / HERE).write_bytes(RECIPE.replace("\n", "\r\n").encode())
    assert dirty(here) is False


def test_outside_git_nothing_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    (tmp_path / "x.yaml").write_text(RECIPE)
    assert history.commit(tmp_path / "x.yaml", tmp_path, []) == (None, None)


def test_before_the_first_commit_nothing_is_known(tmp_path: Path) -> None:
    here = Checkout(tmp_path)
    fill(here)
    assert state(here) == (None, None)


def test_without_git_nothing_is_known(here: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert state(here) == (None, None)


def test_asking_leaves_the_index_alone(here: Checkout) -> None:
    index = here.top / ".git/index"
    before = (index.read_bytes(), index.stat().st_mtime_ns)
    os.utime(here.top / HERE, (1, 1))
    here.write("data/topics.csv", "x\n")
    dirty(here)
    revision(here).earlier(PurePosixPath("recipes/new.yaml"), None)
    assert (index.read_bytes(), index.stat().st_mtime_ns) == before


def test_an_unknown_revision_gets_a_hint(here: Checkout) -> None:
    with pytest.raises(UsageError) as caught:
        revision(here, "mian")
    assert caught.value.hint == "a similar name is known: `main`"


@pytest.mark.parametrize("name", ["--all", "HEAD:recipes", "-h", "", "HEAD^{tree}"])
def test_what_is_no_commit_is_no_revision(here: Checkout, name: str) -> None:
    with pytest.raises(UsageError):
        revision(here, name)


def test_a_file_is_read_as_it_was(here: Checkout) -> None:
    here.write(str(HERE), RECIPE + "seed: 2\n")
    here.commit()
    assert revision(here, "HEAD~1").read(HERE) == RECIPE.encode()


def test_a_renamed_recipe_is_followed(here: Checkout) -> None:
    now = PurePosixPath("recipes/new näme.yaml")
    here.git("mv", str(HERE), str(now))
    assert revision(here).earlier(now, None) == HERE
    here.commit()
    assert revision(here, "HEAD~1").earlier(now, "HEAD") == HERE


def test_a_recipe_renamed_and_edited_over_many_commits_is_followed(here: Checkout) -> None:
    for step in range(4):
        old, new = (
            ("recipes/demo.yaml" if step == 0 else f"recipes/demo{step}.yaml"),
            f"recipes/demo{step + 1}.yaml",
        )
        here.git("mv", old, new)
        here.commit()
        here.write(new, "".join(f"line {step} {number}\n" for number in range(9)) + RECIPE)
        here.commit()
    here.write("recipes/demo4.yaml", "".join(f"other {number}\n" for number in range(40)))
    here.git("mv", "recipes/demo4.yaml", "recipes/demo5.yaml")
    assert revision(here, "HEAD~8").earlier(PurePosixPath("recipes/demo5.yaml"), None) is None
    here.git("checkout", "HEAD", "--", "recipes/demo4.yaml")
    here.git("reset", "--hard")
    assert revision(here, "HEAD~8").earlier(PurePosixPath("recipes/demo4.yaml"), None) == HERE


def test_a_new_recipe_was_nothing_before(here: Checkout) -> None:
    here.write("recipes/new.yaml", "name: quite another thing\n")
    here.commit()
    assert revision(here, "HEAD~1").earlier(PurePosixPath("recipes/new.yaml"), None) is None


def test_inputs_change_with_what_a_recipe_reads_alone(here: Checkout) -> None:
    root = PurePosixPath()
    before = revision(here).inputs(HERE, root)
    assert [str(path) for path in before] == [
        "data/topics.csv",
        "recipes/demo.lock",
        "recipes/demo.yaml",
        "templates/tg/ask.j2",
    ]
    here.write("notes.md", "edited")
    here.commit()
    assert revision(here).inputs(HERE, root) == before


def test_a_copy_is_what_was_committed(here: Checkout, tmp_path: Path) -> None:
    here.write("data/täble.csv", "a\n")
    (here.top / "data/link.csv").symlink_to("täble.csv")
    here.commit()
    here.write("data/täble.csv", "b\n")
    then = revision(here)
    then.copy(then.tree.below(PurePosixPath("data")), tmp_path / "copy")
    assert (tmp_path / "copy/data/link.csv").read_text() == "a\n"


def test_what_git_lfs_keeps_is_read_where_it_is_fetched(here: Checkout) -> None:
    oid = "ab" * 32
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize 9\n"
    here.write("data/topics.csv", pointer)
    here.commit()
    path = PurePosixPath("data/topics.csv")
    assert revision(here).read(path) == pointer.encode()
    here.write(f".git/lfs/objects/ab/ab/{oid}", "topic\nart\n")
    assert revision(here).read(path) == b"topic\nart\n"


def test_tips_are_branches_tags_and_detached_work_trees(here: Checkout, tmp_path: Path) -> None:
    first = here.git("rev-parse", "HEAD")
    here.git("tag", "-a", "v1", "-m", "one")
    here.git("branch", "v2")
    for number in range(2):
        here.write("notes.md", str(number))
        here.commit()
    here.git("worktree", "add", "--detach", str(tmp_path / "linked"), "HEAD~1")
    home = history.repository(here.top)
    assert home is not None
    middle, last = here.git("rev-parse", "HEAD~1"), here.git("rev-parse", "HEAD")
    assert home.tips() == (("main", last), ("v2", first), ("v1", first), (middle[:12], middle))
    assert history.repository(tmp_path / "linked") == history.Repository(tmp_path / "linked")


def test_a_run_keeps_what_it_was_made_from(tmp_path: Path) -> None:
    shop = Workshop(tmp_path)
    shop.template("tg/ask.j2", "{% include 'tg/_tone.j2' %}Talk about {{ topic }}.")
    shop.template("tg/_tone.j2", "Be kind. ")
    shop.edit('"Talk about {{ topic }}."', "tg/ask.j2")
    here = Checkout(tmp_path)
    commit = here.commit()
    shop.build()
    shop.template("tg/_tone.j2", "Be rude. ")
    shop.build()
    assert shop.sql("select git_commit, git_dirty from runs order by run_id").rows() == [
        (commit, False),
        (commit, True),
    ]
    texts = shop.sql(
        "select templates->>'tg/_tone.j2', templates->>'tg/ask.j2' from run order by run_id"
    ).rows()
    asked = "{% include 'tg/_tone.j2' %}Talk about {{ topic }}."
    assert texts == [("Be kind. ", asked), ("Be rude. ", asked)]


def test_a_template_of_ones_own_is_looked_at_and_a_bundled_one_is_not(tmp_path: Path) -> None:
    shop = Workshop(tmp_path)
    shop.edit('"Talk about {{ topic }}."', "tg/topic.j2")
    Checkout(tmp_path).commit()
    shop.build()
    shop.template("tg/topic.j2", "Talk about {{ topic }}.")
    shop.build()
    assert shop.sql("select git_dirty from runs order by run_id")["git_dirty"].to_list() == [False, True]
