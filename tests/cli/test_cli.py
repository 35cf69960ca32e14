"""The commands as a user types them; in a process of their own where that is what counts."""

import json
import pty
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from tests.cli.typed import tgc

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


@pytest.mark.parametrize(
    ("form", "read"), [("csv", pl.read_csv), ("json", pl.read_json), ("parquet", pl.read_parquet)]
)
def test_sql_answers_in_every_format(built: Path, form: str, read: Callable[[bytes], pl.DataFrame]) -> None:
    query = "select leaf_id, turns, messages from conversations"
    answer = subprocess.check_output([*TGC, "sql", query, "--format", form], cwd=built)
    assert read(answer).shape == (4, 3)


@pytest.mark.parametrize("form", ["csv", "json", "parquet"])
def test_sql_minds_no_reader_who_has_enough(built: Path, form: str) -> None:
    query = "select range as n, md5(range::varchar) as text from range(20_000)"
    asked = [*TGC, "sql", query, "--format", form]
    with subprocess.Popen(asked, cwd=built, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as asking:
        assert asking.stdout is not None
        assert asking.stderr is not None
        asking.stdout.read(1)
        asking.stdout.close()
        assert asking.stderr.read() == b""


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


@pytest.mark.parametrize(
    ("query", "hint"),
    [("funnel;", "`funnel`"), ("funnel.sql", "`funnel`"), ("near-duplicates", "`duplicates`")],
)
def test_what_is_almost_a_named_query_gets_its_name(built: Path, query: str, hint: str) -> None:
    done = tgc("sql", query, cwd=built)
    assert (done.returncode, f"hint: a similar name is known: {hint}" in done.stderr) == (2, True)


def test_a_query_comes_from_a_file_or_from_stdin(built: Path) -> None:
    query = "\ufeffselect 6 * 7 as answer"
    (built / "query.sql").write_text(query, encoding="utf-8")
    for name, stdin in (("query.sql", ""), ("-", query)):
        done = tgc("sql", "-f", name, "--format", "csv", cwd=built, stdin=stdin)
        assert done.stdout == "answer\n42\n"


@pytest.mark.parametrize(
    "query", ["-- all\nselect 6 * 7 as answer", "--all of it\nselect 6 * 7 as answer -- so"]
)
def test_a_query_may_begin_with_a_comment(built: Path, query: str) -> None:
    assert tgc("sql", query, "--format", "csv", cwd=built).stdout == "answer\n42\n"
    assert "No such option" in tgc("sql", "--formt", "csv", cwd=built).stderr


def test_parquet_is_not_written_to_a_terminal(built: Path) -> None:
    _, terminal = pty.openpty()
    asked = [*TGC, "sql", "select 1", "--format", "parquet"]
    done = subprocess.run(asked, cwd=built, stdout=terminal, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, "error: a terminal shows no parquet" in done.stderr) == (2, True)


def test_one_query_is_asked_and_it_is_text(built: Path) -> None:
    (built / "query.sql").write_bytes(b"select '\xff'")
    for arguments, said in (
        (("select 1", "-f", "query.sql"), "a query and a file"),
        (("-f", "query.sql"), "`query.sql` is not UTF-8 text"),
        ((" \n",), "there is no query"),
    ):
        done = tgc("sql", *arguments, cwd=built)
        assert (done.returncode, said in done.stderr, "Traceback" in done.stderr) == (2, True, False)


@pytest.mark.parametrize(("form", "text"), [("csv", "x\n00ff\n"), ("json", '[{"x":"00ff"}]\n')])
def test_blobs_are_printed_in_hex(built: Path, form: str, text: str) -> None:
    assert tgc("sql", "select '\\x00\\xFF'::blob as x", "--format", form, cwd=built).stdout == text


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


def test_templates_are_named_from_where_the_user_is(tmp_path: Path) -> None:
    for folder in ("recipes", "templates"):
        (tmp_path / folder).mkdir()
    (tmp_path / "templates" / "ask.j2").write_text("Ask about {{ topics }}.")
    recipe = tmp_path / "recipes" / "small.yaml"
    recipe.write_text(RECIPE.replace("tg/topic.j2", "ask.j2"))
    done = tgc("check", "recipes/small.yaml", "--format", "concise", cwd=tmp_path)
    assert done.stdout.startswith("templates/ask.j2:1:14: error:")


def test_init_begins_a_project_that_checks(tmp_path: Path) -> None:
    done = tgc("init", "demo", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert tgc("check", "recipes/quickstart.yaml", cwd=tmp_path / "demo").returncode == 0
    assert tgc("init", "demo", "--recipe", "wide_tree", cwd=tmp_path).returncode == 0
    recipe = tmp_path / "demo/recipes/quickstart.yaml"
    recipe.write_text(recipe.read_text().replace("240", "120"))
    again = tgc("init", "demo", cwd=tmp_path)
    assert (again.returncode, "there already" in again.stderr) == (2, True)


def test_sigterm_stops_as_gently_as_ctrl_c(tmp_path: Path) -> None:
    (tmp_path / "recipes").mkdir()
    (tmp_path / "recipes" / "small.yaml").write_text(RECIPE.replace("branch: 2", "branch: 500"))
    process = subprocess.Popen([*TGC, "build", "recipes/small.yaml", "-q"], cwd=tmp_path)
    log = tmp_path / "warehouse" / "tgc.duckdb.wal"
    while process.poll() is None and not (log.exists() and log.stat().st_size > 20_000):
        time.sleep(0.02)
    process.terminate()
    assert process.wait(timeout=60) == 130
    assert "interrupted" in tgc("runs", cwd=tmp_path).stdout
    assert (tmp_path / "warehouse" / ".gitignore").exists()


def test_a_place_where_nothing_can_be_written_is_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "recipes").mkdir()
    (tmp_path / "recipes" / "small.yaml").write_text(RECIPE)
    (tmp_path / "warehouse").write_text("a file where the directory should be")
    done = tgc("build", "recipes/small.yaml", cwd=tmp_path)
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)


def test_profiles_are_checked_beside_the_recipes(tmp_path: Path) -> None:
    (tmp_path / "recipes").mkdir()
    (tmp_path / "recipes" / "small.yaml").write_text(RECIPE)
    (tmp_path / "recipes" / "profiles.yaml").write_text("default: here\nhere: {backend: torch}\n")
    done = tgc("check", "recipes/small.yaml", "recipes/profiles.yaml", cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    assert "profiles" not in tgc("ls", "recipes", cwd=tmp_path).stdout


def test_files_of_the_project_are_shown_from_where_one_stands(tmp_path: Path) -> None:
    for folder in ("recipes", "templates", "data"):
        (tmp_path / folder).mkdir()
    (tmp_path / "data/topics.jsonl").write_text('"law"\n"phys\n', encoding="utf-8")
    recipe = "name: demo\ntree:\n  topic: {values: data/topics.jsonl, speaks: user}\n"
    (tmp_path / "recipes/demo.yaml").write_text(recipe, encoding="utf-8")
    done = tgc("check", "recipes/demo.yaml", "--format", "concise", cwd=tmp_path)
    assert done.stdout.splitlines()[0].startswith("data/topics.jsonl:2:")
