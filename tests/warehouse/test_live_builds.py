"""While a build runs, in a process of its own, every command that reads answers, and none that writes."""

import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.checkout import Checkout
from tests.warehouse.stranger import NEVER_ENDS
from tests.workshop import Workshop
from tgc import corpus, driver, health
from tgc.cli import main
from tgc.project import Project
from tgc.warehouse import answer, place

REPOSITORY = Path(__file__).parents[2]


class Build:
    """A paced build of a workshop's recipe."""

    def __init__(self, shop: Workshop) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.warehouse.paced", str(shop.recipe)],
            cwd=REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._wait()

    def advance(self, steps: int) -> None:
        """Go on by so many steps, each of which commits what was made before."""
        assert self.process.stdin is not None
        for _ in range(steps):
            time.sleep(0.3)  # a batch is committed when it is that old
            self.process.stdin.write("\n")
            self.process.stdin.flush()
            self._wait()

    def finish(self) -> int:
        """Let it go on to its end; its exit code."""
        self.process.communicate()
        return self.process.returncode

    def kill(self) -> None:
        """`kill -9`."""
        self.process.kill()
        self.process.communicate()

    def _wait(self) -> None:
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "ready\n"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    shop = Workshop(tmp_path_factory.mktemp("home"))
    (shop.root / "warehouse").mkdir()
    checkout = Checkout(shop.root)
    checkout.write("warehouse/.gitignore", "*.duckdb*\nmixes/\n")
    checkout.commit()
    return shop


@pytest.fixture(scope="module")
def build(shop: Workshop) -> Iterator[Build]:
    """A build that has made some questions and answers and waits before it makes more."""
    build = Build(shop)
    build.advance(2)
    yield build
    assert build.finish() == 0
    assert shop.plan().steps == ()


@pytest.fixture(autouse=True)
def here(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shop.root)


def tgc(*arguments: str, code: int = 0) -> Result:
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == code, done.output
    return done


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("sql funnel", "question"),
        ("runs", "running"),
        ("tree recipes/demo.yaml", "demo ·"),
        ("diff recipes/demo.yaml", "demo"),
        ("report recipes/demo.yaml -o -", "A build is writing"),
        ("gc --dry-run", "nothing to drop"),
    ],
)
def test_commands_that_read_answer_meanwhile(build: Build, command: str, said: str) -> None:
    assert said in tgc(*command.split()).stdout


def test_one_node_is_shown_meanwhile(build: Build, shop: Workshop) -> None:
    node_id, text = shop.sql("select node_id, text from nodes where level = 'question' limit 1").row(0)
    assert corpus.account(node_id, shop.root).path["text"][-1] == text


def test_a_plan_says_what_is_missing_now_and_that_a_build_runs(build: Build, shop: Workshop) -> None:
    assert shop.forecast().notes == (driver.LIVE,)
    questions = shop.levels()["question"]
    assert questions.new + questions.held == 12
    assert questions.new > 0
    assert questions.why == "still to come in the build that runs"


def test_a_doctor_sees_that_a_build_runs(build: Build, shop: Workshop) -> None:
    found = health._warehouse(Project(shop.root))
    assert found.ok
    assert found.says.endswith("MB; a build is writing to it")


def test_a_recipe_takes_its_values_from_a_warehouse_that_grows(build: Build, shop: Workshop) -> None:
    rows = answer(Project(shop.root).database, "select text from nodes where level = 'topic' order by text")
    assert rows == [{"text": "law"}, {"text": "music"}, {"text": "physics"}]


@pytest.mark.parametrize("command", ["build", "mix"])
def test_who_would_write_is_told_to_wait(build: Build, command: str) -> None:
    refused = tgc(command, "recipes/demo.yaml", code=1)
    assert "is in use by another process" in refused.stderr
    assert "`tgc sql`, `plan`, `runs`, `tree`, `show`, `diff` and `report` answer meanwhile" in refused.stderr


def test_who_asks_and_is_killed_does_no_harm(build: Build, shop: Workshop) -> None:
    database = Project(shop.root).database
    query = f"print('asked', flush=True); reader.sql({NEVER_ENDS!r})"
    script = (
        f"import pathlib, tgc.warehouse\nwith tgc.warehouse.read(pathlib.Path({str(database)!r})) as reader:"
    )
    asking = subprocess.Popen([sys.executable, "-c", f"{script} {query}"], stdout=subprocess.PIPE)
    assert asking.stdout is not None
    asking.stdout.readline()
    time.sleep(0.1)
    asking.kill()
    asking.communicate()
    held = count(shop)
    build.advance(1)
    assert count(shop) > held


def count(shop: Workshop) -> int:
    return int(shop.sql("select count(*) as nodes from nodes").item())


WHOLE = """\
select
    (select count(*) from node) as nodes,
    (select count(*) from member) as members,
    (select count(*) from member anti join node using (node_id)) as strays,
    (select count(*) from node where parent_id <> 0 and parent_id not in (select node_id from node)) as orphans,
"""


def test_whoever_asks_at_any_moment_sees_whole_batches(tmp_path: Path) -> None:
    shop = Workshop(tmp_path)
    shop.edit("branch: 4", "branch: 16")
    shop.edit("branch: 2", "branch: 6")
    build = Build(shop)
    build.advance(1)
    with ThreadPoolExecutor() as pool:
        ending = pool.submit(build.finish)
        seen = [shop.sql(WHOLE).row(0)]
        while not ending.done():
            seen.append(shop.sql(WHOLE).row(0))
    assert ending.result() == 0
    nodes, members, strays, orphans = zip(*seen, shop.sql(WHOLE).row(0), strict=True)
    assert [*nodes] == sorted(nodes) == [*members]
    assert nodes[0] < nodes[-1] == 3 + 48 + 288
    assert len({*nodes}) > 3
    assert {*strays, *orphans} == {0}


def test_a_build_that_is_killed_is_in_nobodys_way(tmp_path: Path) -> None:
    shop = Workshop(tmp_path)
    build = Build(shop)
    build.advance(2)
    build.kill()
    left = next(path for path in place._candidates(Project(shop.root).database) if path.exists())
    questions = shop.levels()["question"]
    assert questions.held > 0
    assert questions.why == "left over from an interrupted build"
    shop.build()
    assert not left.exists()
    assert shop.plan().steps == ()
