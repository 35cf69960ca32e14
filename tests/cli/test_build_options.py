"""Selections, limits and full refreshes as a user types them."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.test_cli import RECIPE
from tests.cli.typed import tgc
from tests.warehouse.test_durability import change
from tgc.cli import main
from tgc.project import Project
from tgc.warehouse import Warehouse, migrations, read

SMALL = ("recipes/small.yaml",)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    for folder in ("recipes", "warehouse"):
        (tmp_path / folder).mkdir()
    (tmp_path / "recipes" / "small.yaml").write_text(RECIPE)
    return tmp_path


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose small recipe is built in full."""
    home = tmp_path_factory.mktemp("home")
    for folder in ("recipes", "warehouse"):
        (home / folder).mkdir()
    (home / "recipes" / "small.yaml").write_text(RECIPE)
    assert tgc("build", *SMALL, "-q", cwd=home).returncode == 0
    return home


def held(home: Path) -> int:
    with read(Project(home).database) as reader:
        return len(reader.catalog("small").held) if reader else 0


def test_a_limited_build_says_what_is_missing_and_the_next_completes_it(home: Path, built: Path) -> None:
    done = tgc("build", *SMALL, "--limit", "3", cwd=home)
    assert done.returncode == 0
    assert "Plan: up to 3 of 8 to generate" in done.stderr
    made, *_, incomplete, where = done.stdout.splitlines()
    assert made.startswith("3 nodes generated")
    assert incomplete.startswith("incomplete: 5 nodes are missing; `tgc build` of the whole recipe")
    assert where.startswith("the mix is in warehouse/mixes/small")
    assert tgc("build", *SMALL, "-q", cwd=home).returncode == 0
    mix = "warehouse/mixes/small/llava.json"
    assert (home / mix).read_bytes() == (built / mix).read_bytes()


def test_what_is_selected_is_planned_alike_by_both_commands(home: Path) -> None:
    planned = tgc("plan", *SMALL, "-s", "+question", cwd=home)
    assert "answer" in planned.stdout
    assert "not selected, lacks 4: first build" in " ".join(planned.stdout.split())
    built = tgc("build", *SMALL, "--exclude", "answer", cwd=home)
    assert planned.stdout in built.stderr
    again = tgc("build", *SMALL, "--select", "question", cwd=home)
    assert (again.returncode, again.stdout) == (
        0,
        "small: nothing to do for the levels selected; `tgc plan` shows what is missing\n",
    )


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (("--select", "qestion"), "there is no level `qestion`"),
        (("--limit", "0"), "0 is not in the range"),
        (("--full-refresh", "--limit", "2"), "`--full-refresh` makes the whole tree afresh"),
    ],
)
def test_wrong_options_leave_with_2(home: Path, options: tuple[str, ...], problem: str) -> None:
    for command in ("plan", "build"):
        done = tgc(command, *SMALL, *options, cwd=home)
        assert done.returncode == 2
        assert problem in done.stderr
    assert not Project(home).database.exists()


def test_a_plan_is_made_where_nothing_can_be_written(built: Path) -> None:
    def mode(bits: int) -> None:
        for path in (built / "warehouse", built):
            path.chmod(bits)

    before = {path: path.stat().st_mtime_ns for path in built.rglob("*")}
    mode(0o555)
    try:
        told = tgc("plan", *SMALL, "--full-refresh", "--format", "json", cwd=built)
    finally:
        mode(0o755)
    assert told.returncode == 0
    figures = json.loads(told.stdout)
    assert (figures["new"], figures["forgotten"], figures["devices"]) == (8, 8, ["cpu"])
    assert figures["seconds"] > 0
    assert {path: path.stat().st_mtime_ns for path in built.rglob("*")} == before


def test_a_full_refresh_names_its_cost_and_wants_a_yes(built: Path) -> None:
    refused = tgc("build", *SMALL, "--full-refresh", cwd=built)
    assert refused.returncode == 2
    assert "would forget 8 nodes of small and ask for 8 again" in refused.stderr
    assert "`--yes`" in refused.stderr
    assert held(built) == 10


def test_a_full_refresh_brings_an_old_warehouse_up_to_date_before_it_asks(built: Path) -> None:
    change(Project(built).database, "write_meta", migrations.newest(), "views of yesterday")
    refused = tgc("build", *SMALL, "--full-refresh", cwd=built)
    assert refused.returncode == 2
    assert "would forget 8 nodes" in refused.stderr


def test_a_full_refresh_asks_models_again(built: Path) -> None:
    mix = (built / "warehouse/mixes/small/llava.json").read_bytes()
    done = tgc("build", *SMALL, "--full-refresh", "--yes", cwd=built)
    assert done.returncode == 0
    assert "8 forgotten first" in done.stderr
    assert done.stdout.startswith("8 nodes generated")
    assert (built / "warehouse/mixes/small/llava.json").read_bytes() == mix


@pytest.mark.parametrize(("answer", "left"), [("n", 2), ("y", 0)])
def test_a_terminal_is_asked(
    built: Path, answer: str, left: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ours, theirs = os.openpty()
    os.write(ours, f"{answer}\n".encode())
    monkeypatch.chdir(built)
    with os.fdopen(theirs) as terminal:
        monkeypatch.setattr(sys, "stdin", terminal)
        with pytest.raises(SystemExit) as leaving:
            main(["build", *SMALL, "--full-refresh", "-q"])
    os.close(ours)
    said = "".join(capsys.readouterr())
    assert "forget 8 nodes of small and ask for 8 again (" in said
    assert "completion tokens, about" in said
    assert leaving.value.code == left
    assert held(built) == 10


def test_killed_right_after_it_forgot_a_build_completes_it(built: Path) -> None:
    mix = (built / "warehouse/mixes/small/llava.json").read_bytes()
    script = (
        "import os, signal\n"
        "from tgc.cli import main\n"
        "from tgc.warehouse import Warehouse\n"
        "drop = Warehouse.drop\n"
        "def killed(self, ids):\n"
        "    drop(self, ids)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "Warehouse.drop = killed\n"
        "main(['build', 'recipes/small.yaml', '--full-refresh', '--yes', '-q'])\n"
    )
    died = subprocess.run([sys.executable, "-c", script], cwd=built, check=False)
    assert died.returncode == -signal.SIGKILL
    assert held(built) == 2
    done = tgc("build", *SMALL, cwd=built)
    assert done.stdout.startswith("8 nodes generated")
    assert (built / "warehouse/mixes/small/llava.json").read_bytes() == mix


def test_what_another_recipe_rests_on_is_not_forgotten(built: Path) -> None:
    other = RECIPE.replace("name: small", "name: other").replace("[geography, chemistry]", "[geography]")
    (built / "recipes" / "other.yaml").write_text(other)
    assert tgc("build", "recipes/other.yaml", "-q", cwd=built).stdout.startswith("0 nodes generated")
    told = tgc("plan", *SMALL, "--full-refresh", "--format", "json", cwd=built)
    assert json.loads(told.stdout)["forgotten"] == 4
    with Warehouse.open(Project(built).database) as warehouse:
        warehouse.keep("other", {})
    told = tgc("plan", *SMALL, "--full-refresh", "--format", "json", cwd=built)
    assert json.loads(told.stdout)["forgotten"] == 4  # a mix of it holds them
    (built / "recipes" / "other.yaml").unlink()
