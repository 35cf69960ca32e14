"""Who holds the warehouse answers others: as the file would, what is committed, and nothing else."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from polars.testing import assert_frame_equal

from tests.granary import fill, ids
from tests.warehouse.stranger import NEVER_ENDS, answering, heard, knock, question, until
from tgc.errors import TgcError, UsageError
from tgc.warehouse import Reader, Warehouse, read, wire


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("live") / "tgc.duckdb"


@pytest.fixture(scope="module")
def warehouse(path: Path) -> Iterator[Warehouse]:
    with Warehouse.open(path) as warehouse:
        fill(warehouse)
        yield warehouse


@pytest.fixture(scope="module")
def live(warehouse: Warehouse, path: Path) -> Iterator[Reader]:
    with read(path) as reader:
        assert reader is not None
        assert reader.live
        yield reader


def test_whoever_asks_is_told_what_the_holder_knows(warehouse: Warehouse, live: Reader) -> None:
    assert live.catalog("one").held.tolist() == warehouse.catalog("one").held.tolist()
    assert live.catalog("one").status == "running"
    assert_frame_equal(live.nodes("one"), warehouse.nodes("one"))
    assert_frame_equal(live.paths(ids(3)), warehouse.paths(ids(3)))
    assert_frame_equal(live.weigh(ids(1, 3)), warehouse.weigh(ids(1, 3)))
    assert live.history("one", {"answer": ids(3)}, "p") == warehouse.history("one", {"answer": ids(3)}, "p")


@pytest.mark.parametrize(
    "query",
    [
        "select 1 as a, 'é' as b, null as c, [1, 2] as d, {'x': 1} as e",
        "select date '2024-01-01' as a, timestamptz '2024-01-01 12:00:00+00' as b, 1.5::decimal(9, 2) as c",
        "select interval 1 day as a, 'a'::blob as b, '12:30'::time as c, {'a': 1::utinyint} as d",
        "select ['a', 'b'][1 + range % 2]::enum('a', 'b') as choice from range(200_000)",
        "select range as i, repeat('long ', 40) || range as text from range(200_000)",
        "from nodes limit 0",
        "select * from nodes where text = $text",
        "explain select 1 as a",
        "describe nodes",
    ],
)
def test_an_answer_has_the_columns_and_rows_that_it_has_from_the_file(
    warehouse: Warehouse, live: Reader, query: str
) -> None:
    values = {"text": "Why?"} if "$" in query else {}
    assert_frame_equal(live.sql(query, **values), warehouse.sql(query, **values))


@pytest.mark.parametrize(
    "query",
    [
        "delete from node",
        "insert into node by name select 1 as node_id",
        "create table other as select 1",
        "select 1; select 2",
        "begin",
        "set threads = 1",
        "attach 'other.duckdb'",
        "install fts",
        "copy nodes to 'nodes.csv'",
        "call force_checkpoint()",
        "from force_checkpoint ()",
        'from "checkpoint" /* now */ ()',
        "select 'é' from enable_profiling()",
        "from read_text('/etc/passwd')",
        "from '/etc/passwd'",
        "from glob('*')",
        "select nothing from nodes",
        "select from",
        "select error('at once')",
        "select case when range = 150_000 then error('late') end from range(200_000)",
        "select $who",
        "",
    ],
)
def test_what_the_file_does_not_answer_is_refused_in_the_same_words(
    warehouse: Warehouse, live: Reader, query: str
) -> None:
    with pytest.raises(UsageError) as here:
        warehouse.sql(query)
    with pytest.raises(UsageError) as there:
        live.sql(query)
    assert (here.value.message, here.value.hint) == (there.value.message, there.value.hint)
    assert live.sql("select count(*) as nodes from nodes").item() == 3


def test_a_word_that_is_no_command_may_be_asked_for(live: Reader) -> None:
    assert live.sql("select 'checkpoint()' as checkpoint").item() == "checkpoint()"


@pytest.mark.parametrize(
    "sent",
    [
        b"\x00" * 4096,
        wire._HEAD.pack(wire.QUESTION, 2**60) + b"a",
        wire._HEAD.pack(wire.QUESTION, 3) + b"[1]",
        wire._HEAD.pack(wire.QUESTION, 2) + b"\xff\xff",
        question({"frames": ["wanted"], "statement": "read_some", "values": []})
        + wire._HEAD.pack(b"f", 3)
        + b"abc",
        question({"frames": 3}),
        question({"query": NEVER_ENDS, "values": {}}) * 2,
    ],
)
def test_whoever_talks_nonsense_is_hung_up_on(live: Reader, path: Path, sent: bytes) -> None:
    with knock(path) as line:
        line.sendall(sent)
        assert {*heard(line)} <= {wire.FAILURE}
    assert live.sql("select count(*) as nodes from nodes").item() == 3


@pytest.mark.parametrize(
    "asked",
    [
        {"statement": "drop_from_node", "values": []},
        {"statement": "append_nodes", "values": []},
        {"statement": "read_/../drop_from_node", "values": []},
        {"statement": "read_nothing", "values": []},
        {"statement": "read_outline", "values": ["too", "many", "values"]},
        {"statement": "read_some", "values": []},
        {"query": 1, "values": {}},
        {"query": "select 1 as a", "values": [1]},
        {"script": "drop table node"},
        {},
    ],
)
def test_only_reads_are_answered(live: Reader, path: Path, asked: dict[str, object]) -> None:
    with knock(path) as line:
        line.sendall(question(asked))
        kind, content = wire.receive(line)
        assert kind == wire.FAILURE
        assert isinstance(wire.failure(content), TgcError)
        line.sendall(question({"statement": "read_held", "values": []}))
        assert wire.receive(line)[0] == wire.FRAME


def test_a_query_ends_when_nobody_waits_for_it(live: Reader, path: Path) -> None:
    with knock(path) as line:
        line.sendall(question({"query": NEVER_ENDS, "values": {}}))
        until(lambda: answering() == 2)
        time.sleep(0.1)
    until(lambda: answering() == 1)
