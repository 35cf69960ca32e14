"""A value with the exact place of each of its parts; parts can be cut out, and documents stacked."""

import json
from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass, replace

from tgc.errors import Diagnostic, Span
from tgc.source.extent import Extent
from tgc.source.yaml12 import Loc


@dataclass(frozen=True, slots=True)
class Document:
    """The value of a file, and where each part of it is written: in that file, or in one below it.

    Attributes:
        path: the file as the user named it.
        value: dicts with string keys, lists, strings, numbers, booleans and None.
        values: where every value is written, by its location.
        keys: where every mapping's key is written, by its value's location.
        problems: what is wrong with it as YAML, where it can be read all the same.
        void: locations that hold None because what is written there cannot be read.
    """

    path: str
    value: object
    values: Mapping[Loc, Extent]
    keys: Mapping[Loc, Extent]
    problems: tuple[Diagnostic, ...] = ()
    void: frozenset[Loc] = frozenset()

    def at(self, *loc: str | int) -> Span:
        """The place of a value, or of its nearest ancestor that exists."""
        return self.extent(*loc).span

    def key(self, *loc: str | int) -> Span:
        """The place of a value's key, or of its nearest ancestor's; an item of a list is its own key."""
        return _nearest({**self.values, **self.keys}, loc).span

    def extent(self, *loc: str | int) -> Extent:
        """Where a value is written, quotes and all, or its nearest ancestor that exists."""
        return _nearest(self.values, loc)

    def get(self, *loc: str | int) -> object:
        """The part of the value that stands at a location.

        Raises:
            LookupError: nothing stands there.
        """
        value = self.value
        for part in loc:
            match value:
                case dict() | list():
                    value = value[part]  # type: ignore[index]
                case _:
                    raise LookupError(loc)
        return value

    def holds(self, *loc: str | int) -> bool:
        """Whether the value has a part at that location."""
        try:
            self.get(*loc)
        except (LookupError, TypeError):
            return False
        return True

    def has(self, *loc: str | int) -> bool:
        """Whether something stands at that very location."""
        return loc in self.values

    def without(self, locs: Iterable[Loc]) -> "Document":
        """The same document less some of its parts; the rest keeps its place in the text."""
        document = self
        for loc in sorted(set(locs), key=_by_index, reverse=True):
            document = document._less(loc)
        return document

    def over(self, below: "Document", merges: Callable[[Loc], bool]) -> "Document":
        """This document on top of another: mappings that merge do so key by key, all else hides what is below.

        What is below comes first, and a key that both have stays where it was below.
        """
        gone = {
            loc for loc in self.values.keys() & below.values.keys() if not self._joins(below, loc, merges)
        }
        return replace(
            self,
            value=_stacked(below.value, self.value, (), gone),
            values={**_spared(below.values, gone), **self.values},
            keys={**_spared(below.keys, gone), **self.keys},
            problems=(*below.problems, *self.problems),
            void=frozenset(loc for loc in below.void if loc not in self.values) | self.void,
        )

    def canonical(self) -> str:
        """The value as JSON with sorted keys: what is hashed; layout and comments carry no meaning."""
        return json.dumps(self.value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))

    def _joins(self, below: "Document", loc: Loc, merges: Callable[[Loc], bool]) -> bool:
        return merges(loc) and isinstance(self.get(*loc), dict) and isinstance(below.get(*loc), dict)

    def _less(self, loc: Loc) -> "Document":
        return replace(
            self,
            value=_removed(self.value, loc),
            values=_rekeyed(self.values, loc),
            keys=_rekeyed(self.keys, loc),
            void=frozenset(_moved(void, loc) for void in self.void if void[: len(loc)] != loc),
        )


def _nearest(extents: Mapping[Loc, Extent], loc: Loc) -> Extent:
    while loc and loc not in extents:
        loc = loc[:-1]
    return extents[loc]


def _removed(value: object, loc: Loc) -> object:
    head, *rest = loc
    if isinstance(value, dict):
        kept = {key: item for key, item in value.items() if key != head}
        return {**value, head: _removed(value[head], tuple(rest))} if rest else kept
    if isinstance(value, list) and isinstance(head, int):
        middle = [_removed(value[head], tuple(rest))] if rest else []
        return [*value[:head], *middle, *value[head + 1 :]]
    return value


def _rekeyed(extents: Mapping[Loc, Extent], gone: Loc) -> dict[Loc, Extent]:
    kept = {loc: extent for loc, extent in extents.items() if loc[: len(gone)] != gone}
    return {_moved(loc, gone): extent for loc, extent in kept.items()}


def _moved(loc: Loc, gone: Loc) -> Loc:
    *parent, index = gone
    depth = len(parent)
    if len(loc) <= depth or loc[:depth] != tuple(parent):
        return loc
    here = loc[depth]
    if isinstance(index, int) and isinstance(here, int) and here > index:
        return (*loc[:depth], here - 1, *loc[depth + 1 :])
    return loc


def _by_index(loc: Loc) -> tuple[tuple[bool, int, str], ...]:
    return tuple((isinstance(part, int), part if isinstance(part, int) else 0, str(part)) for part in loc)


def _stacked(below: object, above: object, loc: Loc, gone: Set[Loc]) -> object:
    if loc in gone or not isinstance(below, dict) or not isinstance(above, dict):
        return above
    both = {key: _stacked(below[key], above[key], (*loc, key), gone) for key in above if key in below}
    return {**below, **above, **both}


def _spared(extents: Mapping[Loc, Extent], gone: Set[Loc]) -> dict[Loc, Extent]:
    return {
        loc: extent
        for loc, extent in extents.items()
        if not any(loc[:end] in gone for end in range(len(loc)))
    }
