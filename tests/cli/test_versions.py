"""`tgc diff` and `tgc gc` as a user types them."""

import json
from pathlib import Path

import pytest

from tests.checkout import ENVIRONMENT, Checkout
from tests.cli.test_cli import RECIPE
from tests.cli.typed import tgc


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """A committed project that was never built."""
    here = Checkout(tmp_path)
    here.write("recipes/small.yaml", RECIPE)
    here.write("warehouse/.gitignore", "*.duckdb\nmixes/\n")
    here.commit()
    return here


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A project that was built, edited and built again; its mixes have one row each."""
    here = Checkout(tmp_path_factory.mktemp("home"))
    recipe = RECIPE.replace("tree:", "mix: {size: 1}\ntree:")
    for text in (recipe, recipe.replace("max_tokens: 24", "max_tokens: 20")):
        here.write("recipes/small.yaml", text)
        done = tgc("build", "recipes/small.yaml", "-q", cwd=here.top)
        assert done.returncode == 0, done.stderr
    here.write("warehouse/.gitignore", "*.duckdb\nmixes/\n")
    here.commit()
    return here


def test_no_difference_leaves_with_0(checkout: Checkout) -> None:
    done = tgc("diff", "recipes/small.yaml", "--exit-code", cwd=checkout.top)
    assert (done.returncode, done.stdout) == (
        0,
        "small · HEAD → working tree: no difference, 10 nodes kept\n",
    )
    assert sorted(path.name for path in (checkout.top / "warehouse").iterdir()) == [".gitignore"]


def test_a_difference_leaves_with_1_when_asked(checkout: Checkout) -> None:
    checkout.write("recipes/small.yaml", RECIPE.replace("branch: 2", "branch: 3"))
    done = tgc("diff", "recipes/small.yaml", "HEAD", "--exit-code", cwd=checkout.top)
    assert (done.returncode, "branch raised 2 → 3" in done.stdout) == (1, True)
    assert done.stderr == "nothing has been run; `tgc build` carries it out\n"
    assert tgc("diff", "recipes/small.yaml", cwd=checkout.top).returncode == 0


def test_a_difference_as_json(checkout: Checkout) -> None:
    checkout.write("recipes/small.yaml", RECIPE.replace("branch: 2", "branch: 3"))
    checkout.commit()
    done = tgc("diff", "recipes/small.yaml", "HEAD~1", "HEAD", "--format", "json", cwd=checkout.top)
    said = json.loads(done.stdout)
    assert (said["after"], said["generated"]) == ({"revision": "HEAD", "path": "recipes/small.yaml"}, 4)
    assert "`tgc plan`" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("recipes/small.yaml", "mian"), "hint: a similar name is known: `main`"),
        (("recipes/small.yaml", "HEAD", "HEAD", "HEAD"), "at most two revisions"),
        (("recipes/smal.yaml",), "hint: a similar name is known: `recipes/small.yaml`"),
        (("elsewhere/small.yaml",), "there is no `elsewhere/small.yaml` here"),
        (("/etc/passwd",), "is in no git repository"),
        (("recipes/small.yaml", "--project", "warehouse"), "is not in the project"),
        (("recipes/small.yaml", "HEAD~1"), "git knows no revision `HEAD~1`"),
    ],
)
def test_mistakes_leave_with_2(checkout: Checkout, arguments: tuple[str, ...], said: str) -> None:
    done = tgc("diff", *arguments, cwd=checkout.top)
    assert (done.returncode, said in done.stderr, "Traceback" in done.stderr) == (2, True, False), done.stderr


def test_mistakes_of_a_revision_are_shown_in_place(checkout: Checkout) -> None:
    checkout.write("recipes/small.yaml", RECIPE.replace("branch", "brunch"))
    checkout.commit()
    checkout.write("recipes/small.yaml", RECIPE)
    done = tgc("diff", "recipes/small.yaml", cwd=checkout.top)
    assert done.returncode == 2
    assert " --> HEAD:recipes/small.yaml:5:" in done.stderr


def test_a_hook_of_git_may_ask(checkout: Checkout) -> None:
    variables = {"GIT_DIR": ".git", "GIT_INDEX_FILE": ".git/index", **ENVIRONMENT}
    assert tgc("diff", "recipes/small.yaml", cwd=checkout.top, **variables).returncode == 0


def test_a_dry_run_shows_and_keeps(built: Checkout) -> None:
    done = tgc("gc", "--dry-run", cwd=built.top)
    assert (done.returncode, done.stderr) == (0, "nothing was dropped; `tgc gc` drops them\n")
    assert done.stdout.splitlines()[-1] == "gc: 6 of 18 nodes can go, about <0.1 MB."
    assert tgc("gc", "--dry-run", cwd=built.top).stdout == done.stdout


def test_without_a_terminal_there_has_to_be_a_yes(built: Checkout) -> None:
    done = tgc("gc", cwd=built.top)
    assert (done.returncode, "hint: `--yes` says so beforehand" in done.stderr) == (2, True)
    assert "gc: 6 of 18 nodes can go" in done.stdout


def test_a_yes_drops(built: Checkout) -> None:
    done = tgc("gc", "--yes", cwd=built.top)
    assert (done.returncode, done.stderr) == (0, "6 nodes dropped\n")
    again = tgc("gc", cwd=built.top)
    assert (again.returncode, again.stdout) == (
        0,
        "warehouse/tgc.duckdb: nothing to drop, all 12 nodes are needed\n",
    )
    assert "up to date" in tgc("build", "recipes/small.yaml", cwd=built.top).stdout


def test_a_collection_without_a_warehouse(checkout: Checkout) -> None:
    done = tgc("gc", "--yes", cwd=checkout.top)
    assert (done.returncode, "there is no warehouse here yet" in done.stderr) == (1, True)
    unknown = tgc("gc", "--dry-run", "--ignore", "v1", cwd=checkout.top)
    assert (unknown.returncode, "git knows no revision `v1`" in unknown.stderr) == (2, True)
