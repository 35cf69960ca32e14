"""What conversations say is read a block at a time, from where it is stored, and comes to the same."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from tests.mixing import avenue
from tests.orchard import level, node
from tgc import ir
from tgc.catalog import NODES, VERDICTS, Gathered
from tgc.dialogue import Conversation
from tgc.formats.messages import Messages
from tgc.mixing import blend, select
from tgc.mixing.dialogues import voices
from tgc.mixing.output.emit import emit

NO_VERDICTS = pl.DataFrame(schema=VERDICTS)
TURNS = ((1, 0.5), (2, 0.5))
HELD_OUT = ir.Split("validation", 0.2, "question")


class Watched:
    """A corpus that remembers how many texts were read together."""

    def __init__(self, nodes: pl.DataFrame) -> None:
        self.read: list[int] = []
        self._nodes = Gathered(nodes)

    def outline(self) -> pl.DataFrame:
        """Where every node is."""
        return self._nodes.outline()

    def slices(self, node_ids: pl.Series) -> Iterator[pl.DataFrame]:
        """These nodes."""
        self.read.append(len(node_ids))
        return self._nodes.slices(node_ids)


def branching() -> tuple[ir.Program, pl.DataFrame]:
    """Two levels at the same depth: one answers questions, the other is asked below answers that are no turns."""
    program = avenue.program(ir.Mix(None, (), None, turns=TURNS))
    aside = level("aside", "question", 2, None)
    late = level("late", "aside", 3, "assistant")
    nodes = avenue.nodes({"art": 3})
    asked = nodes.filter(pl.col("level") == "question")["node_id"]
    more = [
        node("aside", 9_000 + place, parent, 2, None, f"Aside {place}.") for place, parent in enumerate(asked)
    ]
    more += [
        node("late", 9_100 + place, 9_000 + place, 3, "assistant", f"Late {place}.") for place in range(3)
    ]
    levels = (*program.levels, aside, late)
    return replace(program, levels=levels), pl.concat([nodes, pl.DataFrame(more, schema=NODES)])


def told(program: ir.Program, nodes: pl.DataFrame) -> list[Conversation]:
    return [*select(program, Gathered(nodes), NO_VERDICTS).conversations("train")]


@pytest.mark.parametrize("block", [1, 7, 1_000])
def test_a_mix_is_the_same_however_many_rows_are_read_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    mix = ir.Mix(40, (ir.Margin((ir.Key("topic"),)),), HELD_OUT, turns=TURNS, diverse=ir.Diverse("messages"))
    program = replace(avenue.program(mix), emit=(Messages(path="messages.jsonl"),))
    nodes = avenue.nodes({"art": 20, "law": 5})
    written = []
    for name in ("whole", "parts"):
        mixture = blend(program, select(program, Gathered(nodes), NO_VERDICTS))
        written.append([path.read_bytes() for path in emit(program, mixture, tmp_path / name)])
        monkeypatch.setattr(voices, "AT_ONCE", block)
    assert written[0] == written[1]


def test_levels_at_the_same_depth_speak_each_for_itself() -> None:
    said = {tuple(turn.content for turn in row.messages) for row in told(*branching())}
    assert len(said) == 6 + 6 + 3
    assert not any("Aside" in text for texts in said for text in texts)
    assert ("Why 1001000?", "Late 0.") in said


def test_no_more_texts_are_read_together_than_a_block_has(monkeypatch: pytest.MonkeyPatch) -> None:
    program = replace(avenue.program(ir.Mix(10, (), None)), emit=(Messages(path="messages.jsonl"),))
    corpus = Watched(avenue.nodes({"art": 50}))
    selection = select(program, corpus, NO_VERDICTS)
    corpus.read.clear()
    monkeypatch.setattr(voices, "AT_ONCE", 4)
    assert len([*selection.conversations("train")]) == 10
    assert 0 < max(corpus.read) <= 4
