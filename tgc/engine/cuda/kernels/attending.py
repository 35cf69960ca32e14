"""Kernels of attention over pages, in Triton: remember, attend in parts, put the parts together.

The sums of a part run over one page after the other, and parts are added up in the order of the text: a token's
bits depend on its own text alone. Nothing is atomic, and nothing is cut by how many others there are.
"""

import triton.language as tl

from tgc.engine.cuda import tables
from tgc.engine.cuda.kernels.kernel import kernel

NEVER = tl.constexpr(-1e30)
FIELDS = tl.constexpr(tables.FIELDS)


@kernel
def remember(
    keys: tl.tensor,
    values: tl.tensor,
    key: tl.tensor,
    value: tl.tensor,
    slots: tl.tensor,
    key_token: int,
    key_head: int,
    value_token: int,
    value_head: int,
    HEADS: tl.constexpr,
    LINES: tl.constexpr,
    PAGE: tl.constexpr,
    WIDTH: tl.constexpr,
    VALUE_WIDTH: tl.constexpr,
    BLOCK: tl.constexpr,
) -> None:
    """Put the keys and values of a token where its slot says: page x PAGE + place in it."""
    token, slot = tl.program_id(0), tl.load(slots + tl.program_id(0)).to(tl.int64)
    heads, columns = tl.arange(0, LINES)[:, None], tl.arange(0, BLOCK)[None, :]
    there = heads < HEADS
    line = (slot // PAGE * HEADS + heads) * PAGE + slot % PAGE
    new = tl.load(key + token * key_token + heads * key_head + columns, there & (columns < WIDTH))
    tl.store(keys + line * WIDTH + columns, new, there & (columns < WIDTH))
    new = tl.load(value + token * value_token + heads * value_head + columns, there & (columns < VALUE_WIDTH))
    tl.store(values + line * VALUE_WIDTH + columns, new, there & (columns < VALUE_WIDTH))


@kernel
def attend(
    query: tl.tensor,
    keys: tl.tensor,
    values: tl.tensor,
    count: tl.tensor,
    jobs: tl.tensor,
    pages: tl.tensor,
    seen: tl.tensor,
    sums: tl.tensor,
    peaks: tl.tensor,
    totals: tl.tensor,
    scale: float,
    query_token: int,
    query_head: int,
    HEADS: tl.constexpr,
    GROUP: tl.constexpr,
    LINES: tl.constexpr,
    PAGE: tl.constexpr,
    WIDTH: tl.constexpr,
    VALUE_WIDTH: tl.constexpr,
    BLOCK: tl.constexpr,
    VALUE_BLOCK: tl.constexpr,
) -> None:
    """The parts of all jobs, for one key head: sums of values, largest scores, sums of weights.

    A line is a reader and one of the GROUP query heads that share the key head.
    """
    head = tl.program_id(1)
    lines, tokens = tl.arange(0, LINES), tl.arange(0, PAGE)
    columns, value_columns = tl.arange(0, BLOCK), tl.arange(0, VALUE_BLOCK)
    reader, own = lines // GROUP, head * GROUP + lines % GROUP
    for job in range(tl.program_id(0), tl.load(count), tl.num_programs(0)):
        fields = jobs + job * FIELDS
        first_page, length = tl.load(fields), tl.load(fields + 1)
        present = reader < tl.load(fields + 3)
        token = (tl.load(fields + 2) + reader).to(tl.int64)
        mask, apart = tl.load(fields + 5), tl.load(fields + 6)
        limited = (present & (tl.zeros_like(lines) <= mask))[:, None]
        asked = tl.load(
            query + token[:, None] * query_token + own[:, None] * query_head + columns[None, :],
            present[:, None] & (columns < WIDTH)[None, :],
            other=0,
        )
        peak = tl.full([LINES], NEVER, tl.float32)
        total = tl.zeros([LINES], tl.float32)
        found = tl.zeros([LINES, VALUE_BLOCK], tl.float32)
        for at in range(0, length, PAGE):
            page = tl.load(pages + first_page + at // PAGE).to(tl.int64)
            line = (page * HEADS + head) * PAGE + tokens
            key = tl.load(
                keys + line[:, None] * WIDTH + columns[None, :], (columns < WIDTH)[None, :], other=0
            )
            scores = tl.dot(asked, tl.trans(key), input_precision="ieee") * scale
            there = present[:, None] & (at + tokens < length)[None, :]
            told = tl.load(
                seen + mask + reader[:, None] * apart + at + tokens[None, :], there & limited, other=1
            )
            there = there & (told != 0)
            scores = tl.where(there, scores, NEVER)
            high = tl.maximum(peak, tl.max(scores, 1))
            weights = tl.where(there, tl.exp2(scores - high[:, None]), 0.0)
            shrunk = tl.exp2(peak - high)
            value = tl.load(
                values + line[:, None] * VALUE_WIDTH + value_columns[None, :],
                (value_columns < VALUE_WIDTH)[None, :],
                other=0,
            )
            total = total * shrunk + tl.sum(weights, 1)
            found = found * shrunk[:, None] + tl.dot(weights.to(value.dtype), value, input_precision="ieee")
            peak = high
        part = ((tl.load(fields + 4) + reader).to(tl.int64) * HEADS + head) * GROUP + lines % GROUP
        tl.store(peaks + part, peak, present)
        tl.store(totals + part, total, present)
        tl.store(
            sums + part[:, None] * VALUE_WIDTH + value_columns[None, :],
            found,
            present[:, None] & (value_columns < VALUE_WIDTH)[None, :],
        )


@kernel
def unite(
    out: tl.tensor,
    sums: tl.tensor,
    peaks: tl.tensor,
    totals: tl.tensor,
    starts: tl.tensor,
    parts: tl.tensor,
    HEADS: tl.constexpr,
    GROUP: tl.constexpr,
    LINES: tl.constexpr,
    WIDTH: tl.constexpr,
    BLOCK: tl.constexpr,
) -> None:
    """The attention of one token and key head, put together from its parts; zero where it has none."""
    token, head = tl.program_id(0), tl.program_id(1)
    lines, columns = tl.arange(0, LINES), tl.arange(0, BLOCK)
    there, within = lines < GROUP, (lines < GROUP)[:, None] & (columns < WIDTH)[None, :]
    peak = tl.full([LINES], NEVER, tl.float32)
    total = tl.zeros([LINES], tl.float32)
    found = tl.zeros([LINES, BLOCK], tl.float32)
    for at in range(tl.load(starts + token), tl.load(starts + token + 1)):
        line = (tl.load(parts + at).to(tl.int64) * HEADS + head) * GROUP + lines
        other = tl.load(peaks + line, there, other=NEVER)
        high = tl.maximum(peak, other)
        shrunk, weight = tl.exp2(peak - high), tl.exp2(other - high)
        total = total * shrunk + tl.load(totals + line, there, other=0.0) * weight
        more = tl.load(sums + line[:, None] * WIDTH + columns[None, :], within, other=0.0)
        found = found * shrunk[:, None] + more * weight[:, None]
        peak = high
    found = found / tl.where(total > 0, total, 1.0)[:, None]
    line = (token.to(tl.int64) * HEADS + head) * GROUP + lines
    tl.store(out + line[:, None] * WIDTH + columns[None, :], found.to(out.dtype.element_ty), within)
