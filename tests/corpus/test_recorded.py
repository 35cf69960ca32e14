"""What a model was asked for a node is made again from what its run recorded, and its key proves it."""

import shutil
from pathlib import Path

import pytest

from tests.cli.test_compiler import MANY
from tests.workshop import RECIPE, Workshop
from tgc import corpus
from tgc.corpus import recorded
from tgc.corpus.recorded import Asked

FILES = """\
name: demo
seed: 7
model: builtin:atlas
tree:
  zone: {values: zones.csv}
  area: {prompt: areas.j2, answers: {list: str}, branch: 2, depth: 2, max_tokens: 8}
  angle: {map: "{{ area }} in {{ zone.year }}"}
  question: {role: user, system: said/system.j2, branch: 2, max_tokens: 16, examples: {from: seeds.txt, k: 2}}
  answer: {role: assistant, max_tokens: 32}
"""


@pytest.fixture
def shop(tmp_path: Path) -> Workshop:
    shop = Workshop(tmp_path)
    shop.template(
        "areas.j2", "{% include 'said/_tone.j2' %} Parts of {{ zone }}, {{ parent }}, {{ ordinal }}."
    )
    shop.template("said/_tone.j2", "Shortly.")
    shop.template("said/system.j2", "On {{ angle }}, as in {{ examples | join(', ') }}.")
    (shop.root / "recipes" / "zones.csv").write_text("name,year\nnorth,1900\nsouth,1800\n")
    (shop.root / "recipes" / "seeds.txt").write_text("one\ntwo\nthree\nfour\n")
    return shop


SOME = """
select node_id, level
from nodes
where seed is not null
qualify row_number() over (partition by level order by ordinal desc, node_id) <= 2
"""


def asked(shop: Workshop) -> dict[str, set[bool | str]]:
    """By level, whether what two of its nodes were asked is exact, or why nobody knows."""
    found: dict[str, set[bool | str]] = {}
    for node_id, level in shop.sql(SOME).iter_rows():
        given = corpus.account(node_id, shop.root).asked
        assert given is not None
        found.setdefault(level, set()).add(given.exact if isinstance(given, Asked) else given)
    return found


@pytest.mark.parametrize("recipe", [RECIPE, MANY, FILES], ids=["dialogues", "every kind of level", "files"])
def test_every_request_is_made_again_exactly(shop: Workshop, recipe: str) -> None:
    shop.write(recipe)
    shop.build()
    found = asked(shop)
    assert found == {level: {True} for level in found}
    assert len(found) >= 2


def test_later_edits_and_lost_files_do_not_matter(shop: Workshop) -> None:
    shop.write(FILES)
    shop.build()
    before = asked(shop)
    shop.template("areas.j2", "Other parts of {{ zone }}, {{ parent }}.")
    (shop.root / "recipes" / "zones.csv").unlink()
    shutil.rmtree(shop.root / "templates" / "said")
    shop.edit("max_tokens: 16", "max_tokens: 12")
    assert asked(shop) == before


def test_nodes_of_an_earlier_run_are_asked_by_its_recipe_under_the_names_of_then(shop: Workshop) -> None:
    shop.build()
    shop.edit("  question:", "  ask:")
    shop.edit("branch: 2,", "branch: 3,")
    shop.build()
    assert asked(shop) == {"ask": {True}, "answer": {True}}


def test_siblings_are_those_of_one_level_and_not_what_an_edit_has_left_behind(shop: Workshop) -> None:
    shop.build()
    shop.edit("max_tokens: 32", "max_tokens: 24")
    shop.build()
    nodes = shop.sql("select min(node_id) as node_id from nodes group by level order by level")["node_id"]
    assert [corpus.account(node_id, shop.root).siblings for node_id in nodes] == [2, 4, 3]


def test_examples_that_changed_since_leave_the_request_inexact(shop: Workshop) -> None:
    shop.write(FILES)
    shop.build()
    (shop.root / "recipes" / "seeds.txt").write_text("five\nsix\n")
    found = asked(shop)
    assert (found["area"], found["question"]) == ({True}, {False})


def test_examples_that_are_gone_are_named(shop: Workshop) -> None:
    shop.write(FILES)
    shop.build()
    (shop.root / "recipes" / "seeds.txt").unlink()
    (reason,) = asked(shop)["question"]
    assert "`seeds.txt`" in str(reason)


def test_a_recorded_template_is_written_nowhere_else(tmp_path: Path) -> None:
    recorded._write({"../outside.j2": "x", "inner/fine.j2": "y"}, tmp_path / "folder")
    assert sorted(path.name for path in tmp_path.rglob("*.j2")) == ["fine.j2"]
