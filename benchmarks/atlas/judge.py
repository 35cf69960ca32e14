"""The judge of the closed world: is a question sensible, and is its answer true?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal

from benchmarks.atlas.tables import Fact, World, comparison, load, questions, say, statements

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Kind = Literal["fact", "profile", "comparison", "instruction", "outside", "nonsense"]


@dataclass(frozen=True, slots=True)
class Judgment:
    """What a question is about and whether its answer is right; `attribute` is empty beyond single facts."""

    kind: Kind
    topic: str = ""
    entity: str = ""
    attribute: str = ""
    right: bool = False

    @property
    def sensible(self) -> bool:
        """Whether the question can be answered from the world."""
        return self.kind in ("fact", "profile", "comparison", "instruction")


@dataclass(frozen=True, slots=True)
class Index:
    """Every question and instruction of the world by its text; pronoun questions by entity and text."""

    facts: Mapping[str, Fact]
    pronouns: Mapping[tuple[str, str], Fact]
    profiles: Mapping[str, str]
    comparisons: tuple[tuple[re.Pattern[str], tuple[str, str]], ...]
    lists: Mapping[str, str]
    subjects: Mapping[str, str]
    nouns: Mapping[str, frozenset[str]]


def judge(question: str, answer: str, context: str | None = None) -> Judgment:
    """The judgment on one question and its answer; `context` is the entity that a pronoun in them refers to.

    An answer is right if it is made of true sentences of the world, the one asked for among them.

    >>> judge("What is the capital of France?", "The capital of France is Paris.").right
    True
    >>> judge("And what is its currency?", "The currency of Japan is the euro.", context="Japan")
    Judgment(kind='fact', topic='geography', entity='Japan', attribute='currency', right=False)
    >>> judge("What is the capital of Frence?", "The capital of France is Paris.").kind
    'nonsense'
    >>> judge("What did I eat today?", "I am sorry, but I do not know that.")
    Judgment(kind='outside', topic='', entity='', attribute='', right=True)
    """
    world = load()
    question, answer = without_opening(world, question.strip()), answer.strip()
    if fact := asked(world, question, context):
        return Judgment(
            "fact", fact.topic, fact.entity, fact.attribute, fact in told(world, fact.entity, answer)
        )
    if question in world.talk.outside:
        return Judgment("outside", right=answer in world.talk.refusals)
    return (
        _described(world, question, answer, context)
        or _compared(world, question, answer)
        or _instructed(world, question, answer)
        or Judgment("nonsense")
    )


def asked(world: World, question: str, context: str | None = None) -> Fact | None:
    """The one fact that `question` asks for, if it asks for one."""
    known = index(world)
    return known.facts.get(question) or known.pronouns.get((context or "", question))


def told(world: World, entity: str, answer: str) -> frozenset[Fact]:
    """The facts of `entity` that `answer` states; none if a part of it is no true sentence about it."""
    sentences = _sentences(world, entity)
    facts: set[Fact] = set()
    rest = answer
    while rest:
        sentence = next((one for one in sentences if rest == one or rest.startswith(one + " ")), None)
        if sentence is None:
            return frozenset()
        facts.update(sentences[sentence])
        rest = rest[len(sentence) + 1 :]
    return frozenset(facts)


def without_opening(world: World, question: str) -> str:
    """`question` without a greeting or a thank-you in front."""
    return next(
        (question[len(one) :] for one in world.talk.openings + world.talk.links if question.startswith(one)),
        question,
    )


@cache
def index(world: World) -> Index:
    """The index of `world`."""
    talk, entities = world.talk, world.entities
    return Index(
        facts={text: fact for fact in world.facts for text in questions(world, fact)},
        pronouns={(fact.entity, text): fact for fact in world.facts for text in world.phrasing(fact).again},
        profiles={say(text, e=entity): entity for entity in entities for text in talk.profile},
        comparisons=tuple((_pattern(one.same), key) for key, one in world.phrasings.items() if one.same),
        lists={say(text, e=entity): entity for entity in entities for text in talk.facts},
        subjects={
            say(text, t=subject): subject for subject in (*entities, *world.topics) for text in talk.write
        },
        nouns=_nouns(world),
    )


def _described(world: World, question: str, answer: str, context: str | None) -> Judgment | None:
    entity = context if question in world.talk.again else index(world).profiles.get(question)
    if entity is None:
        return None
    return Judgment(
        "profile", world.entities[entity][0].topic, entity, right=bool(told(world, entity, answer))
    )


def _compared(world: World, question: str, answer: str) -> Judgment | None:
    for pattern, (topic, attribute) in index(world).comparisons:
        if match := pattern.fullmatch(question):
            for one, two in _pairs(world, match[1], topic, attribute):
                return Judgment(
                    "comparison", topic, one.entity, attribute, comparison(world, one, two)[1] == answer
                )
    return None


def _pairs(world: World, names: str, topic: str, attribute: str) -> Iterator[tuple[Fact, Fact]]:
    """The two facts that `names` joins with `and`, which is a part of some names too."""
    words = names.split(" and ")
    for cut in range(1, len(words)):
        one = _fact(world, " and ".join(words[:cut]), topic, attribute)
        two = _fact(world, " and ".join(words[cut:]), topic, attribute)
        if one and two:
            yield one, two


def _instructed(world: World, question: str, answer: str) -> Judgment | None:
    known = index(world)
    if entity := known.lists.get(question):
        listed = len(told(world, entity, answer)) > 2
        return Judgment("instruction", world.entities[entity][0].topic, entity, right=listed)
    if subject := known.subjects.get(question):
        fact = asked(world, answer)
        return Judgment("instruction", right=fact is not None and subject in (fact.topic, fact.entity))
    if question in known.nouns:
        return Judgment("instruction", right=answer in known.nouns[question])
    return None


@cache
def _sentences(world: World, entity: str) -> Mapping[str, tuple[Fact, ...]]:
    """The true sentences about `entity`, longest first, each with what it states."""
    sentences: dict[str, tuple[Fact, ...]] = {}
    for fact in world.entities[entity]:
        for sentence in statements(world, fact):
            sentences[sentence] = (*sentences.get(sentence, ()), fact)
    return dict(sorted(sentences.items(), key=lambda item: -len(item[0])))


def _pattern(same: str) -> re.Pattern[str]:
    return re.compile(re.escape(same).replace(re.escape("{a} and {b}"), "(.+)"))


def _fact(world: World, entity: str, topic: str, attribute: str) -> Fact | None:
    facts = world.entities.get(entity, ())
    return next((fact for fact in facts if (fact.topic, fact.attribute) == (topic, attribute)), None)


def _nouns(world: World) -> dict[str, frozenset[str]]:
    named: dict[str, set[str]] = {}
    for entity in world.entities:
        for kind in world.kinds(entity):
            for text in world.talk.name:
                named.setdefault(say(text, n=kind), set()).add(say("{e}.", e=entity))
    return {question: frozenset(names) for question, names in named.items()}
