"""Siblings that are to be distinct know their family and their place in it; no others do."""

from itertools import groupby
from pathlib import Path

from tests.workshop import Workshop

ANSWERS = "answer: {role: assistant, branch: 2, max_tokens: 32"


def distinct(root: Path) -> Workshop:
    """A project with distinct siblings among its answers."""
    shop = Workshop(root)
    shop.edit(ANSWERS, f"{ANSWERS}, sampling: {{siblings: distinct}}")
    return shop


def test_siblings_share_a_seed_and_number_themselves(tmp_path: Path) -> None:
    shop = distinct(tmp_path)
    shop.build()
    families = sorted(request.family for request in shop.backend.asked if request.family)
    by_seed = [[place for _, place in members] for _, members in groupby(families, lambda family: family[0])]
    assert by_seed == [[0, 1]] * 12
    assert all(0 <= seed < 2**63 for seed, _ in families)


def test_only_the_level_that_says_so_has_families(tmp_path: Path) -> None:
    shop = distinct(tmp_path)
    shop.build()
    assert {(request.role, request.family is None) for request in shop.backend.asked} == {
        ("user", True),
        ("assistant", False),
    }


def test_raising_the_branch_asks_the_new_siblings_of_the_same_families(tmp_path: Path) -> None:
    shop = distinct(tmp_path)
    shop.build()
    first = {request.family[0] for request in shop.backend.asked if request.family}
    shop.asked()
    shop.edit("branch: 2", "branch: 5")
    shop.build()
    families = [request.family for request in shop.backend.asked if request.family]
    assert {seed for seed, _ in families} == first
    assert sorted(ordinal for _, ordinal in families) == [2] * 12 + [3] * 12 + [4] * 12


def test_what_was_asked_before_there_were_families_is_asked_alike(tmp_path: Path) -> None:
    shop = Workshop(tmp_path)
    shop.build()
    shop.asked()
    shop.edit(ANSWERS, f"{ANSWERS}, sampling: {{siblings: independent, dp_lambda: 1}}")
    shop.build()
    assert shop.asked() == 0
