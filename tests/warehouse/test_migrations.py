"""A warehouse of any earlier schema is brought to today's, and loses nothing on the way."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.granary import BIG, NO_FAILURES, NO_PICKS, dialogue, ids
from tgc import assets
from tgc.cli.project import doctor
from tgc.errors import WarehouseError
from tgc.fingerprint import spell
from tgc.warehouse import Warehouse, migrations, read
from tgc.warehouse.database import Database

SCHEMAS = Path(__file__).parent / "schemas"
SCRIPTS = sorted((assets.root() / "warehouse" / "migrations").glob("*.sql"))
VIEWS = ("nodes", "conversations", "verdicts", "runs", "mixes", "mix_rows", "fates", "measures")


def written(path: Path, version: int) -> None:
    """A database of that schema version, as a build of its day left it."""
    rows = [script for script in sorted(SCHEMAS.glob("*.sql")) if int(script.stem) <= version][-1]
    path.parent.mkdir()
    database = Database.open(path)
    database.change("create_meta")
    database.change("write_meta", version, "views of its day")
    for script in (*SCRIPTS[:version], rows):
        database.script(script.read_text(encoding="utf-8"))
    database.close()


@pytest.fixture(params=range(1, migrations.newest() + 1))
def old(request: pytest.FixtureRequest, path: Path) -> Path:
    """A warehouse of every schema version that was ever released."""
    written(path, request.param)
    return path


def test_what_an_older_tgc_wrote_is_all_there(old: Path) -> None:
    with Warehouse.open(old) as warehouse:
        catalog = warehouse.catalog("one")
        assert catalog.held.tolist() == [1, 3, 4, BIG]
        assert {level: members.tolist() for level, members in catalog.members.items()} == {
            "topic": [1],
            "question": [BIG],
            "answer": [3],
        }
        assert warehouse.memberships(1) == [("one", "topic"), ("two", "field")]
        assert warehouse.paths(ids(4))["text"].to_list() == ["law", "Why?", "Or so."]
        assert warehouse.nodes("two")["level"].to_list() == ["field", "question"]
        assert [column.tolist() for column in catalog.ranks["mmr"]] == [[3], [0]]


def test_every_view_answers_over_what_an_older_tgc_wrote(old: Path) -> None:
    Warehouse.open(old).__exit__(None, None, None)
    with read(old) as reader:
        assert reader is not None
        rows = {view: reader.sql(f"select * from {view}").height for view in VIEWS}
        lineage = reader.sql(f"select text from lineage('{spell(3)}')")["text"].to_list()
        messages = reader.sql("select messages from conversations").item()
    assert rows == {
        "nodes": 5,
        "conversations": 1,
        "verdicts": 1,
        "runs": 2,
        "mixes": 1,
        "mix_rows": 1,
        "fates": 5,
        "measures": 0,
    }
    assert lineage == ["law", "Why?", "So."]
    assert [message["content"] for message in messages] == ["Why?", "So."]


def test_a_build_goes_on_where_an_older_tgc_stopped(old: Path) -> None:
    fresh = dialogue()[2:].with_columns(node_id=ids(9))
    with Warehouse.open(old) as warehouse:
        warehouse.append("one", fresh, NO_PICKS, NO_FAILURES)
        warehouse.append("two", dialogue()[2:], NO_PICKS, NO_FAILURES)
    with read(old) as reader:
        assert reader is not None
        assert reader.catalog("one").members["answer"].tolist() == [3, 9]
        assert reader.catalog("two").members["answer"].tolist() == [3]
        assert reader.paths(ids(9))["text"].to_list() == ["law", "Why?", "So."]
        assert reader.paths(ids(3))["text"].to_list() == ["law", "Why?", "So."]


def test_what_an_older_tgc_wrote_is_read_once_the_doctor_has_migrated_it(path: Path) -> None:
    written(path, 1)
    with pytest.raises(WarehouseError, match="older tgc") as refused, read(path):
        pass
    assert "tgc doctor --migrate" in (refused.value.hint or "")
    project = ["--project", str(path.parent.parent)]
    assert "tgc doctor --migrate" in CliRunner().invoke(doctor, project).output
    assert "5 nodes" in CliRunner().invoke(doctor, [*project, "--migrate"]).output
    with read(path) as reader:
        assert reader is not None
        assert reader.catalog("one").held.tolist() == [1, 3, 4, BIG]
