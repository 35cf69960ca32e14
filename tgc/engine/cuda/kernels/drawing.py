"""Kernels of drawing: Gumbel-max over a vocabulary, with the bits of `drawing/noise`.

Gumbel variables are as near to those of a CPU as float32 is. Logarithms of a GPU are less precise near 1, so that
there a series takes their place.
"""

import triton.language as tl

from tgc.engine.cuda.kernels.kernel import kernel


@kernel
def weigh(
    logits: tl.tensor,
    keys: tl.tensor,
    temperatures: tl.tensor,
    best: tl.tensor,
    tokens: tl.tensor,
    peaks: tl.tensor,
    totals: tl.tensor,
    vocabulary: int,
    CHUNK: tl.constexpr,
) -> None:
    """Of one row and CHUNK tokens: the best score and its token, the largest logit and the sum of weights."""
    row, chunk = tl.program_id(0), tl.program_id(1)
    ids = chunk * CHUNK + tl.arange(0, CHUNK)
    known = ids < vocabulary
    own = tl.load(logits + row.to(tl.int64) * vocabulary + ids, known, other=float("-inf"))
    heat = tl.load(temperatures + row)
    words = keys + row * 3
    low, high = tl.load(words).to(tl.uint32, bitcast=True), tl.load(words + 1).to(tl.uint32, bitcast=True)
    scores = own
    if heat > 0:
        position = tl.load(words + 2).to(tl.uint32, bitcast=True)
        scores = tl.div_rn(own, heat) + noise(low, high, position, ids.to(tl.uint32, bitcast=True))
    score, index = tl.max(scores, 0, return_indices=True)
    peak = tl.max(own, 0)
    at = row * tl.num_programs(1) + chunk
    tl.store(best + at, score)
    tl.store(tokens + at, chunk * CHUNK + index)
    tl.store(peaks + at, peak)
    tl.store(totals + at, tl.sum(tl.exp(own - peak), 0))


@kernel
def settle(
    logits: tl.tensor,
    best: tl.tensor,
    tokens: tl.tensor,
    peaks: tl.tensor,
    totals: tl.tensor,
    drawn: tl.tensor,
    logprobs: tl.tensor,
    vocabulary: int,
    chunks: int,
    BLOCK: tl.constexpr,
) -> None:
    """Of one row: the token of the best score, the first where several are, and its log-probability."""
    row, columns = tl.program_id(0), tl.arange(0, BLOCK)
    at, there = row * chunks + columns, columns < chunks
    _, index = tl.max(tl.load(best + at, there, other=float("-inf")), 0, return_indices=True)
    token = tl.load(tokens + row * chunks + index)
    each = tl.load(peaks + at, there, other=float("-inf"))
    peak = tl.max(each, 0)
    total = tl.sum(tl.load(totals + at, there, other=0.0) * tl.exp(each - peak), 0)
    own = tl.load(logits + row.to(tl.int64) * vocabulary + token)
    tl.store(drawn + row, token)
    tl.store(logprobs + row, own - (peak + tl.log(total)))


@kernel
def noise(low: tl.tensor, high: tl.tensor, position: tl.tensor, tokens: tl.tensor) -> tl.tensor:
    """Standard Gumbel variables, keyed by both words of a seed, a position and token ids; all are uint32."""
    u = (murmur3(low, high, position, tokens).to(tl.float32) + 0.5) * 0.00000000023283064365386963  # 2^-32
    u = tl.minimum(u, 0.999999940395355224609375)  # 1 - 2^-24
    s = u / (2 - u)
    q = s * s
    series = 2 * s * (1 + q * (1 / 3 + q * (1 / 5 + q * (1 / 7 + q * (1 / 9 + q * (1 / 11 + q * (1 / 13)))))))
    return -tl.log(tl.where(u < 0.5, series, -tl.log(1 - u)))


@kernel
def murmur3(low: tl.tensor, high: tl.tensor, position: tl.tensor, tokens: tl.tensor) -> tl.tensor:
    """Murmur3_x86_32 of four words."""
    state = absorb(absorb(absorb(tl.zeros_like(low), low), high), position)
    bits = absorb(state, tokens) ^ 16
    bits = (bits ^ (bits >> 16)) * 0x85EBCA6B
    bits = (bits ^ (bits >> 13)) * 0xC2B2AE35
    return bits ^ (bits >> 16)


@kernel
def absorb(state: tl.tensor, word: tl.tensor) -> tl.tensor:
    """The hash after another word."""
    word = word * 0xCC9E2D51
    word = ((word << 15) | (word >> 17)) * 0x1B873593
    state = state ^ word
    return ((state << 13) | (state >> 19)) * 5 + 0xE6546B64
