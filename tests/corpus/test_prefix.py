"""Nodes by the first digits of their ids."""

import pytest

from tgc.corpus import prefix
from tgc.errors import UsageError
from tgc.fingerprint import spell

HELD = [0x0AF3 << 48, (0x0AF3 << 48) + 1, 0x0AF4 << 48, 2**64 - 1, *range(0xBBBB << 48, (0xBBBB << 48) + 12)]


def find(first: int, last: int) -> list[int]:
    return [node_id for node_id in HELD if first <= node_id <= last][: prefix.MOST]


@pytest.mark.parametrize("node_id", HELD)
def test_a_whole_id_names_its_node(node_id: int) -> None:
    assert prefix.only(spell(node_id), find, "here") == node_id


@pytest.mark.parametrize(("given", "node_id"), [("0af4", HELD[2]), ("FFFFff", HELD[3])])
def test_digits_that_no_other_node_begins_with_are_enough(given: str, node_id: int) -> None:
    assert prefix.only(given, find, "here") == node_id


@pytest.mark.parametrize(
    ("given", "message", "hint"),
    [
        ("0af5", "there is no node `0af5` here", "`tgc tree RECIPE` shows what there is"),
        ("0af3", "several nodes begin with `0af3`", "they are `0af3000000000000`, `0af3000000000001`"),
        (
            "0af",
            "`0af` names no node",
            "a node is 16 hex digits, or at least 4 that no other node begins with",
        ),
        ("0af300000000000000", "`0af300000000000000` names no node", "a node is 16 hex digits, or"),
        ("0xaf3", "`0xaf3` names no node", "a node is 16 hex digits, or"),
    ],
)
def test_what_names_none_or_several_is_refused(given: str, message: str, hint: str) -> None:
    with pytest.raises(UsageError) as refusal:
        prefix.only(given, find, "here")
    assert refusal.value.message == message
    assert (refusal.value.hint or "").startswith(hint)


def test_of_many_nodes_the_first_are_named() -> None:
    with pytest.raises(UsageError) as refusal:
        prefix.only("bbbb", find, "here")
    hint = refusal.value.hint or ""
    assert (hint.count("`bbbb"), hint.endswith(", …")) == (8, True)
