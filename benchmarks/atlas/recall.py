"""Measures what Atlas knows and how good its own dialogues are: `python benchmarks/atlas/recall.py`."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from random import Random

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))  # so that the file runs as a script from anywhere

from typing import TYPE_CHECKING  # noqa: E402

from benchmarks.atlas.chat import Chat, open_chat  # noqa: E402
from benchmarks.atlas.judge import Judgment, judge  # noqa: E402
from benchmarks.atlas.tables import Fact, World, load, questions, say  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from benchmarks.atlas.dialogues import Message

MODEL = ROOT / "tgc" / "_models" / "atlas"
RESULTS = ROOT / "benchmarks" / "results" / "atlas.json"


@dataclass(frozen=True, slots=True)
class Turn:
    """A turn the model wrote alone at temperature 1, as shares of `asked` (`right`: of the sensible ones)."""

    asked: int
    sensible: float
    on_topic: float
    refused: float
    right: float
    distinct: int


def main() -> None:
    """Prints the figures of the saved model as a table and writes them as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=MODEL, help="folder of the model")
    parser.add_argument("--results", type=Path, default=RESULTS, help="where to write the figures")
    parser.add_argument(
        "--samples", type=int, default=500, help="dialogues the model writes on each kind of subject"
    )
    arguments = parser.parse_args()
    figures = measure(load(), open_chat(arguments.model), arguments.samples)
    print(table(figures))
    arguments.results.parent.mkdir(parents=True, exist_ok=True)
    arguments.results.write_text(json.dumps(figures, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    print(f"wrote {arguments.results}", file=sys.stderr)


def measure(world: World, chat: Chat, samples: int) -> dict[str, Mapping[str, float]]:
    """All figures by section: recall by topic in canonical and in other words, self-asked turns, instructions."""
    import torch

    torch.manual_seed(0)
    torch.set_num_threads(1)
    rng = Random(0)
    entities = rng.choices(tuple(world.entities), k=samples)
    topics = [world.topics[number % len(world.topics)] for number in range(samples)]
    size = {
        "parameters": chat.model.num_parameters(),
        "facts": len(world.facts),
        "entities": len(world.entities),
    }
    figures: dict[str, Mapping[str, float]] = {
        "model": size,
        "recall, canonical question": recall(world, chat, lambda fact: questions(world, fact)[0]),
        "recall, another phrasing": recall(world, chat, lambda fact: rng.choice(questions(world, fact)[1:])),
    }
    for steer, subjects in (("topic", topics), ("entity", entities)):
        for number, turn in enumerate(converse(world, chat, subjects), start=1):
            figures[f"self-asked, {steer}, turn {number}"] = {
                name: getattr(turn, name) for name in turn.__slots__
            }
    return figures | {"instructions": obey(world, chat, samples, rng)}


def recall(world: World, chat: Chat, ask: Callable[[Fact], str]) -> dict[str, float]:
    """The share of facts, by topic and over `all`, that the model states right, asked greedily."""
    asked = [ask(fact) for fact in world.facts]
    answers = chat.write([[("user", question)] for question in asked], "assistant")
    right = [judge(question, answer).right for question, answer in zip(asked, answers, strict=True)]
    by_topic = {
        topic: share(good for fact, good in zip(world.facts, right, strict=True) if fact.topic == topic)
        for topic in world.topics
    }
    return by_topic | {"all": share(right)}


def converse(world: World, chat: Chat, subjects: list[str], turns: int = 2) -> list[Turn]:
    """The turns of dialogues the model writes alone, each with one of `subjects` in its system prompt."""
    dialogues: list[list[Message]] = [
        [("system", world.talk.about[0].format(t=subject))] for subject in subjects
    ]
    contexts: list[str | None] = [None] * len(subjects)
    measured = []
    for _ in range(turns):
        for role in ("user", "assistant"):
            for dialogue, text in zip(dialogues, chat.write(dialogues, role, temperature=1.0), strict=True):
                dialogue.append((role, text))
        judged = [
            judge(dialogue[-2][1], dialogue[-1][1], context)
            for dialogue, context in zip(dialogues, contexts, strict=True)
        ]
        contexts = [one.entity or context for one, context in zip(judged, contexts, strict=True)]
        measured.append(_turn(judged, subjects, [dialogue[-2][1] for dialogue in dialogues]))
    return measured


def obey(world: World, chat: Chat, samples: int, rng: Random) -> dict[str, float]:
    """The share of instructions, by kind, carried out right at temperature 1."""
    entities, talk = tuple(world.entities), world.talk
    listed = tuple(entity for entity in entities if len(world.entities[entity]) > 2)
    nouns = tuple(sorted({noun for entity in entities for noun in world.kinds(entity)}))
    kinds = {
        "ask, topic": (talk.write, "t", world.topics),
        "ask, entity": (talk.write, "t", entities),
        "name": (talk.name, "n", nouns),
        "three facts": (talk.facts, "e", listed),
    }
    shares = {}
    for kind, (templates, hole, fillers) in kinds.items():
        orders = [say(rng.choice(templates), **{hole: rng.choice(fillers)}) for _ in range(samples)]
        answers = chat.write([[("user", order)] for order in orders], "assistant", temperature=1.0)
        shares[kind] = share(judge(order, text).right for order, text in zip(orders, answers, strict=True))
    return shares


def share(marks: Iterable[bool]) -> float:
    """The share of true marks, to four digits."""
    counted = tuple(marks)
    return round(sum(counted) / max(len(counted), 1), 4)


def table(figures: Mapping[str, Mapping[str, float]]) -> str:
    """The figures as text, one line each."""
    lines = (
        f"{section:32}{name:12}{value:>12,}"
        for section, row in figures.items()
        for name, value in row.items()
    )
    return "\n".join(lines)


def _turn(judged: list[Judgment], subjects: list[str], asked: list[str]) -> Turn:
    sensible = [one for one in judged if one.sensible]
    return Turn(
        asked=len(judged),
        sensible=share(one.sensible for one in judged),
        on_topic=share(
            subject in (one.topic, one.entity) for one, subject in zip(judged, subjects, strict=True)
        ),
        refused=share(one.kind == "outside" for one in judged),
        right=share(one.right for one in sensible),
        distinct=len(set(asked)),
    )


if __name__ == "__main__":
    main()
