"""`tgc tree` and `tgc show` as a user types them, over a corpus that an echo wrote."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.checkout import Checkout
from tests.echo import Echo
from tests.workshop import Workshop
from tgc.cli import main

FILTERS = """\
  mark: {score: "Is `{{ answer }}` good?", answers: 1..5, max_tokens: 4}
filters:
  - {kind: score, level: mark, min: 3}
mix: {size: 6, balance: [topic], blend: [{source: chats.jsonl, format: messages, rows: 1}]}
"""
CHAT = {"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    """A project that was built twice, committed before; its mix has a row of a file."""
    shop = Workshop(tmp_path_factory.mktemp("home"))
    shop.edit("mix: {size: 12, balance: [topic]}\n", FILTERS)
    shop.edit("branch: 4", "branch: 5")
    (shop.root / "recipes" / "chats.jsonl").write_text(json.dumps(CHAT))
    (shop.root / "warehouse").mkdir()
    checkout = Checkout(shop.root)
    checkout.write("warehouse/.gitignore", "*.duckdb\nmixes/\n")
    checkout.commit()
    shop.build()
    shop.edit("size: 6", "size: 7")
    shop.build()
    return shop


@pytest.fixture(autouse=True)
def here(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shop.root)


def tgc(*arguments: str, code: int = 0) -> Result:
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == code, done.output
    return done


def told(*arguments: str) -> Any:  # noqa: ANN401  # JSON is of any shape
    return json.loads(tgc(*arguments, "--format", "json").stdout)


def ids(shop: Workshop, level: str) -> Iterator[str]:
    yield from shop.sql(f"select node_id from nodes where level = '{level}' order by 1")["node_id"]


def test_a_tree_has_every_node_or_says_how_many_more(shop: Workshop) -> None:
    done = tgc("tree", "recipes/demo.yaml")
    assert done.stdout.splitlines()[0].startswith("demo · 78 held, ")
    assert done.stdout.count("… 2 more") == 3
    assert done.stderr == "`tgc show NODE` tells all of one node\n"


def test_a_tree_marks_what_a_filter_rejected(shop: Workshop) -> None:
    count = shop.sql("select count(*) from verdicts where not kept").item()
    answers = {level["level"]: level for level in told("tree", "recipes/demo.yaml")["levels"]}["answer"]
    assert answers["rejected"] == {"score": count}
    assert answers["kept"] == 30 - count
    assert 0 < count < 30


def test_a_tree_begins_at_any_node_by_its_first_digits(shop: Workshop) -> None:
    question = next(ids(shop, "question"))
    done = tgc("tree", "recipes/demo.yaml", question[:6].upper(), "--depth", "1")
    assert done.stdout.splitlines()[0].startswith(f"demo · question {question} and below · 5 held")
    assert told("tree", "recipes/demo.yaml", question)["node"]["node_id"] == question


def test_a_tree_is_that_of_the_last_build_whatever_the_recipe_says_now(shop: Workshop) -> None:
    before = tgc("tree", "recipes/demo.yaml").stdout
    text = shop.recipe.read_text(encoding="utf-8")
    shop.edit("model: builtin:atlas", "model: builtin:gone")
    after = tgc("tree", "recipes/demo.yaml").stdout
    shop.write(text)
    assert after == before


def test_a_node_is_told_with_what_it_was_asked(shop: Workshop) -> None:
    answer = next(ids(shop, "answer"))
    lines = tgc("show", answer[:8]).stdout.splitlines()
    row = shop.sql(f"select text, seed from nodes where node_id = '{answer}'").row(0)
    assert lines[0] == f"answer {answer}"
    assert lines[1] == f"  │ {row[0]}"
    assert f"  seed      {row[1]}" in lines
    assert "  recipe    recipes/demo.yaml:7 · level answer of demo" in lines
    (asked,) = [place for place, line in enumerate(lines) if line.startswith("asked, as sent")]
    assert "<|system|>Talk about" in lines[asked + 1]


def test_a_node_knows_the_commit_of_its_run(shop: Workshop) -> None:
    run = told("show", next(ids(shop, "question")))["run"]
    commit = shop.sql("select git_commit from runs order by run_id").item(0, 0)
    assert (run["run_id"], run["git_commit"], run["git_dirty"]) == (1, commit, False)


def test_every_row_of_the_mix_leads_to_its_nodes_and_back(shop: Workshop) -> None:
    rows = [told("show", f"demo:{position}") for position in range(8)]
    leaves = shop.sql("select leaf_id from mix_rows where mix_id = 2 order by position")["leaf_id"].to_list()
    assert [row["node"] and row["node"]["node_id"] for row in rows] == leaves
    for row in rows:
        if row["node"]:
            newest = row["node"]["mixes"][0]
            assert (newest["mix_id"], newest["first"][0]["position"]) == (2, row["row"]["position"])


def test_a_question_is_in_the_rows_that_end_below_it(shop: Workshop) -> None:
    leaf = shop.sql("select leaf_id from mix_rows where mix_id = 2 and leaf_id is not null limit 1").item()
    above = told("show", leaf)["lineage"][-1]["node_id"]
    (newest, *_) = told("show", above)["mixes"]
    assert leaf in {row["leaf_id"] for row in newest["first"]}


def test_a_row_is_named_by_its_id_too(shop: Workshop) -> None:
    leaf = shop.sql("select leaf_id from mix_rows where mix_id = 2 and leaf_id is not null limit 1").item()
    assert told("show", f"demo:{leaf}")["node"]["node_id"] == leaf


def test_a_row_of_a_file_says_where_it_is_from(shop: Workshop) -> None:
    position = shop.sql("select position from mix_rows where mix_id = 2 and leaf_id is null").item()
    assert "taken from `chats.jsonl`, line 1;" in tgc("show", f"demo:{position}").stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("show", "0000000000000000"), "hint: `tgc tree RECIPE` shows what there is"),
        (("show", "abc"), "`abc` names no node"),
        (("show", "demo:8"), "hint: its rows are 0 to 7"),
        (("show", "demo:-1"), "`-1` names no node"),
        (("show", "demo:00000000abcd"), "there is no node `00000000abcd` at the end of a row of `demo`"),
        (("show", "dmo:1"), "hint: a similar name is known: `demo`"),
        (("tree", "recipes/demo.yaml", "zzzz"), "`zzzz` names no node"),
        (("tree", "recipes/demo.yaml", "00000000"), "there is no node `00000000` in the tree of `demo`"),
        (("tree", "recipes/dem.yaml"), "cannot be read"),
        (("tree", "recipes/demo.yaml", "--depth", "0"), "is not in the range"),
    ],
)
def test_mistakes_leave_with_2(arguments: tuple[str, ...], said: str) -> None:
    assert said in tgc(*arguments, code=2).stderr


def test_where_nothing_is_held_a_message_says_so(tmp_path: Path) -> None:
    fresh = Workshop(tmp_path, Echo(failing=frozenset({"Talk"})))
    assert "there is no warehouse here yet" in tgc("tree", str(fresh.recipe), code=1).stderr
    assert (
        "there is no warehouse here yet" in tgc("show", "abcdef", "--project", str(tmp_path), code=1).stderr
    )
    fresh.build()
    fresh.edit("name: demo", "name: other")
    assert "the warehouse holds no node of `other` yet" in tgc("tree", str(fresh.recipe), code=1).stderr
