"""The screen of a plan, against golden text."""

from pathlib import Path

import pytest

from tests import golden
from tests.workshop import Workshop
from tgc.render import plan as screen

GOLDEN = Path(__file__).parent / "plan"


@pytest.fixture
def shop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path)


def shown(shop: Workshop) -> str:
    return screen.explain(shop.plan(), "torch", "warehouse/tgc.duckdb") + "\n"


def test_a_first_plan(shop: Workshop) -> None:
    assert golden.same(shown(shop), GOLDEN / "first.txt")


def test_a_plan_says_why(shop: Workshop) -> None:
    shop.build()
    shop.edit("branch: 4", "branch: 6")
    shop.edit("max_tokens: 32", "max_tokens: 48")
    shop.edit("[physics, law, music]", "[physics, law]")
    assert golden.same(shown(shop), GOLDEN / "edited.txt")


def test_a_plan_of_outputs_alone(shop: Workshop) -> None:
    shop.build()
    shop.edit("size: 12", "size: 6")
    assert golden.same(shown(shop), GOLDEN / "outputs.txt")


def test_a_removed_level_is_hidden(shop: Workshop) -> None:
    shop.edit("mix: {size", "  extra: {role: user, branch: 1, max_tokens: 8}\nmix: {size")
    shop.build()
    shop.edit("  extra: {role: user, branch: 1, max_tokens: 8}\n", "")
    assert golden.same(shown(shop), GOLDEN / "removed.txt")


def test_nothing_to_do_is_one_line(shop: Workshop) -> None:
    shop.build()
    assert golden.same(shown(shop), GOLDEN / "nothing.txt")
