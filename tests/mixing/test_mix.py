"""Selection is stable, even, accounted for, and blind to the order in which nodes arrived."""

import json
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import orchard
from tests.orchard import ANSWER, QUESTION, program, say
from tgc import ir
from tgc.catalog import VERDICTS, Gathered
from tgc.dialogue import Conversation, Message
from tgc.errors import UsageError
from tgc.filters.length import Length
from tgc.formats.llava import Llava
from tgc.formats.messages import Messages
from tgc.mixing import Selection, blend, select
from tgc.mixing.dialogues.conversations import CONVERSATIONS, conversations
from tgc.mixing.dialogues.tree import grown
from tgc.mixing.dialogues.voices import voices
from tgc.mixing.output.emit import emit
from tgc.sieve import sift

NO_VERDICTS = pl.DataFrame(schema=VERDICTS)
OUTPUTS = (Llava(path="llava.json"), Messages(path="deep/messages.jsonl"))
BY_TOPIC = (ir.Margin((ir.Key("topic"),)),)
WIDTHS = st.lists(st.integers(0, 6), min_size=1, max_size=6)


def mixed(size: int | None, *widths: int, held_out: float | None = None) -> Selection:
    split = None if held_out is None else ir.Split("validation", held_out, "question")
    return select(program(mix=ir.Mix(size, BY_TOPIC, split)), Gathered(orchard.nodes(*widths)), NO_VERDICTS)


def topics(selection: Selection) -> list[int]:
    return selection.strata["achieved"].to_list()


def test_a_conversation_is_a_path_to_a_leaf() -> None:
    recipe, corpus = program(mix=ir.Mix(None, BY_TOPIC, None)), Gathered(orchard.nodes(1))
    found = conversations(recipe, grown(recipe, corpus), NO_VERDICTS)
    assert found.rows.schema == CONVERSATIONS
    assert found.kinds["stratum"].to_list() == [["topic 0"]]
    assert found.rows.drop("kind", "said").sort("leaf_id").row(0, named=True) == {
        "leaf_id": ANSWER,
        "level": "answer",
        "path": [orchard.TOPIC, QUESTION, ANSWER],
        "subtree": ANSWER,
        "drawn": True,
        "turns": 1,
        "tokens": 4,
        "estimated": 0,
        "supervised_tokens": 2,
        "stored": 0,
        "reason": None,
    }
    assert [*voices(recipe, corpus).spoken(found.rows.filter(pl.col("leaf_id") == ANSWER))] == [
        Conversation("0000000000000bb8", (Message("user", "Why 0.0?"), Message("assistant", "So 0.0.0.")))
    ]


def test_no_nodes_no_conversations() -> None:
    selection = mixed(5, *[])
    assert selection.rows.is_empty()
    assert selection.asked == 5


def test_topics_get_even_shares_and_the_poor_leave_theirs_to_the_rich() -> None:
    assert topics(mixed(12, 5, 5, 5)) == [4, 4, 4]
    assert topics(mixed(12, 1, 5, 5)) == [2, 5, 5]


def test_a_shortfall_is_told_by_topic() -> None:
    selection = mixed(12, 1, 2)
    assert selection.strata.rows() == [("topic", ["topic 0"], 2, 6, 2), ("topic", ["topic 1"], 4, 6, 4)]
    assert selection.rows.height == 6


def test_a_topic_without_conversations_is_told_too() -> None:
    assert mixed(12, 0, 6).strata.rows() == [
        ("topic", ["topic 0"], 0, 6, 0),
        ("topic", ["topic 1"], 12, 6, 12),
    ]


@given(WIDTHS, st.integers(0, 30), st.integers(0, 30))
@settings(deadline=None, max_examples=40)
def test_a_smaller_mix_is_part_of_a_larger_one(widths: list[int], one: int, other: int) -> None:
    small, large = (set(mixed(size, *widths).rows["leaf_id"]) for size in sorted((one, other)))
    assert small <= large


@given(WIDTHS, st.integers(0, 30))
@settings(deadline=None, max_examples=40)
def test_shares_differ_by_one_unless_a_topic_is_exhausted(widths: list[int], size: int) -> None:
    strata = mixed(size, *widths).strata
    most = max(strata["achieved"], default=0)
    assert sum(strata["achieved"]) == min(size, 2 * sum(widths))
    assert all(row["achieved"] >= min(most - 1, row["available"]) for row in strata.iter_rows(named=True))


@given(WIDTHS, st.integers(0, 99))
@settings(deadline=None, max_examples=25)
def test_the_same_nodes_give_the_same_bytes(
    tmp_path_factory: pytest.TempPathFactory, widths: list[int], seed: int
) -> None:
    recipe = program(
        (Length(max_chars=9), ("answer",)),
        mix=ir.Mix(9, BY_TOPIC, ir.Split("validation", 0.3, "question")),
        emit=OUTPUTS,
    )
    nodes = say(orchard.nodes(*widths), ANSWER + 1, "A text that is far too long.")
    written = []
    for frame in (nodes, nodes.sample(fraction=1, shuffle=True, seed=seed)):
        mixture = blend(recipe, select(recipe, Gathered(frame), sift(recipe, Gathered(frame))))
        files = emit(recipe, mixture, tmp_path_factory.mktemp("mix"))
        written.append([path.read_bytes() for path in files])
    assert written[0] == written[1]


def test_siblings_never_straddle_a_split() -> None:
    rows = mixed(None, 99, 99, held_out=0.3).rows
    assert rows.height == 396
    splits = rows.group_by(question=pl.col("path").list.get(1)).agg(pl.col("split").n_unique())
    assert splits["split"].to_list() == [1] * 198
    assert 0.2 < (rows["split"] == "validation").mean() < 0.4  # type: ignore[operator]


def test_more_nodes_move_no_row_to_the_other_split() -> None:
    before = dict(mixed(None, 20, 20, held_out=0.3).rows.select("leaf_id", "split").iter_rows())
    after = dict(mixed(None, 40, 30, held_out=0.3).rows.select("leaf_id", "split").iter_rows())
    assert before.items() <= after.items()


def test_another_seed_is_another_mix() -> None:
    nodes = orchard.nodes(9, 9)
    one, two = (
        select(program(mix=ir.Mix(6, (), None), seed=seed), Gathered(nodes), NO_VERDICTS)
        .rows["leaf_id"]
        .to_list()
        for seed in (1, 2)
    )
    assert one != two


def test_every_conversation_left_out_is_counted() -> None:
    outputs = (Llava(path="llava.json", on_violation="drop"),)
    recipe = program(
        (Length(max_chars=9), ("question", "answer")), mix=ir.Mix(3, BY_TOPIC, None), emit=outputs
    )
    nodes = say(orchard.nodes(5), QUESTION, "A question that is far too long?")
    nodes = say(say(nodes, ANSWER + 2, "<image>"), ANSWER + 5, "So 0.2.0.")
    selection = select(recipe, Gathered(nodes), sift(recipe, Gathered(nodes)))
    assert selection.drops == {
        "length": 2,
        "llava: a text holds `<image>`": 1,
        "dedupe": 1,
        "beyond the size asked for": 3,
    }
    assert selection.rows.height + sum(selection.drops.values()) == 10


def test_emitting_leaves_whole_files_and_a_manifest(tmp_path: Path) -> None:
    recipe = program(mix=ir.Mix(8, BY_TOPIC, ir.Split("validation", 0.4, "question")), emit=OUTPUTS)
    selection = select(recipe, Gathered(orchard.nodes(3, 3)), NO_VERDICTS)
    files = emit(recipe, blend(recipe, selection), tmp_path, ("abc", False))
    assert [path.relative_to(tmp_path).as_posix() for path in files] == [
        "llava.json",
        "llava.validation.json",
        "deep/messages.jsonl",
        "deep/messages.validation.jsonl",
        "manifest.json",
    ]
    assert sorted(path for path in tmp_path.rglob("*") if path.is_file()) == sorted(files)
    told = json.loads((tmp_path / "manifest.json").read_bytes())
    assert told["rows"] == {"asked": 8, "achieved": 8}
    assert [file["rows"] for file in told["files"]] == [
        len(json.loads(path.read_bytes())) for path in files[:2]
    ] + [len(path.read_bytes().splitlines()) for path in files[2:4]]
    assert told["git"] == {"commit": "abc", "dirty": False}
    assert told["balance"]["topic"][0] == {
        "stratum": ["topic 0"],
        "available": 6,
        "asked": 4,
        "achieved": 4,
        "short": 0,
    }


def test_an_output_stays_in_its_directory(tmp_path: Path) -> None:
    recipe = program(emit=(Llava(path="../llava.json"),))
    with pytest.raises(UsageError, match="leads out"):
        emit(recipe, blend(recipe, select(recipe, Gathered(orchard.nodes(1)), NO_VERDICTS)), tmp_path / "mix")
    assert not list(tmp_path.iterdir())
