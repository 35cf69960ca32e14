"""What a plan found ready is begun in the order of the tree, so that prompts which begin alike are adjacent."""

from itertools import groupby
from pathlib import Path

import pytest

from tests.workshop import Workshop
from tgc.executor import frontier


def test_requests_with_the_longest_common_beginning_are_adjacent(tmp_path: Path) -> None:
    shop = Workshop(tmp_path)
    shop.build()
    shop.asked()
    shop.edit("branch: 2", "branch: 5")
    shop.build()
    chats = [request.messages for request in shop.backend.asked]
    assert len(chats) == 36
    assert [len(list(siblings)) for _, siblings in groupby(chats)] == [3] * 12
    assert [len(list(cousins)) for _, cousins in groupby(chats, key=lambda chat: chat[0])] == [12] * 3


@pytest.mark.parametrize("chunk", [1, 5, 12])
def test_a_frontier_of_many_chunks_is_begun_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    monkeypatch.setattr(frontier, "CHUNK", chunk)
    shop = Workshop(tmp_path)
    shop.build()
    shop.asked()
    shop.edit("branch: 2", "branch: 5")
    shop.build()
    assert shop.asked() == 36
    assert shop.plan().new == 0
