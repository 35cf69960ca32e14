"""Draws tokens for rows that only a temperature is asked of, in two kernels: Gumbel-max over the vocabulary.

A row's sums run over pieces of CHUNK tokens, and over these in order, whatever other rows there are.
"""

import numpy as np
import torch
from torch import Tensor
from triton import next_power_of_2

from tgc.engine.cuda.kernels.drawing import settle, weigh
from tgc.engine.drawing import advance as any_way
from tgc.engine.drawing.row import Row
from tgc.sampling import Sampling

CHUNK = 4096


def advance(rows: list[Row], logits: Tensor) -> None:
    """Draw a token for every row from float32 logits of shape (rows, vocabulary)."""
    plain = [index for index, row in enumerate(rows) if _is_plain(row)]
    others = [index for index, row in enumerate(rows) if not _is_plain(row)]
    if plain:
        own = [rows[index] for index in plain]
        tokens, logprobs = draw(logits[plain] if others else logits, *_keys(own, logits.device)).cpu()
        drawn = zip(own, tokens.tolist(), logprobs.view(torch.float32).tolist(), strict=True)
        for row, token, logprob in drawn:
            row.take(token, logprob)
    if others:
        any_way.advance([rows[index] for index in others], logits[others])


def draw(logits: Tensor, keys: Tensor, temperatures: Tensor) -> Tensor:
    """A token per row, and the bits of its natural-log probability under the logits: int32 of shape (2, rows).

    Args:
        logits: float32 of shape (rows, vocabulary).
        keys: int32 of shape (rows, 3): the lower and the higher word of a seed, and the position.
        temperatures: float32 of shape (rows,); the likeliest token is drawn where it is 0.
    """
    rows, vocabulary = logits.shape
    chunks = -(-vocabulary // CHUNK)
    best, peaks, totals = logits.new_empty((3, rows, chunks))
    tokens = torch.empty((rows, chunks), dtype=torch.int32, device=logits.device)
    weigh[rows, chunks](logits, keys, temperatures, best, tokens, peaks, totals, vocabulary, CHUNK=CHUNK)
    found = tokens.new_empty((2, rows))
    settle[rows,](
        *(logits, best, tokens, peaks, totals, found[0], found[1].view(torch.float32), vocabulary, chunks),
        BLOCK=next_power_of_2(chunks),
    )
    return found


def _is_plain(row: Row) -> bool:
    """Whether only a temperature is asked of a row; siblings that are to be distinct rank their first tokens."""
    asked = row.sequence.sampling
    ranked = row.sequence.family is not None and not row.tokens
    return row.form is None and not ranked and asked == Sampling(asked.temperature, siblings=asked.siblings)


def _keys(rows: list[Row], device: torch.device) -> tuple[Tensor, Tensor]:
    """What `draw` asks of each row, by one copy to the device."""
    words = np.empty((len(rows), 4), dtype=np.int32)
    words[:, :2] = np.array([row.sequence.seed for row in rows], dtype=np.int64).view(np.int32).reshape(-1, 2)
    words[:, 2] = [len(row.tokens) for row in rows]
    heats = np.array([row.sequence.sampling.temperature for row in rows], dtype=np.float32)
    words[:, 3] = heats.view(np.int32)
    there = torch.from_numpy(words).to(device)
    return there[:, :3].contiguous(), there[:, 3].contiguous().view(torch.float32)
