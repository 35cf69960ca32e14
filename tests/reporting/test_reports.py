"""Reports on small corpora: what the page says, and that it says it whatever is missing."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

import tgc
from tests.echo import Echo
from tests.golden import same
from tests.reporting.reading import Read, Talkative, timeless, told
from tests.workshop import Workshop
from tgc import assets, driver, reporting
from tgc.errors import WarehouseError
from tgc.executor.watch import Silent
from tgc.planner.scope import Scope
from tgc.reporting import corpus, mixed
from tgc.reporting.values import Patch

GOLDEN = Path(__file__).parent / "pages"
FILTERED = """\
filters:
  - {kind: refusal}
  - {kind: exact_duplicate, level: question}
  - {kind: length, level: answer, min_tokens: 4}
mix:
"""
BLEND = "balance: [topic], blend: [{source: chats.jsonl, format: messages, rows: all}]"
CHAT = """\
{"messages": [{"role": "user", "content": "Hi!"}, {"role": "assistant", "content": "Hi to you."}]}
"""
OTHER = """\
name: other
model: builtin:atlas
tree:
  field: {values: [arts]}
  question: {role: user, system: "Of the {{ field }}.", max_tokens: 16}
  answer: {role: assistant, max_tokens: 32}
"""
STYLE = re.compile(r"(?<=<style>\n).*?(?=</style>)", re.DOTALL)


def page(report: reporting.Report) -> str:
    return reporting.page(timeless(report))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    """A mix with a row of a file, and texts that were rejected."""
    shop = Workshop(tmp_path_factory.mktemp("home"), Talkative())
    shop.edit("mix:", FILTERED.strip())
    shop.edit(" {size: 12, balance: [topic]}", f" {{size: 12, {BLEND}}}")
    shop.recipe.with_name("chats.jsonl").write_text(CHAT, encoding="utf-8")
    shop.build()
    return shop


def test_the_page_is_as_it_was_checked_by_eye(built: Workshop) -> None:
    assert same(STYLE.sub("", page(told(built))), GOLDEN / "demo.html")


def test_figures_are_those_of_the_named_queries(built: Workshop) -> None:
    report = told(built)
    held, kept = built.sql(
        "select count(*), count(*) filter (where fate = 'kept') from fates where level = 'answer'"
    ).row(0)
    (answers,) = (stage for stage in report.stages if stage.level == "answer")
    assert (answers.held, answers.kept) == (held, kept)
    assert answers.rejected + answers.below == held - kept > 0
    assert report.conversations == kept
    assert sum(bar.nodes for bar in report.lengths[0].bins) == report.lengths[0].nodes
    assert sum(patch.nodes for patch in report.map) == report.written


def test_rows_of_files_are_told_beside_those_of_the_tree(built: Workshop) -> None:
    mix = told(built).mix
    assert mix is not None
    assert {(part.source, part.rows) for part in mix.parts} == {("chats.jsonl", 1), ("demo", mix.rows)}
    (margin,) = mix.margins
    assert sum(stratum.achieved for stratum in margin.strata) == mix.rows


def test_a_tree_that_is_not_whole_says_what_it_lacks(tmp_path: Path) -> None:
    shop = Workshop(tmp_path)
    shop.build(scope=Scope(limit=5))
    report = told(shop)
    assert report.missing == shop.plan().lacking > 0
    assert f"The tree is not whole: {report.missing}" in Read(page(report)).text


def test_a_build_that_was_stopped_before_its_first_answer_has_a_report(tmp_path: Path) -> None:
    shop = Workshop(tmp_path, Echo(failing=frozenset({"Talk"})))
    shop.build()
    said = Read(page(told(shop))).text
    assert "run 1, failed" in said
    assert "question 1 12 refused by the test" in said
    assert said.count("No model has written anything yet.") == 4


def test_a_recipe_that_was_edited_since_tells_what_differs(tmp_path: Path) -> None:
    shop = Workshop(tmp_path)
    more = "  followup: {role: user, max_tokens: 8}\n  reply: {role: assistant, max_tokens: 8}\n"
    shop.edit("mix:", f"{more}mix:")
    shop.build()
    shop.edit(more, "")
    shop.edit("branch: 4", "branch: 3")
    report = told(shop)
    assert report.removed == (("followup", 24), ("reply", 24))
    assert report.hidden == 3 + 6 + 48
    assert "The mix is not up to date" in Read(page(report)).text


def test_each_recipe_of_a_warehouse_has_a_report_of_its_own(built: Workshop) -> None:
    other = built.root / "recipes" / "other.yaml"
    other.write_text(OTHER, encoding="utf-8")
    before = driver.report(driver.check(built.recipe))
    with pytest.raises(WarehouseError, match="holds nothing of `other` yet"):
        driver.report(driver.check(other))
    driver.build(driver.check(other), Silent(), built.backend)
    said = Read(driver.report(driver.check(other))).text
    assert "arts" in said
    assert "physics" not in said
    assert driver.report(driver.check(built.recipe)) == before


def test_what_stands_for_many_is_told_as_such(built: Workshop) -> None:
    query = (assets.root() / "warehouse" / "report" / "map.sql").read_text(encoding="utf-8")
    with tgc.open(built.root) as warehouse:
        whole = corpus.patches(warehouse.sql(query, recipe="demo", patches=12, fewest=3))
        part = corpus.patches(warehouse.sql(query, recipe="demo", patches=6, fewest=2))
        upper = corpus.patches(warehouse.sql(query, recipe="demo", patches=1, fewest=3))
    assert [len(patch.patches) for patch in whole] == [4, 4, 4]
    assert [[(inner.several, inner.nodes) for inner in patch.patches] for patch in part] == [
        [(1, 3), (1, 3), (2, 6)]
    ] * 3
    assert [(patch.name is None, patch.several, patch.nodes) for patch in upper] == [
        (False, 1, 12),
        (True, 2, 24),
    ]


def test_a_large_map_has_a_table_of_its_largest_parts(built: Workshop) -> None:
    parts = (*(Patch(f"t{number}", 1, 9, 3, 0) for number in range(100)), Patch(None, 50, 8, 8, 1))
    said = Read(page(replace(told(built), map=parts))).text
    assert "The first 100 of 101" in said
    assert "50 others: 8 nodes, 100.0% kept, 1 row" in said


def test_of_many_kinds_those_furthest_behind_are_told(built: Workshop) -> None:
    strata = [
        {"stratum": ["topic", str(number)], "available": 9, "asked": 9, "achieved": 9 - number % 7}
        for number in range(mixed.MOST + 5)
    ]
    manifest = {
        "rows": {"asked": None, "achieved": 1},
        "tokens": {"asked": 100, "achieved": 90},
        "splits": {},
        "blend": [],
        "balance": {"area, topic": strata},
        "drops": {},
        "files": [],
    }
    mix = mixed.mix(manifest, built.sql("select split, source, 1 as rows, tokens from mix_rows"))
    (margin,) = mix.margins
    assert (margin.strata[0].name, margin.strata[0].achieved, margin.more) == ("topic · 6", 3, 5)
    assert sum(stratum.achieved == 9 for stratum in margin.strata) == 2
    said = Read(page(replace(told(built), mix=mix, more=2))).text
    assert "5 further kinds are not shown" in said
    assert "2 further levels are not shown" in said


def test_shares_are_told_as_asked_and_achieved(tmp_path: Path) -> None:
    shop = Workshop(tmp_path, Talkative())
    blend = "{source: chats.jsonl, format: messages, share: 0.25, repeat: 2}"
    shop.edit(
        " {size: 12, balance: [topic]}",
        f" {{split: {{test: 0.5, by: topic}}, share_of: tokens, blend: [{blend}]}}",
    )
    shop.recipe.with_name("chats.jsonl").write_text(CHAT, encoding="utf-8")
    shop.build()
    mix = told(shop).mix
    assert mix is not None
    splits, sources = mix.shares
    assert splits.of == "rows of the tree, by split"
    assert {part.name: part.asked for part in splits.parts} == {"test": 0.5, "train": 0.5}
    assert sources.of == "tokens of the mix, by source"
    assert [(part.name, part.asked) for part in sources.parts] == [("demo", 0.75), ("chats.jsonl", 0.25)]
    assert sum(part.achieved for part in sources.parts) == pytest.approx(1, abs=1e-5)
    assert "Shares of tokens of the mix, by source" in page(told(shop))
