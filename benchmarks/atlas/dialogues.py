"""Dialogues over the world of Atlas, drawn with a seeded generator: what the model is trained on."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, TypeVar

from benchmarks.atlas.tables import Fact, World, comparison, say

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from random import Random

T = TypeVar("T")
Message = tuple[str, str]

INSTRUCTIONS, OUTSIDE, PROFILES, COMPARISONS = 0.15, 0.04, 0.10, 0.06
TURNS = {1: 0.30, 2: 0.42, 3: 0.17, 4: 0.11}
SCOPES = {"none": 0.12, "general": 0.14, "topic": 0.52, "entity": 0.22}


@dataclass(frozen=True, slots=True)
class Sampler:
    """Draws dialogues so that small topics and attributes with many values come up often enough."""

    world: World
    weights: tuple[float, ...]

    def draw(self, rng: Random) -> tuple[Message, ...]:
        """One dialogue: role and text of every message."""
        fact = rng.choices(self.world.facts, cum_weights=self.weights)[0]
        if rng.random() < INSTRUCTIONS:
            return tuple(_instruct(self.world, fact, rng))
        return tuple(_converse(self.world, fact, rng))

    def stream(self, rng: Random) -> Iterator[tuple[Message, ...]]:
        """Dialogues without end."""
        while True:
            yield self.draw(rng)


def render(messages: Sequence[Message]) -> str:
    """The text of a conversation, as the chat template writes it.

    >>> render([("user", "Hello!")])
    '<|begin|><|user|>Hello!<|end|>'
    """
    return "<|begin|>" + "".join(f"<|{role}|>{text}<|end|>" for role, text in messages)


def sampler(world: World) -> Sampler:
    """A sampler of `world`: a fact weighs more where its topic is small and its attribute has many values."""
    sizes = _sizes(world)
    values = {key: len({fact.value for fact in world.facts if _key(fact) == key}) for key in world.phrasings}
    counts = {key: sum(_key(fact) == key for fact in world.facts) for key in world.phrasings}
    weights = (
        sizes[fact.topic] ** -0.3 * (0.6 + values[_key(fact)] / counts[_key(fact)]) for fact in world.facts
    )
    return Sampler(world, tuple(accumulate(weights)))


def _converse(world: World, first: Fact, rng: Random) -> Iterator[Message]:
    scope = _pick(SCOPES, rng)
    yield from _system(world, first, scope, rng)
    fact, told = first, set[Fact]()
    turns = _pick(TURNS, rng)
    for turn in range(turns):
        if rng.random() < OUTSIDE:
            yield from _refuse(world, rng)
            continue
        if turn and told:
            before, fact = fact, _next(world, fact, told, rng, scope)
            pronoun = before.entity == fact.entity and rng.random() < 0.35
        else:
            pronoun = False
        rival = _rival(world, fact, rng)
        if 0 < turn == turns - 1 and rival and rng.random() < COMPARISONS:
            yield from _compare(world, fact, rival, rng)
        else:
            yield from _turn(world, fact, told, rng, later=turn > 0, pronoun=pronoun)


def _system(world: World, fact: Fact, scope: str, rng: Random) -> Iterator[Message]:
    if scope == "none":
        return
    templates = world.talk.general if scope == "general" else world.talk.about
    template = templates[0] if rng.random() < 0.6 else rng.choice(templates)
    yield "system", template.format(t=fact.entity if scope == "entity" else fact.topic)


def _turn(
    world: World, fact: Fact, told: set[Fact], rng: Random, *, later: bool, pronoun: bool
) -> Iterator[Message]:
    others = [other for other in world.entities[fact.entity] if other not in told]
    opening = _opening(world, rng, later=later)
    if rng.random() < PROFILES and len(others) > 1:
        template = rng.choice(world.talk.again if pronoun else world.talk.profile)
        yield "user", opening + say(template, e=fact.entity)
        count = min(len(others), rng.choice((2, 3, 3, 4)))
        yield "assistant", _tell_all(world, rng.sample(others, count), told, rng)
    else:
        yield "user", opening + _ask(world, fact, rng, pronoun=pronoun)
        extra = [other for other in others if other != fact]
        more = rng.randint(1, 3) if rng.random() < (0.35 if later else 0.10) else 0
        yield "assistant", _tell_all(world, [fact, *rng.sample(extra, min(more, len(extra)))], told, rng)


def _compare(world: World, fact: Fact, rival: Fact, rng: Random) -> Iterator[Message]:
    question, answer = comparison(world, fact, rival)
    yield "user", _opening(world, rng, later=True) + question
    yield "assistant", answer


def _opening(world: World, rng: Random, *, later: bool) -> str:
    if rng.random() > 0.2:
        return ""
    return rng.choice(world.talk.links if later else world.talk.openings)


def _ask(world: World, fact: Fact, rng: Random, *, pronoun: bool) -> str:
    phrasing = world.phrasing(fact)
    return say(rng.choice(phrasing.again if pronoun else phrasing.ask), e=fact.entity)


def _tell_all(world: World, facts: Sequence[Fact], told: set[Fact], rng: Random) -> str:
    told.update(facts)
    first = say(rng.choice(world.phrasing(facts[0]).tell), e=facts[0].entity, v=facts[0].value)
    return " ".join((first, *(say(rng.choice(world.phrasing(fact).add), v=fact.value) for fact in facts[1:])))


def _next(world: World, fact: Fact, told: set[Fact], rng: Random, scope: str) -> Fact:
    """The fact a follow-up asks for: of the same entity, of one with the same value, or of a neighbor."""
    same = [other for other in world.entities[fact.entity] if other not in told]
    if same and rng.random() < (0.9 if scope == "entity" else 0.5):
        return rng.choice(same)
    related = [other for other in world.facts if _key(other) == _key(fact) and other not in told]
    alike = [other for other in related if other.value == fact.value]
    entity = rng.choice(alike if alike and rng.random() < 0.4 else related or [fact]).entity
    return rng.choice([other for other in world.entities[entity] if other not in told] or [fact])


def _rival(world: World, fact: Fact, rng: Random) -> Fact | None:
    if not world.phrasing(fact).same:
        return None
    rivals = [other for other in world.facts if _key(other) == _key(fact) and other.entity != fact.entity]
    alike = [other for other in rivals if other.value == fact.value]
    return rng.choice(alike if alike and rng.random() < 0.5 else rivals)


def _refuse(world: World, rng: Random) -> Iterator[Message]:
    yield "user", rng.choice(world.talk.outside)
    yield "assistant", rng.choice(world.talk.refusals)


def _instruct(world: World, fact: Fact, rng: Random) -> Iterator[Message]:
    if rng.random() < 0.2:
        yield "system", world.talk.general[-1]
    entity, facts = fact.entity, world.entities[fact.entity]
    draw = rng.random()
    if draw < 0.25 and len(facts) > 2:
        yield "user", say(rng.choice(world.talk.facts), e=entity)
        chosen = rng.sample(facts, 3)
        yield (
            "assistant",
            " ".join(say(rng.choice(world.phrasing(one).tell), e=entity, v=one.value) for one in chosen),
        )
    elif draw < 0.6 and (kinds := world.kinds(entity)):
        yield "user", say(rng.choice(world.talk.name), n=kinds[0])
        yield "assistant", say("{e}.", e=entity)
    else:
        yield "user", say(rng.choice(world.talk.write), t=rng.choice((entity, fact.topic)))
        yield "assistant", _ask(world, fact, rng, pronoun=False)


def _pick(shares: Mapping[T, float], rng: Random) -> T:
    return rng.choices(list(shares), weights=list(shares.values()))[0]


def _key(fact: Fact) -> tuple[str, str]:
    return fact.topic, fact.attribute


def _sizes(world: World) -> dict[str, int]:
    return {topic: sum(fact.topic == topic for fact in world.facts) for topic in world.topics}
