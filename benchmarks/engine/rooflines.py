"""How fast an H200 could go: the bytes that a step must read and the products that it must work out, no more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.engine.workloads import common

if TYPE_CHECKING:
    from benchmarks.engine.workloads import Workload

BANDWIDTH, FLOPS = 4.3e12, 788e12
"""Bytes and bf16 operations a second, as measured on an H200: copies, and large products of random matrices."""

DIALOGUES = 41_000_000
"""Tokens that the 100,000 dialogues of the paper (arXiv 2406.11354) come to as a tree."""


@dataclass(frozen=True, slots=True)
class Size:
    """What of a model costs time; `weights` are those that are multiplied: all but the input embedding."""

    weights: float
    layers: int
    hidden: int
    inner: int
    attention: int
    kept: int
    vocabulary: int

    @property
    def kv_bytes(self) -> int:
        """Of keys and values per token, in bf16; `kept` is the width of either in a layer."""
        return self.layers * 2 * self.kept * 2


@dataclass(frozen=True, slots=True)
class Context:
    """What a token looks back at: on average so many tokens shared by `siblings`, so many its own."""

    shared: float
    own: float
    siblings: float


SIZES = {
    "llama2-7b": Size(6.607e9, 32, 4096, 11008, 4096, 4096, 32000),
    "qwen2.5-7b": Size(7.071e9, 28, 3584, 18944, 3584, 512, 152064),
}
STATED = {"llama2-7b": 28_100, "qwen2.5-7b": 47_100}
"""Tokens a second at 256 rows that look back at 512 tokens shared by 32 siblings and at 128 of their own."""


def pace(size: Size, rows: int, context: Context) -> float:
    """Tokens a second at best, decoding alone; products and attention run one after the other.

    >>> [round(pace(SIZES[name], 256, Context(512, 128, 32)), -2) for name in STATED]
    [28200.0, 46600.0]
    """
    products = max(2 * size.weights / BANDWIDTH, 2 * size.weights * rows / FLOPS)
    read = rows * (context.own + context.shared / context.siblings) * size.kv_bytes
    scored = rows * 4 * size.attention * (context.own + context.shared) * size.layers
    attention = max(read / BANDWIDTH, scored / FLOPS)
    passed = rows * (size.layers * (8 * size.hidden + 4 * size.inner) * 2 + 6 * size.vocabulary)
    return rows / (products + attention + passed / BANDWIDTH)


def limit(size: Size, rows: int, workload: Workload) -> float:
    """Tokens a second at best on a workload: every token of the tree is read once, then rows are always full."""
    families = workload.siblings()
    shared = [common([child.prompt for child in family]) for family in families]
    own = [len(one.prompt) - head for family, head in zip(families, shared, strict=True) for one in family]
    first = common([request.prompt for request in workload.requests])
    read = first + sum(head - first for head in shared) + sum(own)
    tails = (one.new * (mine + one.new / 2) for one, mine in zip(workload.requests, own, strict=True))
    seen = Context(sum(shared) / len(shared), sum(tails) / workload.tokens, len(own) / len(families))
    return workload.tokens / (read * 2 * size.weights / FLOPS + workload.tokens / pace(size, rows, seen))
