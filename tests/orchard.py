"""A small program and its nodes, made by hand: topics, questions, answers."""

from pathlib import Path

import polars as pl

from tgc import ir
from tgc.catalog import NODES
from tgc.dialogue import Role
from tgc.filters.base import Filter
from tgc.formats.base import Format

TOPIC, QUESTION, ANSWER = 1_000, 2_000, 3_000


def level(name: str, parent: str | None, depth: int, speaks: Role | None) -> ir.Level:
    return ir.Level(name, parent, depth, 1, ir.Values(()), None, speaks, "", ())


def program(
    *checks: tuple[Filter, tuple[str, ...]],
    mix: ir.Mix | None = None,
    emit: tuple[Format, ...] = (),
    seed: int = 7,
) -> ir.Program:
    return ir.Program(
        name="orchard",
        path=Path("orchard.yaml"),
        root=Path(),
        text="name: orchard\n",
        seed=seed,
        vars=(),
        levels=(
            level("topic", None, 0, None),
            level("question", "topic", 1, "user"),
            level("answer", "question", 2, "assistant"),
        ),
        checks=tuple(ir.Check(judge, levels) for judge, levels in checks),
        mix=mix or ir.Mix(None, (), None),
        emit=emit,
    )


def nodes(*widths: int) -> pl.DataFrame:
    """A topic for each width, with that many questions of two answers each; ids say what they are."""
    rows: list[dict[str, object]] = []
    for topic, width in enumerate(widths):
        rows.append(node("topic", TOPIC + topic, 0, 0, None, f"topic {topic}"))
        for number in range(width):
            question = QUESTION + 100 * topic + number
            rows.append(node("question", question, TOPIC + topic, 1, "user", f"Why {topic}.{number}?"))
            for draw in range(2):
                answer = ANSWER + 200 * topic + 2 * number + draw
                rows.append(node("answer", answer, question, 2, "assistant", f"So {topic}.{number}.{draw}."))
    return pl.DataFrame(rows, schema=NODES).sort("depth", "node_id")


def node(name: str, node_id: int, parent: int, depth: int, role: Role | None, text: str) -> dict[str, object]:
    return {
        "node_id": node_id,
        "parent_id": parent,
        "recipe": "orchard",
        "level": name,
        "ordinal": 0,
        "depth": depth,
        "role": role,
        "text": text,
        "completion_tokens": len(text.split()) if role else None,
        "finish_reason": "stop" if role else None,
    }


def say(nodes: pl.DataFrame, node_id: int, text: str) -> pl.DataFrame:
    """The nodes, with another text for one of them."""
    return nodes.with_columns(
        text=pl.when(pl.col("node_id") == node_id).then(pl.lit(text)).otherwise(pl.col("text"))
    )
