"""Draws one token per row: penalty, temperature, top-k, top-p, min-p, keyed noise, argmax; in this order.

A row's token depends on its own logits, seed and position alone, never on the rows beside it.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from tgc.engine.noise import gumbel
from tgc.sampling import Sampling

WIDTHS = (128, 2048)
"""How many of the likeliest tokens are sorted before all are: 15 times cheaper at a vocabulary of 131k."""


def draw(
    logits: Tensor, sampling: Sampling, seeds: Tensor, position: int, seen: Sequence[list[int]]
) -> Tensor:
    """One token id per row, int64 of shape (rows,).

    Args:
        logits: float32 of shape (rows, vocabulary).
        sampling: the same for all rows.
        seeds: int64 of shape (rows,).
        position: how many tokens each row has drawn before.
        seen: per row the prompt and the tokens drawn, read only under a repetition penalty.
    """
    scores = penalise(logits, seen, sampling.repetition_penalty)
    if sampling.temperature == 0:
        return scores.argmax(dim=-1)
    scores, tokens = survivors(scores / sampling.temperature, sampling)
    best = (scores + gumbel(seeds, position, tokens)).argmax(dim=-1, keepdim=True)
    return tokens.expand(len(logits), -1).gather(1, best).squeeze(1)


def logprobs(logits: Tensor, tokens: Tensor) -> Tensor:
    """Natural-log probability of a token per row under the softmax of `logits`: float32 of shape (rows,)."""
    return logits.gather(1, tokens.unsqueeze(1)).squeeze(1) - logits.logsumexp(dim=-1)


def penalise(logits: Tensor, seen: Sequence[list[int]], penalty: float) -> Tensor:
    """Logits with those of tokens seen divided by `penalty` where positive, multiplied where negative."""
    if penalty == 1:
        return logits
    scores = logits.clone()
    for row, ids in zip(scores, seen, strict=True):
        own = torch.tensor(sorted(set(ids)), device=row.device)
        row[own] = torch.where(row[own] > 0, row[own] / penalty, row[own] * penalty)
    return scores


def survivors(scores: Tensor, sampling: Sampling) -> tuple[Tensor, Tensor]:
    """What top-k, top-p and min-p leave: scores, -inf where dropped, and their token ids.

    Both have shape (rows, width), likeliest first, as wide as the row with most survivors needs. Where
    nothing is filtered, scores come back as they are, with ids of shape (1, vocabulary).
    """
    vocabulary = scores.shape[1]
    if sampling.top_k:
        return _trim(*_filter(*_top(scores, sampling.top_k), sampling))
    if sampling.top_p == 1 and sampling.min_p == 0:
        return scores, torch.arange(vocabulary, device=scores.device).unsqueeze(0)
    total = scores.logsumexp(dim=-1, keepdim=True)
    for width in (*WIDTHS, vocabulary):
        kept, tokens = _filter(*_top(scores, width), sampling, total)
        if kept[:, -1].isneginf().all():
            break
    return _trim(kept, tokens)


def _top(scores: Tensor, count: int) -> tuple[Tensor, Tensor]:
    values, tokens = scores.topk(min(count, scores.shape[1]), dim=-1)
    return values, tokens


def _filter(
    scores: Tensor, tokens: Tensor, sampling: Sampling, total: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """Top-p and min-p over sorted scores, as shares of a mass whose log is `total`, by default their own.

    A score is dropped by what is likelier than it, so that a last candidate dropped means all beyond are.
    """
    total = scores.logsumexp(dim=-1, keepdim=True) if total is None else total
    shares = (scores - total).exp()
    before = shares.cumsum(dim=-1) - shares
    nucleus = (before < sampling.top_p) | (sampling.top_p == 1)
    likely = shares >= sampling.min_p * shares[:, :1]
    nucleus[:, 0] = True
    return scores.masked_fill(~(nucleus & likely), float("-inf")), tokens


def _trim(scores: Tensor, tokens: Tensor) -> tuple[Tensor, Tensor]:
    width = int(scores.isfinite().sum(dim=-1).max())
    return scores[:, :width], tokens[:, :width]
