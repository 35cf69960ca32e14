"""Texts as a tree of tokens: what several begin with is read once, and all of them side by side; pure.

A token attends to what comes before the tree and to those before it in its own text (tree attention, arXiv
2305.09781).
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Text = tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Trie:
    """Some texts, as what has to be read to know how likely each of their tokens is.

    Attributes:
        tokens: the tokens that others follow; each comes after the one that it follows.
        parents: for each, the place in `tokens` of the one that it follows; -1 at the beginning of a text.
        depths: for each, how many it has before it in its texts.
        asked: every token of the texts as (the place in `tokens` of the one that it follows, itself).
        texts: for each text, the places of its tokens in `asked`.
    """

    tokens: Text
    parents: tuple[int, ...]
    depths: tuple[int, ...]
    asked: tuple[tuple[int, int], ...]
    texts: tuple[tuple[int, ...], ...]

    def seen(self, start: int, stop: int) -> NDArray[np.bool_]:
        """Which of the first `stop` tokens each of those from `start` on attends to: (stop - start, stop)."""
        rows = np.zeros((stop - start, stop), dtype=np.bool_)
        for row, place in zip(rows, range(start, stop), strict=True):
            parent = self.parents[place]
            row[place] = True
            if parent >= start:
                row[rows[parent - start]] = True
            else:
                row[self._line(parent)] = True
        return rows

    def _line(self, place: int) -> list[int]:
        """A place and those before it in its texts."""
        found = list[int]()
        while place >= 0:
            found.append(place)
            place = self.parents[place]
        return found


def trie(texts: Iterable[Text]) -> Trie:
    """The tree of texts.

    >>> found = trie([(7, 8), (7, 9, 5)])
    >>> found.tokens, found.parents, found.asked, found.texts
    ((7, 9), (-1, 0), ((-1, 7), (0, 8), (0, 9), (1, 5)), ((0, 1), (0, 2, 3)))
    """
    edges: dict[tuple[int, int], int] = {}
    paths = [_path(text, edges) for text in texts]
    befores = list(edges)
    inner = sorted({before for before, _ in befores} - {-1})
    places = {-1: -1} | {edge: place for place, edge in enumerate(inner)}
    parents = tuple(places[befores[edge][0]] for edge in inner)
    return Trie(
        tokens=tuple(befores[edge][1] for edge in inner),
        parents=parents,
        depths=_depths(parents),
        asked=tuple((places[before], token) for before, token in befores),
        texts=tuple(paths),
    )


def _path(text: Text, edges: dict[tuple[int, int], int]) -> tuple[int, ...]:
    """The edges of a text, by number; those that are new get one."""
    path, last = list[int](), -1
    for token in text:
        last = edges.setdefault((last, token), len(edges))
        path.append(last)
    return tuple(path)


def _depths(parents: tuple[int, ...]) -> tuple[int, ...]:
    depths = list[int]()
    for parent in parents:
        depths.append(depths[parent] + 1 if parent >= 0 else 0)
    return tuple(depths)
