"""Draws the next token of rows, each by its own logits, seed and position."""

from collections import defaultdict
from collections.abc import Iterable

import torch
from torch import Tensor

from tgc.engine.drawing.grammar import confine
from tgc.engine.drawing.row import Row
from tgc.engine.drawing.sampler import draw, logprobs
from tgc.sampling import Sampling


def advance(rows: list[Row], logits: Tensor) -> None:
    """Draw a token for every row from float32 logits of shape (rows, vocabulary)."""
    for sampling, indices in _alike(rows).items():
        own = logits if len(indices) == len(rows) else logits[indices]
        _advance([rows[index] for index in indices], own, sampling)


def _alike(rows: Iterable[Row]) -> dict[Sampling, list[int]]:
    groups = defaultdict(list)
    for index, row in enumerate(rows):
        groups[row.sequence.sampling].append(index)
    return groups


def _advance(rows: list[Row], logits: Tensor, sampling: Sampling) -> None:
    seeds = torch.tensor([row.sequence.seed for row in rows], device=logits.device)
    positions = torch.tensor([len(row.tokens) for row in rows], device=logits.device)
    seen = [row.text for row in rows] if sampling.repetition_penalty != 1 else []
    families = [row.sequence.family for row in rows]
    open_to = confine(logits, [row.form for row in rows])
    tokens = draw(open_to, sampling, seeds, positions, seen, families=families)
    drawn = zip(rows, tokens.tolist(), logprobs(logits, tokens).tolist(), strict=True)
    for row, token, logprob in drawn:
        row.take(token, logprob)
