"""What a collection drops, and what it keeps: several recipes, revisions, mixes, and a kill in the middle."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests import golden
from tests.checkout import Checkout
from tests.echo import Echo
from tests.workshop import RECIPE, Workshop
from tgc import driver, versions
from tgc.errors import UsageError, WarehouseError
from tgc.executor.watch import Silent
from tgc.project import Project
from tgc.render import gc as screen
from tgc.warehouse import Warehouse, read

GOLDEN = Path(__file__).parent / "render" / "gc"
DISTINCT = "branch: 4, max_tokens: 16, distinct: {by: mmr, oversample: 2.0}"


class Kept(Workshop):
    """A workshop whose collections are counted; its mix has few rows, so that few nodes are cited."""

    def __init__(self, root: Path, backend: Echo | None = None) -> None:
        super().__init__(root, backend)
        self.edit("size: 12", "size: 3")

    def going(self, *ignored: str) -> dict[str, int]:
        """How many nodes of each level would go."""
        weights = versions.survey(Project(self.root), ignored).weights
        return {level: nodes for _, level, nodes, _ in weights.iter_rows()}

    def collect(self, *ignored: str) -> int:
        done = versions.collect(Project(self.root), ignored, lambda _: True)
        return len(done.dropped) if done else 0

    def held(self) -> int:
        with read(Project(self.root).database) as reader:
            assert reader is not None
            return len(reader.catalog("demo").held)

    def forget_mixes(self) -> None:
        """As if no mix had been published."""
        with Warehouse.open(Project(self.root).database) as warehouse:
            warehouse._database.script("delete from mix_row; delete from mix")


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kept:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    return Kept(tmp_path)


@pytest.fixture(scope="module")
def twice_built(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """Built, edited so that all questions and answers are others, built again; no mix cites the old ones."""
    shop = Kept(tmp_path_factory.mktemp("edited"))
    shop.build()
    shop.edit("Talk about", "Ask about")
    shop.build()
    shop.forget_mixes()
    return shop


@pytest.fixture
def edited(twice_built: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kept:
    """One of its own of what was `twice_built`."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    return twice_built.copied(tmp_path)


def test_what_is_wanted_stays(shop: Kept) -> None:
    shop.build()
    assert shop.going() == {}
    assert shop.collect() == 0
    assert shop.held() == 39


def test_what_an_edit_orphaned_goes(edited: Kept) -> None:
    assert edited.going() == {"question": 12, "answer": 24}
    assert edited.held() == 75
    assert edited.collect() == 36
    assert edited.held() == 39
    edited.asked()
    edited.build()
    assert edited.asked() == 0


def test_what_a_mix_cites_stays_with_all_above_it(shop: Kept) -> None:
    shop.build()
    shop.edit("Talk about", "Ask about")
    shop.build()
    assert shop.going() == {"question": 9, "answer": 21}
    shop.collect()
    cited = shop.sql(
        "select count(*) from mix_rows, lateral (select count(*) from lineage(leaf_id)) as l(n) where n = 3"
    )
    assert cited.item() == 6


def test_what_a_collection_drops_leaves_nothing_behind(shop: Kept) -> None:
    shop.edit("branch: 4, max_tokens: 16", DISTINCT)
    shop.build()
    shop.edit("Talk about", "Ask about")
    shop.build()
    shop.forget_mixes()
    assert shop.collect() == 24 + 24
    for table in ("verdict", "pick", "member"):
        lost = shop.sql(f"select count(*) from {table} where node_id not in (select node_id from node)")
        assert lost.item() == 0, table


def test_failures_go_with_the_nodes_they_hang_under(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    shop = Kept(tmp_path, Echo(failing=frozenset({"user says 1"})))
    shop.build()
    assert shop.sql("select count(*) from failure").item() > 0
    shop.edit("Talk about", "Ask about")
    shop.backend = Echo()
    shop.build()
    shop.forget_mixes()
    shop.collect()
    assert shop.sql("select count(*) from failure").item() == 0


def test_what_was_drawn_stays_with_what_was_picked(shop: Kept) -> None:
    shop.edit("branch: 4, max_tokens: 16", DISTINCT)
    first = shop.recipe.read_text(encoding="utf-8")
    shop.build()
    shop.edit("Talk about", "Ask about")
    shop.build()
    gone = shop.going()
    assert gone["answer"] == 24 - 3
    assert "question" not in gone, "each topic has a cited question, picked from among all its siblings"
    shop.collect()
    shop.write(first)
    shop.asked()
    shop.build()
    assert {request.role for request in shop.backend.asked} == {"assistant"}


def test_a_removed_value_goes_with_its_draws(shop: Kept) -> None:
    shop.edit("branch: 4, max_tokens: 16", DISTINCT)
    shop.build()
    shop.edit("[physics, law, music]", "[physics, law]")
    shop.build()
    shop.forget_mixes()
    assert shop.going() == {"topic": 1, "question": 8, "answer": 8}


def test_the_last_build_stays_though_the_recipe_was_edited_since(shop: Kept) -> None:
    shop.build()
    shop.forget_mixes()
    shop.edit("Talk about", "Ask about")
    assert shop.going() == {}


def test_the_recipe_of_the_working_tree_stays_though_others_were_built_since(shop: Kept) -> None:
    shop.build()
    first = shop.recipe.read_text(encoding="utf-8")
    shop.edit("Talk about", "Ask about")
    shop.build()
    shop.forget_mixes()
    shop.write(first)
    assert shop.going() == {}


@pytest.mark.parametrize("ref", ["branch", "tag", "annotated tag", "linked work tree"])
def test_a_revision_in_use_keeps_its_nodes(shop: Kept, tmp_path: Path, ref: str) -> None:
    checkout = Checkout(tmp_path)
    checkout.write(".gitignore", "warehouse/\nlinked/\n")
    checkout.commit()
    match ref:
        case "branch":
            checkout.git("branch", "old-ä")
        case "tag":
            checkout.git("tag", "v1")
        case "annotated tag":
            checkout.git("tag", "--annotate", "v1", "--message", "one")
        case _:
            checkout.git("worktree", "add", "--detach", str(tmp_path / "linked"))
    shop.build()
    shop.edit("Talk about", "Ask about")
    checkout.commit()
    shop.build()
    shop.forget_mixes()
    assert shop.going() == {}
    name = {"branch": "old-ä", "linked work tree": "HEAD~1"}.get(ref, "v1")
    assert shop.going(name) == {"question": 12, "answer": 24}


def test_an_edit_that_was_never_tagged_goes(shop: Kept, tmp_path: Path) -> None:
    checkout = Checkout(tmp_path)
    checkout.write(".gitignore", "warehouse/\n")
    checkout.commit()
    shop.build()
    shop.edit("Talk about", "Ask about")
    checkout.commit()
    shop.build()
    shop.forget_mixes()
    assert shop.going() == {"question": 12, "answer": 24}


def test_a_detached_head_is_in_use(shop: Kept, tmp_path: Path) -> None:
    checkout = Checkout(tmp_path)
    checkout.write(".gitignore", "warehouse/\n")
    checkout.commit()
    shop.build()
    checkout.git("checkout", "--detach")
    shop.edit("Talk about", "Ask about")
    checkout.commit()
    shop.build()
    shop.edit("Ask about", "Chat about")
    shop.build()
    shop.forget_mixes()
    assert shop.going() == {}


def test_what_does_not_compile_stops_a_collection(edited: Kept, tmp_path: Path) -> None:
    checkout = Checkout(tmp_path)
    checkout.write(".gitignore", "warehouse/\n")
    edited.edit("branch: 4", "brunch: 4")
    checkout.commit()
    checkout.git("tag", "broken")
    edited.edit("brunch: 4", "branch: 4")
    checkout.commit()
    with pytest.raises(UsageError, match=r"`broken:recipes/demo.yaml` does not compile") as caught:
        edited.going()
    assert caught.value.hint == "`tgc gc --ignore broken` gives up what only that revision needs"
    assert edited.going("broken") == {"question": 12, "answer": 24}
    edited.edit("branch: 4", "brunch: 4")
    with pytest.raises(UsageError, match=r"`recipes/demo.yaml` does not compile"):
        edited.going("broken")
    assert edited.held() == 75


def test_profiles_and_shared_fragments_are_no_recipes(edited: Kept) -> None:
    (edited.root / "recipes/profiles.yaml").write_text("default: here\nhere: {backend: torch}\n")
    (edited.root / "recipes/shared.yaml").write_text("vars: {tone: kind}\n")
    assert edited.going() == {"question": 12, "answer": 24}


def test_a_node_that_any_recipe_needs_stays(edited: Kept) -> None:
    other = edited.root / "recipes" / "other.yaml"
    other.write_text(RECIPE.replace("name: demo", "name: other").replace("Talk about", "Ask about"))
    assert edited.going() == {"question": 12, "answer": 24}
    other.write_text(RECIPE.replace("name: demo", "name: other"))
    assert edited.going() == {}


def test_a_project_without_a_warehouse_has_nothing_to_collect(shop: Kept) -> None:
    with pytest.raises(WarehouseError, match="no warehouse"):
        shop.going()
    with pytest.raises(WarehouseError, match="no warehouse"):
        shop.collect()
    assert not (shop.root / "warehouse").exists()


def test_who_disagrees_keeps_everything(edited: Kept) -> None:
    assert versions.collect(Project(edited.root), (), lambda _: False) is None
    assert edited.held() == 75


def test_the_file_shrinks(shop: Kept) -> None:
    shop.edit("branch: 4", "branch: 1000")
    shop.build()
    shop.edit("branch: 1000", "branch: 4")
    shop.build()
    shop.forget_mixes()
    database = Project(shop.root).database
    before = database.stat().st_size
    assert shop.collect() == 3 * 996 * 3
    assert database.stat().st_size < before * 2 / 3
    assert [path.name for path in database.parent.glob("*duckdb*")] == ["tgc.duckdb"]
    shop.asked()
    shop.build()
    assert (shop.asked(), shop.sql("select count(*) from nodes").item()) == (0, 39)
    assert shop.sql("from lineage((select leaf_id from mix_rows limit 1))").height == 3


def test_two_recipes_share_the_nodes_of_the_levels_they_share(tmp_path: Path) -> None:
    shop = Workshop(tmp_path)
    shop.build()
    assert shop.asked() == 36
    other = shop.root / "recipes" / "other.yaml"
    other.write_text(RECIPE.replace("name: demo", "name: other").replace("max_tokens: 32", "max_tokens: 48"))
    driver.build(driver.check(other), Silent(), shop.backend)
    assert [request.role for request in shop.backend.asked] == ["assistant"] * 24
    assert shop.sql("select count(distinct node_id) from nodes where level = 'question'").item() == 12
    counts = shop.sql("select recipe, count(*) from nodes where level = 'question' group by 1 order by 1")
    assert counts.rows() == [("demo", 12), ("other", 12)]


def test_an_edit_of_one_recipe_leaves_the_other_as_it_is(tmp_path: Path) -> None:
    shop = Workshop(tmp_path)
    other = shop.root / "recipes" / "other.yaml"
    other.write_text(RECIPE.replace("name: demo", "name: other"))
    shop.build()
    driver.build(driver.check(other), Silent(), shop.backend)
    assert shop.asked() == 36
    shop.edit("branch: 4", "branch: 2")
    shop.edit("Talk about", "Ask about")
    shop.build()
    planned = driver.plan(driver.check(other))
    assert (planned.steps, planned.held) == ((), 39)
    assert [level.orphaned for level in planned.levels] == [0, 0, 0]


KILLED = """
import sys
from pathlib import Path
from tgc import versions
from tgc.project import Project

print("ready", flush=True)
versions.collect(Project(Path(sys.argv[1])), (), lambda _: not print("go", flush=True))
"""


@pytest.mark.parametrize("wait", [0.0, 0.02, 0.04, 0.06, 0.08, 0.12])
def test_a_collection_that_is_killed_drops_all_or_nothing(edited: Kept, wait: float) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(edited.root)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "GIT_CEILING_DIRECTORIES": str(edited.root.parent)},
    )
    assert child.stdout is not None
    assert [child.stdout.readline(), child.stdout.readline()] == ["ready\n", "go\n"]
    time.sleep(wait)
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()
    assert edited.held() in {39, 75}
    for table in ("verdict", "member"):
        lost = edited.sql(f"select count(*) from {table} where node_id not in (select node_id from node)")
        assert lost.item() == 0
    (edited.root / "warehouse/tgc.copy.duckdb").write_bytes(b"what a kill may leave")
    (edited.root / "warehouse/tgc.copy.duckdb.wal").write_bytes(b"and this")
    edited.collect()
    edited.asked()
    edited.build()
    assert (edited.held(), edited.asked()) == (39, 0)


def test_the_screens(edited: Kept) -> None:
    project = Project(edited.root)
    before = screen.explain(versions.survey(project), "warehouse/tgc.duckdb") + "\n"
    edited.collect()
    after = screen.explain(versions.survey(project), "warehouse/tgc.duckdb") + "\n"
    assert golden.same(before, GOLDEN / "orphaned.txt")
    assert golden.same(after, GOLDEN / "nothing.txt")
    assert max(map(len, (before + after).splitlines())) <= 80
