"""Answers whose options are known: one is drawn whole, by how likely the model finds each of them.

That is the model's own distribution, given that it says one of them; to mask tokens as they are drawn is not,
for an option would gain what those lose that begin with the same token.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import exp, fsum, log

import torch

from tgc.engine.row import Row
from tgc.engine.sampler import draw
from tgc.engine.trie import Text, Trie, trie
from tgc.sampling import Sampling


@dataclass(frozen=True, slots=True, eq=False)
class Options:
    """What an answer may be; best made once for all sequences that ask for the same.

    Attributes:
        spellings: for each option, every way in which tokens spell it, what ends the answer included.
        tree: all of these; its texts are in the order of the spellings.
    """

    spellings: tuple[tuple[Text, ...], ...]
    tree: Trie


def options(spellings: Sequence[Sequence[Text]]) -> Options:
    """Options that are spelled in these ways; each has one at least."""
    whole = tuple(map(tuple, spellings))
    return Options(whole, trie(text for texts in whole for text in texts))


def choose(found: Iterable[tuple[Row, Sequence[float]]]) -> None:
    """Draw an option for every row, by the log-probability of each `asked` token of its tree.

    Sampling is of options in place of tokens; a repetition penalty has nothing to say about them.
    """
    alike = defaultdict[tuple[Sampling, int], list[tuple[Row, Sequence[float]]]](list)
    for row, logprobs in found:
        alike[row.sequence.sampling, len(_options(row).spellings)].append((row, logprobs))
    for (sampling, _), group in alike.items():
        _choose(group, replace(sampling, repetition_penalty=1.0))


def weigh(among: Options, logprobs: Sequence[float]) -> list[float]:
    """The log-probability of every option, however it is spelled."""
    sums = iter([fsum(logprobs[place] for place in text) for text in among.tree.texts])
    return [_together([next(sums) for _ in texts]) for texts in among.spellings]


def _choose(group: list[tuple[Row, Sequence[float]]], sampling: Sampling) -> None:
    rows = [row for row, _ in group]
    weights = [weigh(_options(row), logprobs) for row, logprobs in group]
    drawn = draw(
        torch.tensor([[weight - max(own) for weight in own] for own in weights]),
        sampling,
        torch.tensor([row.sequence.seed for row in rows]),
        torch.zeros(len(rows), dtype=torch.int64),
        [],
        families=[row.sequence.family for row in rows],
    )
    for (row, logprobs), option in zip(group, drawn.tolist(), strict=True):
        row.choose(*_spelled(_options(row), option, logprobs))


def _spelled(among: Options, option: int, logprobs: Sequence[float]) -> tuple[Text, list[float]]:
    """The likeliest spelling of an option, and the log-probability of each of its tokens."""
    start = sum(map(len, among.spellings[:option]))
    places = among.tree.texts[start : start + len(among.spellings[option])]
    ways = [[logprobs[place] for place in text] for text in places]
    best = max(range(len(ways)), key=lambda way: fsum(ways[way]))
    return among.spellings[option][best], ways[best]


def _options(row: Row) -> Options:
    assert row.sequence.options is not None
    return row.sequence.options


def _together(logs: list[float]) -> float:
    highest = max(logs)
    return highest + log(fsum(exp(each - highest) for each in logs))
