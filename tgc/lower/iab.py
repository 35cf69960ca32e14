"""A table of topics, each with its parent's id, as IAB Tech Lab publishes its content taxonomies."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest

from tgc.errors import Diagnostic, RecipeError
from tgc.lower.row import Row, refusal
from tgc.lower.tables import Record

FIELDS = {"unique_id": "id", "parent_id": "parent"}
"""Columns of versions 2 and 3 that are fields by another name; `Tier 1` is `tier_1`, and so on."""
FIRST_FIELDS = {"iab_code": "id", "tier": "tier", "iab_category": "name"}
"""The columns of version 1, whose ids hold those of their parents: `IAB1-2` is below `IAB1`."""
REQUIRED = frozenset({"id", "parent", "name", "tier_1"})
BETWEEN = " > "


def headed(head: Sequence[Record]) -> list[Record] | None:
    """The first rows of a table with fields for names, if they say that it is a taxonomy.

    The names are in the first row, or in the second below names of groups; a column without a name of its own
    is named after its group, such as `extension`.
    """
    slugs = [[_slug(cell) for cell in row.datum] for row in head]
    if slugs and set(slugs[0]) == set(FIRST_FIELDS):
        return [Row([FIRST_FIELDS[slug] for slug in slugs[0]], head[0].place), *head[1:]]
    for number, (groups, names) in enumerate(zip([[], *slugs], slugs, strict=False)):
        fields = [FIELDS.get(name, name) or group for name, group in _beside(names, groups)]
        if set(fields) >= REQUIRED:
            return [Row(fields, head[number].place), *head[number + 1 :]]
    return None


def topics(rows: Iterable[Row[dict[str, str]]]) -> Iterator[Row[dict[str, str]]]:
    """The topics of a taxonomy: id, parent, name, tiers as they are written, and `path`, the names from the root.

    Raises:
        RecipeError: an id is given twice, a parent is not there, or topics are each other's parents.
    """
    found = [Row(_topic(row.datum), row.place) for row in rows]
    known = {row.datum["id"]: row for row in reversed(found)}
    problems = [*_repeated(found, known), *_orphans(found, known)]
    if problems:
        raise RecipeError(problems)
    for row in found:
        yield Row(_placed(row.datum, _names(row, known)), row.place)


def _slug(cell: str) -> str:
    return re.sub(r"\W+", "_", cell.strip().casefold()).strip("_")


def _beside(names: list[str], groups: list[str]) -> Iterator[tuple[str, str]]:
    return zip_longest(names, groups[: len(names)], fillvalue="")


def _topic(cells: Mapping[str, str]) -> dict[str, str]:
    """The cells in plain spaces: names hold non-breaking ones."""
    topic = {name: " ".join(cell.split()) for name, cell in cells.items()}
    topic.setdefault("parent", topic["id"].rpartition("-")[0])
    return topic


def _placed(topic: Mapping[str, str], names: list[str]) -> dict[str, str]:
    fields = {**topic, "path": BETWEEN.join(names)}
    if fields.pop("tier", None) is None:
        return fields
    first, second, *_ = *names, ""
    return {**fields, "tier_1": first, "tier_2": second}


def _names(row: Row[dict[str, str]], known: Mapping[str, Row[dict[str, str]]]) -> list[str]:
    above = [row.datum]
    while parent := above[-1]["parent"]:
        if len(above) > len(known):
            raise refusal(f"`{row.datum['name']}` is below itself", row.place())
        above.append(known[parent].datum)
    return [topic["name"] for topic in reversed(above)]


def _repeated(
    found: Iterable[Row[dict[str, str]]], known: Mapping[str, Row[dict[str, str]]]
) -> Iterator[Diagnostic]:
    for row in found:
        first = known[row.datum["id"]]
        if first is not row:
            hint = f"the first is on line {first.place().line}"
            message = f"two topics have the id `{row.datum['id']}`"
            yield Diagnostic("bad-data", message, row.place(), hint)


def _orphans(
    found: Iterable[Row[dict[str, str]]], known: Mapping[str, Row[dict[str, str]]]
) -> Iterator[Diagnostic]:
    for row in found:
        parent = row.datum["parent"]
        if parent and parent not in known:
            message = f"the parent of `{row.datum['name']}` is `{parent}`, and no topic has that id"
            yield Diagnostic("bad-data", message, row.place())
