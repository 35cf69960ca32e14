"""What can be used in a recipe is listed whole."""

from tgc.recipe.section import KINDS
from tgc.render import inventory


def test_every_kind_of_level_is_listed() -> None:
    assert tuple(inventory.LEVELS) == KINDS
