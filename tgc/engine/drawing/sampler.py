"""Draws one token per row: penalty, temperature, top-k, top-p, min-p, keyed noise, argmax, uniform share.

A row's token depends on its own logits, seed and position alone, never on the rows beside it. Siblings that are
to be distinct share the noise of their first token, and take the best, the second best and so on: Gumbel top-k,
which is sampling without replacement (arXiv 1903.06059) and needs to know nothing of the others.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from tgc.engine.drawing.noise import apart, gumbel, uniform
from tgc.engine.drawing.race import leaders
from tgc.engine.drawing.sequence import Family
from tgc.sampling import Sampling

CANDIDATES = 128
"""How many of the likeliest tokens are looked at before all are: 15 times cheaper at a vocabulary of 131k."""

MIXED, WHICH = -1, -2
"""What the noise of a uniform share is for: whether a token comes from it, and which."""


def draw(
    logits: Tensor,
    sampling: Sampling,
    seeds: Tensor,
    positions: Tensor,
    seen: Sequence[Sequence[int]],
    *,
    families: Sequence[Family | None] = (),
) -> Tensor:
    """One token id per row, int64 of shape (rows,).

    Args:
        logits: float32 of shape (rows, vocabulary); -inf where a token is not allowed.
        sampling: the same for all rows.
        seeds: int64 of shape (rows,).
        positions: int64 of shape (rows,); how many tokens each row has drawn before.
        seen: per row the prompt and the tokens drawn, read only under a repetition penalty.
        families: per row of which siblings it is one, read only where none was drawn before; none for no row.
    """
    scores = penalise(logits, seen, sampling.repetition_penalty)
    scores, tokens = _left(scores, sampling)
    best = leaders(scores, seeds, positions, tokens) if sampling.temperature else _argmax(scores)
    if firsts := _firsts(families, positions):
        best[list(firsts)] = _ranked(scores, sampling, firsts, tokens)
    drawn = tokens.expand(len(logits), -1).gather(1, best.unsqueeze(1)).squeeze(1)
    if sampling.dp_lambda == 1:
        return drawn
    return mix(drawn, sampling.dp_lambda, seeds, positions, logits.shape[1])


def mix(drawn: Tensor, share: float, seeds: Tensor, positions: Tensor, vocabulary: int) -> Tensor:
    """The tokens drawn, each with probability 1 - share replaced by any of the vocabulary, all alike.

    That is a draw from share × (what they were drawn from) + (1 - share) / vocabulary.
    """
    kept = uniform(seeds, positions, MIXED) < round(share * 2**32)
    return torch.where(kept, drawn, uniform(seeds, positions, WHICH) * vocabulary >> 32)


def logprobs(logits: Tensor, tokens: Tensor) -> Tensor:
    """Natural-log probability of a token per row under the softmax of `logits`: float32 of shape (rows,)."""
    width = logits.shape[1]
    parts = zip(apart(logits, width), apart(tokens.unsqueeze(1), width), strict=True)
    return torch.cat([own.log_softmax(dim=-1).gather(1, drawn) for own, drawn in parts]).squeeze(1)


def penalise(logits: Tensor, seen: Sequence[Sequence[int]], penalty: float) -> Tensor:
    """Logits with those of tokens seen divided by `penalty` where positive, multiplied where negative.

    Ids beyond the vocabulary, as those of a learned prompt, are passed over.
    """
    if penalty == 1:
        return logits
    scores = logits.clone()
    for row, ids in zip(scores, seen, strict=True):
        known = sorted({token for token in ids if token < len(row)})
        own = torch.tensor(known, dtype=torch.int64, device=row.device)
        row[own] = torch.where(row[own] > 0, row[own] / penalty, row[own] * penalty)
    return scores


def survivors(scores: Tensor, sampling: Sampling) -> tuple[Tensor, Tensor]:
    """What top-k, top-p and min-p leave: scores, -inf where dropped, and their token ids.

    Scores have shape (rows, width); ids too, or (1, vocabulary) where few were dropped. A token exactly as
    likely as the last that top-p or min-p lets pass stays as well: nothing depends on how a sort breaks ties.
    """
    if sampling.top_k:
        values, tokens = _top(scores, sampling.top_k)
        return _drop(values, _floor(values, sampling, values.logsumexp(dim=-1, keepdim=True))), tokens
    if sampling.top_p == 1 and sampling.min_p == 0:
        return scores, _everything(scores)
    total = scores.logsumexp(dim=-1, keepdim=True)
    values, tokens = _top(scores, CANDIDATES)
    floor = _floor(values, sampling, total)
    if (values[:, -1:] < floor).all():
        return _drop(values, floor), tokens
    return _drop(scores, _floor(_descending(scores), sampling, total)), _everything(scores)


def _firsts(families: Sequence[Family | None], positions: Tensor) -> dict[int, Family]:
    """The rows that draw the first token of a family's member."""
    found = {row: family for row, family in enumerate(families) if family is not None}
    starting = positions.tolist() if found else []
    return {row: family for row, family in found.items() if starting[row] == 0}


def _left(scores: Tensor, sampling: Sampling) -> tuple[Tensor, Tensor]:
    """What temperature and filters make of scores, -inf where a token may not be drawn, and the tokens."""
    if sampling.temperature == 0:
        return scores, _everything(scores)
    return survivors(scores if sampling.temperature == 1 else scores / sampling.temperature, sampling)


def _ranked(scores: Tensor, sampling: Sampling, firsts: Mapping[int, Family], tokens: Tensor) -> Tensor:
    """The places that members of families draw, counted round and round those that are left."""
    rows, device = list(firsts), scores.device
    own, families = scores[rows], firsts.values()
    if sampling.temperature:
        seeds = torch.tensor([family.seed for family in families], device=device)
        own = own + gumbel(seeds, torch.zeros_like(seeds), tokens if len(tokens) == 1 else tokens[rows])
    left = own.isfinite().sum(dim=-1, keepdim=True)
    order = own.argsort(dim=-1, descending=True, stable=True)
    return order.gather(
        1, torch.tensor([[family.ordinal] for family in families], device=device) % left
    ).squeeze(1)


def _everything(scores: Tensor) -> Tensor:
    return torch.arange(scores.shape[1], device=scores.device).unsqueeze(0)


def _top(scores: Tensor, count: int) -> tuple[Tensor, Tensor]:
    values, tokens = scores.topk(min(count, scores.shape[1]), dim=-1)
    return values, tokens


def _floor(ranked: Tensor, sampling: Sampling, total: Tensor) -> Tensor:
    """The lowest of the ranked scores that top-p and min-p let pass; `total` is the log of all mass."""
    shares = (ranked - total).exp()
    before = shares.cumsum(dim=-1) - shares
    nucleus = (before < sampling.top_p) | (sampling.top_p == 1)
    passing = (nucleus & (shares >= sampling.min_p * shares[:, :1])).sum(dim=-1, keepdim=True)
    return ranked.gather(1, (passing - 1).clamp_(min=0))


def _drop(scores: Tensor, floor: Tensor) -> Tensor:
    return scores.masked_fill(scores < floor, float("-inf"))


def _argmax(scores: Tensor) -> Tensor:
    """The first of the largest of each row; on a CPU by numpy, which takes a tenth of torch's time."""
    if scores.device.type == "cpu":
        return torch.from_numpy(scores.numpy().argmax(axis=-1))
    return scores.argmax(dim=-1)


def _descending(scores: Tensor) -> Tensor:
    """Sorted rows; on a CPU by numpy, whose sort is three times as fast as torch's."""
    if scores.device.type == "cpu":
        return torch.from_numpy(np.sort(scores.numpy(), axis=-1)).flip(-1)
    return scores.sort(dim=-1, descending=True).values
