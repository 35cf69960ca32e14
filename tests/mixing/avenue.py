"""A program of two turns and its nodes, made by hand: topics with fields, questions, answers, more of both."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import polars as pl

from tests.orchard import level, node
from tgc import ir
from tgc.catalog import NODES
from tgc.dialogue import Role

LEVELS = ("topic", "question", "answer", "followup", "reply")
ROLES: tuple[Role | None, ...] = (None, "user", "assistant", "user", "assistant")


def program(mix: ir.Mix) -> ir.Program:
    parents = (None, *LEVELS[:-1])
    levels = [
        level(name, parent, depth, ROLES[depth])
        for depth, (name, parent) in enumerate(zip(LEVELS, parents, strict=True))
    ]
    return ir.Program("avenue", Path(), Path(), "", 7, (), tuple(levels), (), mix, ())


def nodes(topics: Mapping[str, int], answers: int = 2, replies: int = 1) -> pl.DataFrame:
    """That many questions of each topic, with so many answers and, below each, followups with one reply."""
    rows = [
        row for number, topic in enumerate(topics.items()) for row in _topic(number, *topic, answers, replies)
    ]
    return pl.DataFrame(rows, schema=NODES)


def _topic(number: int, name: str, questions: int, answers: int, replies: int) -> Iterator[dict[str, object]]:
    root = (number + 1) * 10**6
    fields = json.dumps({"name": name, "domain": name[0]})
    yield node("topic", root, 0, 0, None, name) | {"value": fields}
    for question in range(questions):
        asked = root + (question + 1) * 10**3
        yield node("question", asked, root, 1, "user", f"Why {asked}?")
        for answer in range(answers):
            said = asked + (answer + 1) * 10**2
            yield node("answer", said, asked, 2, "assistant", f"So {said}.")
            for reply in range(replies):
                again = said + (reply + 1) * 10
                yield node("followup", again, said, 3, "user", f"Why {again}?")
                yield node("reply", again + 1, again, 4, "assistant", f"So {again + 1}.")
