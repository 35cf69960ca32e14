"""Page tables, and what attention over them is by its definition."""

import torch
from torch import Tensor

from tgc.engine.cuda.attention import Attention, Told
from tgc.engine.cuda.tables import SPAN, Stretch, tabulate
from tgc.engine.tree.pages import PAGE

SHARED = [
    Stretch((7, 2), PAGE + 5, 0, 5),
    Stretch((4,), 9, 0, 3),
    Stretch((9,), 1, 3, 1),
    *(Stretch((10 + row,), 3 + row, row, 1) for row in range(4)),
    Stretch((20,), 3, 4, 3, torch.ones(3, 3).tril().bool().numpy()),
]
"""Rows that share the beginning of their prompts, some more of it, and the tokens of a segment that is read."""

LONG = [Stretch(range(SPAN + 1), SPAN * PAGE + 3, 0, 1)]
"""A text of more than one span."""


def told(stretches: list[Stretch], tokens: int, device: str, abreast: int = 2) -> Told:
    """What kernels are told; new keys and values go to the places from 0 of pages that nothing else is in."""
    tables = tabulate(stretches, tokens, abreast)

    def there(values: object) -> Tensor:
        return torch.as_tensor(values, dtype=torch.int32, device=device)

    return Told(
        slots=there([30 * PAGE + token for token in range(tokens)]),
        count=there([len(tables.jobs)]),
        jobs=there(tables.jobs.ravel()),
        pages=there(tables.pages),
        starts=there(tables.starts),
        parts=there(tables.parts),
        seen=torch.as_tensor(tables.seen, device=device).to(torch.int8),
        abreast=abreast,
    )


def attended(query: Tensor, keys: Tensor, values: Tensor, told: Told) -> Tensor:
    """By kernels, of queries of shape (heads, tokens, width)."""
    attention = Attention(0)
    attention.told = told
    return attention._attended(query, (keys, values), query.shape[2] ** -0.5)


def plain(query: Tensor, keys: Tensor, values: Tensor, stretches: list[Stretch]) -> Tensor:
    """By definition, in float64: of shape (tokens, heads, width)."""
    group = query.shape[0] // keys.shape[1]
    out = torch.zeros(query.shape[1], query.shape[0], values.shape[3], dtype=torch.float64)
    for token in range(query.shape[1]):
        own = [one for one in stretches if one.first <= token < one.first + one.readers]
        places = [
            (one.pages[index // PAGE], index % PAGE)
            for one in own
            for index in range(one.tokens)
            if one.seen is None or one.seen[token - one.first, index]
        ]
        if places:
            pages, offsets = torch.tensor(places).T
            key = keys[pages, :, offsets].double().cpu().repeat_interleave(group, 1)
            value = values[pages, :, offsets].double().cpu().repeat_interleave(group, 1)
            scores = torch.einsum("hw,thw->ht", query[:, token].double().cpu(), key) * query.shape[2] ** -0.5
            out[token] = torch.einsum("ht,thw->hw", scores.softmax(1), value)
    return out


def memory(heads: int, width: int, dtype: torch.dtype, device: str) -> tuple[Tensor, Tensor]:
    """Keys and values of 32 pages."""
    kept = torch.randn(2, 32, heads, PAGE, width, generator=torch.Generator().manual_seed(heads))
    keys, values = kept.to(device, dtype)
    return keys, values


def queries(heads: int, tokens: int, width: int, dtype: torch.dtype, device: str) -> Tensor:
    """Random ones."""
    drawn = torch.randn(heads, tokens, width, generator=torch.Generator().manual_seed(3))
    return drawn.to(device, dtype)
