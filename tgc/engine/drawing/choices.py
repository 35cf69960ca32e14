"""Answers whose options are known: one is drawn whole, by how likely the model finds each of them.

That is the model's own distribution, given that its answer begins with one of them; of two that it begins with,
the longer counts. To mask tokens as they are drawn is not, for an option would gain what those lose that begin
with the same token.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import exp, fsum, inf, log

import torch

from tgc.engine.drawing.row import Row
from tgc.engine.drawing.sampler import draw
from tgc.engine.drawing.trie import Text, Trie, trie
from tgc.sampling import Sampling


@dataclass(frozen=True, slots=True, eq=False)
class Options:
    """What an answer may be; best made once for all sequences that ask for the same.

    Attributes:
        spellings: for each option, every way in which tokens spell it; no two options share one.
        tree: all of these; its texts are in the order of the spellings.
        longer: its texts that others go on from, the longest first, with these others.
    """

    spellings: tuple[tuple[Text, ...], ...]
    tree: Trie
    longer: tuple[tuple[int, tuple[int, ...]], ...]


def options(spellings: Sequence[Sequence[Text]]) -> Options:
    """Options that are spelled in these ways; each has one at least."""
    whole = tuple(map(tuple, spellings))
    tree = trie(text for texts in whole for text in texts)
    return Options(whole, tree, tuple(_longer(tree)))


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
    """The log-probability of every option: that an answer begins with it, in any spelling, and no longer one."""
    logs = [fsum(logprobs[place] for place in text) for text in among.tree.texts]
    masses = [exp(each - max(logs)) for each in logs]
    for text, others in among.longer:
        masses[text] = max(0.0, masses[text] - fsum(masses[other] for other in others))
    left = iter(masses)
    return [max(logs) + _log(fsum(next(left) for _ in texts)) for texts in among.spellings]


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


def _longer(tree: Trie) -> list[tuple[int, tuple[int, ...]]]:
    """The texts that others go on from, the longest first, with these others."""
    ends = {path[-1]: text for text, path in enumerate(tree.texts)}
    found = defaultdict[int, list[int]](list)
    for text, path in enumerate(tree.texts):
        for place in path[:-1]:
            if place in ends:
                found[ends[place]].append(text)
    order = sorted(found, key=lambda text: len(tree.texts[text]), reverse=True)
    return [(text, tuple(found[text])) for text in order]


def _log(mass: float) -> float:
    return log(mass) if mass else -inf
