"""Kernels over pages give attention by its definition, and tell a token the same whoever is beside it."""

import pytest
import torch

from tests.engine.cuda.forests import LONG, SHARED, attended, memory, plain, queries, told
from tgc.engine.cuda.attention import Attention
from tgc.engine.cuda.tables import Stretch
from tgc.engine.tree.pages import PAGE

CPU = "cpu"
pytestmark = pytest.mark.skipif(torch.cuda.is_available(), reason="compiled kernels are tested by `-m gpu`")


@pytest.mark.parametrize(
    ("heads", "group", "width", "dtype", "off"),
    [(2, 1, 16, torch.float32, 1e-6), (1, 3, 20, torch.float16, 2e-3)],
    ids=["a key head each", "three queries to a key head, an odd width"],
)
def test_parts_put_together_are_attention_over_the_whole_text(
    heads: int, group: int, width: int, dtype: torch.dtype, off: float
) -> None:
    keys, values = memory(heads, width, dtype, CPU)
    query = queries(heads * group, 8, width, dtype, CPU)
    found = attended(query, keys, values, told(SHARED, 8, CPU))
    assert found.double() == pytest.approx(plain(query, keys, values, SHARED), abs=off)
    assert not found[7].any()


def test_a_long_text_is_put_together_from_its_spans() -> None:
    keys, values = memory(1, 16, torch.float32, CPU)
    query = queries(1, 1, 16, torch.float32, CPU)
    found = attended(query, keys, values, told(LONG, 1, CPU))
    assert found.double() == pytest.approx(plain(query, keys, values, LONG), abs=1e-6)


def test_a_token_is_told_the_same_bits_alone_as_among_others() -> None:
    keys, values = memory(1, 16, torch.float32, CPU)
    query = queries(2, 8, 16, torch.float32, CPU)
    among = attended(query, keys, values, told(SHARED, 8, CPU))
    for row in (1, 3):
        mine = [one for one in SHARED if one.first <= row < one.first + one.readers]
        alone = [Stretch(one.pages, one.tokens, 0, 1) for one in mine]
        found = attended(query[:, row : row + 1], keys, values, told(alone, 1, CPU))
        assert torch.equal(found[0], among[row])


def test_keys_and_values_are_remembered_where_their_slots_say() -> None:
    attention, kept = Attention(0), torch.zeros(2, 32, 3, PAGE, 16)
    attention.told = told([], 5, CPU)
    new = torch.randn(2, 5, 3, 16).transpose(1, 2)  # as models hand them over: tokens before heads
    attention._remember((kept[0], kept[1]), (new[0], new[1]))
    assert torch.equal(kept[:, 30, :, :5], new)
    assert kept.count_nonzero() == new.numel()
