"""The tables of the world of Atlas: true facts, and the sentences that ask for them and state them."""

from __future__ import annotations

import csv
import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Fact:
    """One cell of a table: `attribute` of `entity` is `value`, as they stand in the middle of a sentence."""

    topic: str
    entity: str
    attribute: str
    value: str


@dataclass(frozen=True, slots=True)
class Phrasing:
    """The ways to ask for one attribute and to state it; the last three are empty if never compared."""

    ask: tuple[str, ...]
    again: tuple[str, ...]
    tell: tuple[str, ...]
    add: tuple[str, ...]
    same: str = ""
    yes: str = ""
    no: str = ""


@dataclass(frozen=True, slots=True)
class Talk:
    """Everything said that is not about one attribute."""

    general: tuple[str, ...]
    about: tuple[str, ...]
    openings: tuple[str, ...]
    links: tuple[str, ...]
    profile: tuple[str, ...]
    again: tuple[str, ...]
    write: tuple[str, ...]
    name: tuple[str, ...]
    facts: tuple[str, ...]
    outside: tuple[str, ...]
    refusals: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)  # compared by identity, so that it can be a cache key
class World:
    """All facts with their phrasings; `entities` keeps the order of the tables."""

    facts: tuple[Fact, ...]
    phrasings: Mapping[tuple[str, str], Phrasing]
    nouns: Mapping[str, str]
    talk: Talk
    entities: Mapping[str, tuple[Fact, ...]] = field(repr=False)

    @property
    def topics(self) -> tuple[str, ...]:
        """The topic words, sorted."""
        return tuple(sorted(self.nouns))

    def phrasing(self, fact: Fact) -> Phrasing:
        """The phrasing of the attribute of `fact`."""
        return self.phrasings[fact.topic, fact.attribute]

    def kinds(self, entity: str) -> tuple[str, ...]:
        """The nouns under which `entity` may be named: its kind if the table has kinds, else its topic's."""
        facts = self.entities[entity]
        kinds = tuple(fact.value for fact in facts if fact.attribute == "kind")
        has_kinds = (facts[0].topic, "kind") in self.phrasings
        return kinds if has_kinds else (self.nouns[facts[0].topic],)


@cache
def load(folder: Path = HERE) -> World:
    """The world written in `folder`: `facts/*.tsv` and `phrasings.toml`."""
    tables = tomllib.loads((folder / "phrasings.toml").read_text(encoding="utf-8"))
    talk = Talk(**{name: tuple(lines) for name, lines in tables.pop("talk").items()})
    facts = tuple(fact for path in sorted(folder.glob("facts/*.tsv")) for fact in read_facts(path))
    return World(
        facts=facts,
        phrasings={
            (topic, name): _phrasing(table)
            for topic, attributes in tables.items()
            for name, table in attributes.items()
            if name != "noun"
        },
        nouns={topic: attributes["noun"] for topic, attributes in tables.items()},
        talk=talk,
        entities=_by_entity(facts),
    )


def read_facts(path: Path) -> list[Fact]:
    """The facts of one table, in reading order; an empty cell is no fact."""
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [
        Fact(path.stem, row["entity"], attribute, value)
        for row in rows
        for attribute, value in row.items()
        if attribute != "entity" and value
    ]


def say(template: str, **values: str) -> str:
    """`template` filled and made a sentence: a capital first, never two full stops last.

    >>> say("{v} is the capital of {e}.", e="the Netherlands", v="Amsterdam")
    'Amsterdam is the capital of the Netherlands.'
    >>> say("{e} is {av}.", e="the lion", v="mammal")
    'The lion is a mammal.'
    """
    articles = {f"a{name}": with_article(value) for name, value in values.items()}
    text = template.format(**values, **articles)
    return text[0].upper() + text[1:].replace("..", ".")


def with_article(noun: str) -> str:
    """`noun` after `a` or `an`.

    >>> with_article("amphibian"), with_article("planet")
    ('an amphibian', 'a planet')
    """
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def questions(world: World, fact: Fact) -> tuple[str, ...]:
    """Every question for `fact` that names its entity; the first one is the canonical one."""
    return tuple(say(template, e=fact.entity) for template in world.phrasing(fact).ask)


def statements(world: World, fact: Fact) -> tuple[str, ...]:
    """Every sentence that states `fact`, by name first, then by pronoun."""
    phrasing = world.phrasing(fact)
    return tuple(say(template, e=fact.entity, v=fact.value) for template in phrasing.tell + phrasing.add)


def comparison(world: World, one: Fact, two: Fact) -> tuple[str, str]:
    """The question whether two facts of one attribute have the same value, and its answer."""
    phrasing = world.phrasing(one)
    answer = phrasing.yes if one.value == two.value else phrasing.no
    question = say(phrasing.same, a=one.entity, b=two.entity)
    return question, say(answer, a=one.entity, b=two.entity, v=one.value, w=two.value)


def _phrasing(table: Mapping[str, Any]) -> Phrasing:  # Any: TOML values, lists or strings
    lines = {name: tuple(table[name]) for name in ("ask", "again", "tell", "add")}
    return Phrasing(**lines, same=table.get("same", ""), yes=table.get("yes", ""), no=table.get("no", ""))


def _by_entity(facts: tuple[Fact, ...]) -> dict[str, tuple[Fact, ...]]:
    entities: dict[str, tuple[Fact, ...]] = {}
    for fact in facts:
        entities[fact.entity] = (*entities.get(fact.entity, ()), fact)
    return entities
