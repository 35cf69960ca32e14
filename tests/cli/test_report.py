"""`tgc report` as a user types it, over a corpus that an echo wrote."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import tgc as package
from tests.workshop import Workshop
from tgc.cli import main


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    shop = Workshop(tmp_path_factory.mktemp("home"))
    shop.build()
    return shop


@pytest.fixture(autouse=True)
def here(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shop.root)


def tgc(*arguments: str, code: int = 0) -> Result:
    done = CliRunner().invoke(main, ["report", *arguments])
    assert done.exit_code == code, done.output
    return done


def test_the_last_line_says_where_the_page_is(shop: Workshop) -> None:
    said = tgc("recipes/demo.yaml").stdout
    assert said == "the report is in warehouse/reports/demo.html\n"
    assert (
        (shop.root / "warehouse/reports/demo.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    )


def test_the_same_warehouse_gives_the_same_bytes_wherever_they_go(shop: Workshop, tmp_path: Path) -> None:
    tgc("recipes/demo.yaml", "-o", str(tmp_path / "new" / "page.html"))
    page = (tmp_path / "new" / "page.html").read_bytes()
    assert tgc("recipes/demo.yaml", "-o", "-").stdout_bytes == page
    assert package.report("recipes/demo.yaml", out=tmp_path / "again.html").read_bytes() == page
    assert b"recipes/demo.yaml" not in page
    assert str(shop.root).encode() not in page


def test_nothing_is_reported_where_nothing_was_built(tmp_path: Path) -> None:
    empty = Workshop(tmp_path)
    assert "there is no warehouse here yet" in tgc(str(empty.recipe), code=1).stderr
    assert not (tmp_path / "warehouse").exists()


def test_a_manifest_that_was_changed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = Workshop(tmp_path)
    shop.build()
    monkeypatch.chdir(tmp_path)
    manifest = tmp_path / "warehouse" / "mixes" / "demo" / "manifest.json"
    for text in ("{", "[]", '{"rows": 3}'):
        manifest.write_text(text, encoding="utf-8")
        assert "is not as tgc wrote it" in tgc("recipes/demo.yaml", code=1).stderr


def test_a_recipe_with_mistakes_gets_all_of_them(tmp_path: Path) -> None:
    wrong = Workshop(tmp_path)
    wrong.edit("branch: 4", "brunch: 4")
    assert "error[unknown-key]" in tgc(str(wrong.recipe), code=2).stderr


def test_a_place_that_cannot_be_written_to_is_named(shop: Workshop) -> None:
    said = tgc("recipes/demo.yaml", "-o", "recipes/demo.yaml/page.html", code=2).stderr
    assert "the report cannot be written to `recipes/demo.yaml/page.html`" in said
