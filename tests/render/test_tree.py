"""The drawing of a tree, against golden text."""

import json
from pathlib import Path

import polars as pl
import pytest

from tests import golden, orchard
from tgc.corpus import Grown, branches
from tgc.fingerprint import spell
from tgc.render import tree as screen
from tgc.render.table import width

GOLDEN = Path(__file__).parent / "tree"
LEVELS = ("topic", "question", "answer")
HIGH = 2**50
"""By which ids of the orchard are multiplied, so that they differ in their first digits."""

TOPIC, ANSWER = orchard.TOPIC * HIGH, orchard.ANSWER * HIGH
LONG, WIDE, HOSTILE = (HIGH * (orchard.QUESTION + number) for number in range(3))
REJECTED = {
    WIDE: "length",
    LONG + 5 * HIGH: "refusal",
    LONG + 101 * HIGH: "length",
    ANSWER: "near_duplicate#2",
}


def nodes() -> pl.DataFrame:
    high = (pl.col(name) * HIGH for name in ("node_id", "parent_id"))
    return orchard.nodes(9, 2).with_columns(pl.col("node_id").alias("ordinal")).with_columns(*high)


def texts() -> dict[int, str]:
    said = orchard.say(nodes(), LONG, "Why  is it\nso long?" * 9)
    said = orchard.say(said, WIDE, "猫" * 60)
    said = orchard.say(said, HOSTILE, "\x1b[2J\x9b3A\rgone \u202eback {{ 7 * 7 }}")
    return dict(said.select("node_id", "text").iter_rows())


def outline(rejected: dict[int, str]) -> pl.DataFrame:
    places = nodes().select("node_id", "parent_id", "level", "depth", "ordinal")
    verdicts = pl.DataFrame(
        {"node_id": list(rejected), "rejected": list(rejected.values())},
        schema={"node_id": pl.UInt64, "rejected": pl.String},
    )
    joined = places.join(verdicts, on="node_id", how="left", maintain_order="left")
    return joined.with_columns(judged=pl.lit(bool(rejected)))


def grown(start: int = 0, depth: int = 3, rejected: dict[int, str] = REJECTED) -> Grown:
    below = branches.below(branches.judged(outline(rejected)), start)
    top = branches.twig(below, start, LEVELS, depth)
    level = branches.said(below, start, "level")
    return Grown("orchard", branches.totals(below, LEVELS), top, texts(), bool(rejected), level)


@pytest.mark.parametrize(
    ("name", "tree"),
    [
        ("whole", grown()),
        ("shallow", grown(depth=1)),
        ("below", grown(start=TOPIC, depth=1)),
        ("leaf", grown(start=ANSWER)),
        ("unjudged", grown(start=TOPIC + HIGH, rejected={})),
    ],
)
def test_a_tree(name: str, tree: Grown) -> None:
    text = screen.explain(tree, 80)
    assert max(map(width, text.splitlines())) <= 80
    assert golden.same(text + "\n", GOLDEN / f"{name}.txt")


def test_a_wider_terminal_shows_more_of_a_text() -> None:
    narrow, wide = (screen.explain(grown(), columns) for columns in (60, 160))
    assert len(wide) > len(narrow)
    assert max(map(width, wide.splitlines())) <= 160


def test_the_order_of_what_is_read_does_not_matter() -> None:
    frames = (outline(REJECTED), outline(REJECTED).reverse())
    first, second = (branches.twig(branches.judged(frame), 0, LEVELS, 3) for frame in frames)
    assert first == second


def test_what_is_kept_rejected_or_below_adds_up() -> None:
    for _, counts in grown().levels:
        assert counts.held >= counts.kept + sum(number for _, number in counts.rejected)
    assert sum(counts.held for _, counts in grown().levels) == len(texts())


def test_json_has_whole_texts_and_what_is_not_drawn() -> None:
    text = screen.as_json(grown())
    told = json.loads(text)
    (topics,) = told["branches"]
    (questions,) = topics["nodes"][0]["branches"]
    assert (told["recipe"], told["node"], questions["more"]) == ("orchard", None, 6)
    assert [node["text"] for node in questions["nodes"]] == [texts()[each] for each in (LONG, WIDE, HOSTILE)]
    assert questions["nodes"][1]["rejected"] == "length"
    assert not {"\x1b", "\x9b", "\r", "\u202e"} & set(text)


def test_json_of_a_node_names_it() -> None:
    told = json.loads(screen.as_json(grown(start=TOPIC)))
    assert (told["node"]["level"], told["node"]["node_id"]) == ("topic", spell(TOPIC))
