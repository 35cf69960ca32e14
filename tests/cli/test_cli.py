"""The commands as a user types them, in a process of their own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

TGC = [sys.executable, "-m", "tgc"]

RECIPE = """\
name: small
model: builtin:atlas
tree:
  topic: {values: [geography, chemistry]}
  question: {role: user, system: tg/topic.j2, branch: 2, max_tokens: 24}
  answer: {role: assistant, max_tokens: 32}
emit:
  - {format: llava, path: llava.json}
"""


def tgc(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*TGC, *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, "NO_COLOR": "1", **environment},
    )


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose small recipe was built by the embedded model."""
    home = tmp_path_factory.mktemp("home")
    (home / "recipes").mkdir()
    (home / "warehouse").mkdir()
    (home / "recipes" / "small.yaml").write_text(RECIPE)
    done = tgc("build", "recipes/small.yaml", cwd=home)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "the mix is in warehouse/mixes/small: llava.json, manifest.json"
    return home


def test_help_imports_nothing_heavy() -> None:
    heavy = "{'torch', 'transformers', 'polars', 'duckdb', 'pydantic', 'numpy', 'jinja2'}"
    script = f"import sys, tgc.cli; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_a_second_build_says_in_one_line_that_there_is_nothing_to_do(built: Path) -> None:
    done = tgc("build", "recipes/small.yaml", cwd=built)
    assert (done.returncode, done.stderr) == (0, "")
    assert (
        done.stdout == "small is up to date: nothing to generate, and its mix is in warehouse/mixes/small\n"
    )


def test_sql_counts_the_levels(built: Path) -> None:
    done = tgc("sql", "select level, count(*) as nodes from nodes group by 1 order by 1", cwd=built)
    assert done.stdout == "level     nodes\nanswer        4\nquestion      4\ntopic         2\n(3 rows)\n"


@pytest.mark.parametrize("form", ["csv", "json", "parquet"])
def test_sql_answers_in_every_format(built: Path, form: str) -> None:
    done = subprocess.run(
        [*TGC, "sql", "select * from conversations", "--format", form],
        cwd=built,
        capture_output=True,
        check=True,
    )
    assert done.stdout


@pytest.mark.parametrize(
    "query", ["delete from node", "select 1; select 2", "select * from '/etc/passwd'", "selec"]
)
def test_sql_is_read_only(built: Path, query: str) -> None:
    done = tgc("sql", query, cwd=built)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_named_queries_run_by_name(built: Path) -> None:
    assert "question" in tgc("sql", "funnel", cwd=built).stdout
    wrong = tgc("sql", "funel", cwd=built)
    assert (wrong.returncode, "`funnel`" in wrong.stderr) == (2, True)


def test_runs_lists_the_build(built: Path) -> None:
    assert "small" in tgc("runs", cwd=built).stdout


def test_plan_of_a_whole_tree_is_up_to_date(built: Path) -> None:
    assert "up to date" in tgc("plan", "recipes/small.yaml", cwd=built).stdout
    assert json.loads(tgc("plan", "recipes/small.yaml", "--format", "json", cwd=built).stdout)["new"] == 0


@pytest.mark.parametrize("things", ["levels", "filters", "formats", "backends", "recipes", "queries"])
def test_ls_lists(built: Path, things: str) -> None:
    done = tgc("ls", things, cwd=built)
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) > 1
    assert all(len(line) <= 80 for line in done.stdout.splitlines())


def test_doctor_is_content(built: Path) -> None:
    done = tgc("doctor", cwd=built)
    assert done.returncode == 0, done.stdout
    assert "builtin:atlas" in done.stdout


def test_check_reports_and_leaves_with_2(built: Path) -> None:
    (built / "recipes" / "wrong.yaml").write_text(RECIPE.replace("branch", "brunch"))
    done = tgc("check", "recipes/wrong.yaml", "--format", "concise", cwd=built)
    assert done.returncode == 2
    assert done.stdout.startswith("recipes/wrong.yaml:5:")


@pytest.mark.parametrize(
    "arguments",
    [
        ("build", "recipes/absent.yaml"),
        ("plan", "."),
        ("init", ".", "--recipe", "nothing"),
        ("build", "recipes/small.yaml", "--profile", "nowhere"),
        ("sql",),
        ("ls", "things"),
    ],
)
def test_bad_arguments_leave_with_2_and_no_traceback(built: Path, arguments: tuple[str, ...]) -> None:
    done = tgc(*arguments, cwd=built)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_without_a_warehouse_sql_says_what_to_do(tmp_path: Path) -> None:
    done = tgc("sql", "select 1", cwd=tmp_path)
    assert (done.returncode, "tgc build" in done.stderr) == (1, True)


def test_init_begins_a_project_that_checks(tmp_path: Path) -> None:
    done = tgc("init", "demo", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert tgc("check", "recipes/quickstart.yaml", cwd=tmp_path / "demo").returncode == 0
    again = tgc("init", "demo", cwd=tmp_path)
    assert (again.returncode, "there already" in again.stderr) == (2, True)
