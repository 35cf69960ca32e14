"""Named queries over a small warehouse of two recipes: every answer is a golden text that was checked by hand."""

import math
import re
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result

from tests.echo import Echo, EchoSession
from tests.golden import same
from tests.granary import BIG, NO_FAILURES, NO_PICKS, dialogue, fill, ids
from tests.workshop import Workshop
from tgc import assets, driver
from tgc.backends.base import Completion, Failure, Request
from tgc.catalog import FAILURES, VERDICTS, WORK
from tgc.cli.corpus import sql
from tgc.errors import UsageError
from tgc.executor.watch import Silent
from tgc.origin import Origin
from tgc.project import Project
from tgc.render import frame as screen
from tgc.warehouse import Reader, Warehouse, read
from tgc.warehouse.header import header

GOLDEN = Path(__file__).parent / "queries"
QUERIES = sorted((assets.root() / "warehouse" / "queries").glob("*.sql"))
TIMED = {"cost": ["seconds", "row_seconds"], "speed": ["seconds", "requests_a_second", "tokens_a_second"]}
"""Columns that a clock decides."""
GIVEN = {"search": {"words": 'light "of the"'}}
"""What has to be set."""

DEMO = """\
name: demo
seed: 7
model: builtin:atlas
tree:
  topic: {values: [physics, law, chess]}
  question: {role: user, system: "Of {{ topic }}.", when: "{{ topic != 'chess' }}", branch: 3, max_tokens: 16}
  answer: {role: assistant, branch: 2, max_tokens: 32}
filters:
  - {kind: refusal}
  - {kind: exact_duplicate, level: question}
  - {kind: length, level: answer, min_tokens: 4}
mix:
  split: {validation: 0.5, by: question}
  blend: [{source: chats.jsonl, format: messages, rows: all}]
emit:
  - {format: messages, path: messages.jsonl}
"""
OTHER = """\
name: other
model: builtin:atlas
tree:
  field: {values: [arts]}
  topic: {values: [music, dance]}
  question: {role: user, system: "Of {{ topic }} in the {{ field }}.", max_tokens: 16}
  answer: {role: assistant, max_tokens: 32}
emit: []
"""
EXAM = """\
name: exam
tree:
  question: {values: [Is water wet, He found the largest of all, They found the largest of it, Why], speaks: user}
  answer: {map: "{{ question }}", speaks: assistant}
filters: [{kind: decontaminate, level: question, against: [exam.txt], ngram: 4}]
"""
CHAT = """\
{"messages": [{"role": "user", "content": "Hi!"}, {"role": "assistant", "content": "Hi to you."}]}
"""
SAYS = (
    "What is the speed of light?",
    "Light is faster than sound.",
    "I'm sorry, but I can't help with that.",
    "Who wrote the law of the land?",
    "So.",
)


class Chatter(EchoSession):
    """Says one of a few things."""

    def _answer(self, request: Request) -> Completion | Failure:
        text = SAYS[request.seed % len(SAYS)]
        return Completion(request.key, text, "stop", len(request.messages), len(text.split()), -0.5)


class Talkative(Echo):
    """A backend whose texts are refused, too short, or said before."""

    def open(self, origin: Origin) -> EchoSession:
        return Chatter([], self.failing, self.room)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of two recipes, of which the first was built again with a larger branch."""
    workshop = Workshop(tmp_path_factory.mktemp("home"), Talkative())
    workshop.write(DEMO)
    workshop.recipe.with_name("chats.jsonl").write_text(CHAT, encoding="utf-8")
    workshop.build()
    workshop.edit("branch: 2", "branch: 3")
    workshop.build()
    other = workshop.root / "recipes" / "other.yaml"
    other.write_text(OTHER, encoding="utf-8")
    driver.build(driver.check(other), Silent(), workshop.backend)
    return Project(workshop.root).database


@pytest.fixture
def reader(built: Path) -> Iterator[Reader]:
    with read(built) as reader:
        assert reader is not None
        yield reader


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    with Warehouse.open(tmp_path_factory.mktemp("empty") / "tgc.duckdb") as warehouse:
        yield warehouse


def answer(reader: Reader, path: Path, **given: str) -> pl.DataFrame:
    values = GIVEN.get(path.stem, {}) | given
    return reader.sql(path.read_text(encoding="utf-8"), **values).drop(TIMED.get(path.stem, []))


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.stem)
def test_a_named_query_answers_as_it_did(reader: Reader, query: Path) -> None:
    assert same(screen.table(answer(reader, query)) + "\n", GOLDEN / f"{query.stem}.out")


def test_the_reference_shows_a_real_funnel(reader: Reader) -> None:
    reference = Path(__file__).parents[2] / "docs" / "reference" / "sql.md"
    assert screen.table(answer(reader, named("funnel"), recipe="demo")) in reference.read_text(
        encoding="utf-8"
    )


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.stem)
def test_a_recipe_that_is_named_is_asked_about_alone(reader: Reader, query: Path) -> None:
    everything = answer(reader, query)
    alone = answer(reader, query, recipe="dem*")
    if "recipe" in everything.columns:
        assert alone.equals(everything.filter(pl.col("recipe") == "demo"))
    else:
        assert not alone.equals(answer(reader, query, recipe="other"))


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.stem)
def test_an_empty_warehouse_has_no_answer(empty: Warehouse, query: Path) -> None:
    assert answer(empty, query).is_empty()


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.stem)
def test_a_named_query_says_what_it_shows_in_a_line(query: Path) -> None:
    said = header(query.read_text(encoding="utf-8"))
    assert said.says.endswith(".")
    assert "recipe" in {setting.name for setting in said.settings}


def test_rows_of_a_benchmark_are_named_with_what_hit_them(tmp_path: Path) -> None:
    workshop = Workshop(tmp_path / "home")
    workshop.write(EXAM)
    workshop.recipe.with_name("exam.txt").write_text("Is water wet?\nWho found the largest of moons?\n")
    workshop.build()
    with read(Project(workshop.root).database) as reader:
        assert reader is not None
        hit = answer(reader, named("contamination")).drop("node_id")
    assert hit.rows() == [
        ("exam", "exam.txt", 2, 2, 0.333, "found the largest of"),
        ("exam", "exam.txt", 1, 1, 1.0, "is water wet"),
    ]


def test_nodes_that_two_recipes_share_count_for_both(warehouse: Warehouse) -> None:
    fill(warehouse, "one")
    fill(warehouse, "two")
    rejected = pl.DataFrame([[BIG, "two", "length", False, "short", 1.0, None]], VERDICTS, orient="row")
    warehouse.judge("two", [rejected])
    fates = warehouse.sql("select recipe, level, fate from fates order by recipe, level").rows()
    assert fates == [
        ("one", "answer", "kept"),
        ("one", "question", "kept"),
        ("one", "topic", "kept"),
        ("two", "answer", "below rejected"),
        ("two", "question", "rejected"),
        ("two", "topic", "kept"),
    ]


def test_hidden_nodes_are_nobodys_but_the_run_that_made_them_says_so(warehouse: Warehouse) -> None:
    for _ in range(2):
        warehouse.finish(fill(warehouse), "done", 3, 0, 0, 0, 1.0)
    warehouse.keep("one", {"topic": ids(1)})
    assert warehouse.sql("select level from fates").rows() == [("topic",)]
    changed = answer(warehouse, named("changes")).select("level", "made", "hidden")
    assert changed.rows() == [("topic", 0, 0)]


def test_an_edit_is_named_with_the_nodes_that_it_made_and_hid(tmp_path: Path) -> None:
    workshop = Workshop(tmp_path / "home", Talkative())
    workshop.write(OTHER)
    workshop.build()
    workshop.edit("max_tokens: 32", "max_tokens: 33")
    workshop.build()
    with read(Project(workshop.root).database) as reader:
        assert reader is not None
        changed = answer(reader, named("changes")).select("level", "edited", "made", "hidden")
    assert changed.rows() == [
        ("field", [], 0, 0),
        ("topic", [], 0, 0),
        ("question", [], 0, 0),
        ("answer", ["max_tokens"], 2, 2),
    ]


def test_levels_are_listed_as_recipes_have_them_whoever_wrote_their_nodes(tmp_path: Path) -> None:
    workshop = Workshop(tmp_path / "home", Talkative())
    workshop.write(OTHER)
    workshop.build()
    workshop.write(OTHER.replace("name: other", "name: twin").replace("  answer:", "  closing:"))
    workshop.build()
    workshop.edit("  question:", "  asked:")
    workshop.build()
    with read(Project(workshop.root).database) as reader:
        assert reader is not None
        changed = answer(reader, named("changes"), recipe="twin").select(
            "level", "branch_before", "branch_after"
        )
    assert changed.rows() == [
        ("field", 1, 1),
        ("topic", 2, 2),
        ("asked", None, 1),
        ("question", 1, None),
        ("closing", 1, 1),
    ]


def test_what_hangs_below_no_value_has_no_topic(warehouse: Warehouse) -> None:
    warehouse.append(
        "one", dialogue()[1:].with_columns(parent_id=pl.lit(0, pl.UInt64)), NO_PICKS, NO_FAILURES
    )
    covered = answer(warehouse, named("coverage")).select("topic", "nodes", "kept", "generated", "rows")
    assert covered.rows() == [(None, 2, 2, 5, 0)]


def test_seconds_are_shared_out_by_tokens(warehouse: Warehouse) -> None:
    run_id = fill(warehouse)
    work = pl.DataFrame([["atlas", 10.0, 2, 0, 5]], schema=WORK, orient="row")
    warehouse.measure(run_id, "here", ["cpu"], work)
    cost = warehouse.sql(named("cost").read_text(encoding="utf-8")).select("level", "tokens", "seconds")
    assert cost.rows() == [("question", 2, 4.0), ("answer", 3, 6.0), (None, 5, 10.0)]


def test_requests_that_failed_are_listed_by_reason(warehouse: Warehouse) -> None:
    row: list[object] = [["answer", 9, BIG, "a", "refused by the server", 1]]
    warehouse.append("one", dialogue(), NO_PICKS, pl.DataFrame(row, schema=FAILURES, orient="row"))
    assert answer(warehouse, named("failures")).rows() == [("one", "answer", 1, "refused by the server", 1)]


def test_search_ranks_by_bm25(reader: Reader) -> None:
    texts = dict(reader.sql("select distinct node_id, text from nodes").rows())
    found = dict(reader.sql("select node_id, score from search('the LIGHT')").rows())
    lengths = {node: len(text) for node, text in texts.items()}
    mean = sum(lengths.values()) / len(lengths)
    expected: dict[str, float] = {}
    for word in ("the", "light"):
        counts = {node: re.findall(r"\w+", text.lower()).count(word) for node, text in texts.items()}
        holders = {node: times for node, times in counts.items() if times}
        weight = math.log(1 + (len(texts) - len(holders) + 0.5) / (len(holders) + 0.5))
        for node, times in holders.items():
            norm = 1.2 * (0.25 + 0.75 * lengths[node] / mean)
            expected[node] = expected.get(node, 0) + weight * times * 2.2 / (times + norm)
    assert found == pytest.approx(expected)


@pytest.mark.parametrize(
    ("words", "texts"),
    [
        ("lan land", {"Who wrote the law of the land?"}),
        ('"LAW of"', {"Who wrote the law of the land?"}),
        ('"aster th" nothing', {"Light is faster than sound."}),
        ("can't speed", {"I'm sorry, but I can't help with that.", "What is the speed of light?"}),
        ("% _ ''", set()),
        ("", set()),
    ],
)
def test_search_finds_whole_words_and_quoted_phrases(reader: Reader, words: str, texts: set[str]) -> None:
    assert set(reader.sql("select text from search($words)", words=words)["text"]) == texts


def test_what_is_set_is_bound_and_never_part_of_the_query(reader: Reader) -> None:
    assert answer(reader, named("funnel"), recipe="demo' or true --").is_empty()
    assert answer(reader, named("refusals"), most="1").height == 1
    assert reader.sql("select $n + 1 as n", n=41).item() == 42


@pytest.mark.parametrize(
    ("name", "given", "message", "hint"),
    [
        ("search", {}, "the query needs a value for `$words`", "`--set words=VALUE` gives it one"),
        (
            "funnel",
            {"recipee": "x"},
            "the query has no parameter `$recipee`",
            "a similar name is known: `recipe`",
        ),
    ],
)
def test_a_query_is_given_its_parameters_and_no_others(
    reader: Reader, name: str, given: dict[str, str], message: str, hint: str
) -> None:
    with pytest.raises(UsageError) as error:
        reader.sql(named(name).read_text(encoding="utf-8"), **given)
    assert (error.value.message, error.value.hint) == (message, hint)


@pytest.mark.parametrize("most", ["many", "-1"])
def test_a_value_that_does_not_fit_is_the_users_mistake(reader: Reader, most: str) -> None:
    with pytest.raises(UsageError, match="the query failed"):
        answer(reader, named("refusals"), most=most)


def named(name: str) -> Path:
    return assets.root() / "warehouse" / "queries" / f"{name}.sql"


def run(built: Path, *arguments: str) -> Result:
    return CliRunner().invoke(sql, [*arguments, "--project", str(built.parents[1])])


def test_the_command_sets_parameters_and_keeps_to_eighty_columns(built: Path) -> None:
    shown = run(built, "duplicates", "--set", "recipe=demo", "--set", "most=2").output.splitlines()
    assert (len(shown), max(map(len, shown)) <= 80) == (4, True)


@pytest.mark.parametrize("given", [(), ("--set", "words"), ("--set", "=light"), ("--set", "word=light")])
def test_what_is_set_wrongly_is_the_users_mistake(built: Path, given: tuple[str, ...]) -> None:
    assert isinstance(run(built, "search", *given).exception, UsageError)
