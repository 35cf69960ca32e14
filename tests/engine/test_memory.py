"""As many pages as there is room for, and never too few for one sequence."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tgc.engine.tree import memory
from tgc.engine.tree.memory import pages
from tgc.engine.tree.pages import PAGE, needed
from tgc.engine.tree.prefix import LEAST

CPU = torch.device("cpu")


@given(st.integers(1, 1 << 24), st.integers(1, 512), st.integers(1, 8192))
def test_the_longest_sequence_always_fits(width: int, rows: int, context: int) -> None:
    assert pages(CPU, width, rows, context) > needed(context)
    assert pages(CPU, width, rows, context) > sum(1 for _ in range(0, context, LEAST))


def test_no_more_pages_are_asked_for_than_rows_can_fill_twice() -> None:
    assert pages(CPU, 1, 4, 100 * PAGE) == 1 + 800


def test_a_small_machine_remembers_a_share_of_its_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_bytes", lambda _: 4000 * 100 * PAGE)
    assert pages(CPU, 100, 512, 8 * PAGE) == 1 + 1000
