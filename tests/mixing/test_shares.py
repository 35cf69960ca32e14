"""Shares of rows, of tokens and of the tokens that trainers learn from are met as nearly as whole rows can."""

import json
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import orchard
from tests.mixing.test_blend import NO_VERDICTS, chats, put, recipe_with, turns
from tests.workshop import Workshop
from tgc import driver, ir
from tgc.catalog import Gathered
from tgc.comparison.settings import changes
from tgc.dialogue import Conversation, Message
from tgc.mixing import Mixture, blend, select, stocked
from tgc.mixing.blending import TREE
from tgc.mixing.dialogues.tokens import tokens
from tgc.mixing.output.contributions import UNITS, achieved
from tgc.mixing.shares.supply import Supply
from tgc.readers.base import Reader
from tgc.readers.llava import Llava
from tgc.readers.sharegpt import Sharegpt
from tgc.render.compiled import explain
from tgc.render.outcome import summary

LENGTHS = st.lists(st.integers(0, 9), min_size=1, max_size=12)


def words(texts: Sequence[str]) -> list[int]:
    return [len(text.split()) for text in texts]


def essays(path: Path, lengths: Sequence[int]) -> Path:
    """A file of conversations; each is answered by so many words."""
    answers = [" ".join(["word"] * length) for length in lengths]
    rows = [
        {"id": str(place), "conversations": turns(f"No. {place}?", said)}
        for place, said in enumerate(answers)
    ]
    return put(path, rows)


def mixed(directory: Path, unit: ir.Unit, *sources: Reader, widths: Sequence[int] = (20, 25)) -> Mixture:
    """The mix of the orchard, whose answers have two words, with files in a directory."""
    blends = tuple(ir.Blend(source, "00", directory / source.source) for source in sources)
    recipe = orchard.program(mix=ir.Mix(None, (), None, blend=blends, share_of=unit))
    selection = select(recipe, Gathered(orchard.nodes(*widths)), NO_VERDICTS)
    with stocked(recipe, directory / "mix", words) as stocks:
        return blend(recipe, selection, stocks)


@given(LENGTHS, st.integers(1, 3), st.integers(0, 200))
def test_no_other_number_of_rows_is_nearer_to_an_amount(lengths: list[int], repeat: int, amount: int) -> None:
    supply = Supply(np.concatenate(([0], np.cumsum(lengths))), len(lengths) * repeat)
    sums = np.concatenate(([0], np.cumsum(lengths * repeat)))
    assert [supply.amount(rows) for rows in range(len(sums))] == sums.tolist()
    assert abs(sums[supply.rows(amount)] - amount) == abs(sums - amount).min()


@given(st.integers(0, 100))
def test_of_rows_that_count_one_each_an_amount_is_as_many(amount: int) -> None:
    assert Supply(np.arange(8), most=21).rows(amount) == min(amount, 21)


@pytest.mark.parametrize("unit", UNITS)
def test_shares_of_several_files_are_met_to_a_row(tmp_path: Path, unit: ir.Unit) -> None:
    essays(tmp_path / "a.jsonl", [1 + place % 17 for place in range(300)])
    essays(tmp_path / "b.jsonl", [1 + place % 5 for place in range(300)])
    sources = Sharegpt(source="a.jsonl", share=0.3), Sharegpt(source="b.jsonl", share=0.125)
    mixture = mixed(tmp_path, unit, *sources)
    whole = sum(mixture.amount(unit, file) for file in (TREE, 0, 1))
    longest = 1 if unit == "rows" else 20
    for file, share in enumerate((Fraction(3, 10), Fraction(1, 8))):
        assert abs(mixture.amount(unit, file) - share * whole) <= longest


def test_a_share_of_the_tokens_of_answers_may_be_few_rows(tmp_path: Path) -> None:
    essays(tmp_path / "a.jsonl", [60] * 50)
    mixture = mixed(tmp_path, "supervised_tokens", Sharegpt(source="a.jsonl", share=0.5))
    assert achieved(mixture, TREE) == {
        "rows": 90,
        "tokens": 360,
        "supervised_tokens": 180,
        "shares": {"rows": 0.967742, "tokens": 0.659341, "supervised_tokens": 0.5},
    }
    assert achieved(mixture, 0) == {
        "rows": 3,
        "tokens": 186,
        "supervised_tokens": 180,
        "shares": {"rows": 0.032258, "tokens": 0.340659, "supervised_tokens": 0.5},
    }


def test_a_larger_share_keeps_the_rows_of_a_smaller_one(tmp_path: Path) -> None:
    essays(tmp_path / "a.jsonl", [1 + place % 17 for place in range(300)])
    small, large = (
        set(mixed(tmp_path, "tokens", Sharegpt(source="a.jsonl", share=share)).rows["line"].drop_nulls())
        for share in (0.2, 0.4)
    )
    assert small < large


def test_rows_may_be_asked_for_beside_a_share_of_tokens(tmp_path: Path) -> None:
    essays(tmp_path / "a.jsonl", [3] * 30)
    essays(tmp_path / "b.jsonl", [5] * 300)
    sources = Sharegpt(source="a.jsonl", rows=20), Sharegpt(source="b.jsonl", share=0.5)
    mixture = mixed(tmp_path, "supervised_tokens", *sources)
    assert [part.rows for part in mixture.parts] == [20, (2 * 90 + 3 * 20) // 5]


def test_a_file_with_too_few_tokens_gives_all_and_is_short(tmp_path: Path) -> None:
    essays(tmp_path / "a.jsonl", [3] * 10)
    (part,) = mixed(tmp_path, "supervised_tokens", Sharegpt(source="a.jsonl", share=0.5, repeat=2)).parts
    assert (part.rows, part.short) == (20, True)


def test_images_count_nothing_and_answers_alone_are_supervised(tmp_path: Path) -> None:
    row = {"image": "a.png", "conversations": turns("<image>\nWhat is this?", "Two cats.")}
    put(tmp_path / "a.jsonl", [row])
    mixture = mixed(tmp_path, "tokens", Llava(source="a.jsonl"), widths=())
    assert mixture.rows.select("tokens", "supervised_tokens").rows() == [(5, 2)]


def test_a_text_that_names_the_place_of_an_image_is_read_as_it_is() -> None:
    said = Message("user", "Is <image> a tag?"), Message("assistant", "Not in HTML.")
    both = Conversation("1", said), Conversation("2", said, images=("a.png",))
    assert list(tokens(both, words)) == [(7, 3), (6, 3)]


def test_repeated_rows_are_on_one_side_of_the_split(tmp_path: Path) -> None:
    chats(tmp_path / "a.jsonl", 5)
    blends = (ir.Blend(Sharegpt(source="a.jsonl", repeat=4), "00", tmp_path / "a.jsonl"),)
    mix = ir.Mix(None, (), ir.Split("validation", 0.5, "question"), blend=blends)
    recipe = orchard.program(mix=mix)
    with stocked(recipe, tmp_path / "mix") as stocks:
        mixture = blend(recipe, select(recipe, Gathered(orchard.nodes(20)), NO_VERDICTS), stocks)
        sides = {split: [row.id for row in mixture.conversations(split)] for split in mixture.splits}
    assert sides["validation"]
    assert sum(name.startswith("row") for name in sides["train"]) == 20
    assert set(sides["train"]).isdisjoint(sides["validation"])


def test_a_build_counts_with_the_tokenizer_of_the_model_and_keeps_to_blocks(tmp_path: Path) -> None:
    workshop = Workshop(tmp_path)
    workshop.write(recipe_with("{source: chats.jsonl, format: llava, share: 0.6}"))
    workshop.edit("mix:\n", "mix:\n  share_of: supervised_tokens\n  blocks: 2\n")
    seen = [{"image": f"{place}.png", "conversations": turns(f"<image> {place}?")} for place in range(40)]
    put(tmp_path / "chats.jsonl", seen)
    outcome = workshop.build()
    assert outcome is not None
    manifest = json.loads(workshop.emitted("manifest.json"))
    (told,) = manifest["blend"]
    assert manifest["tree"]["supervised_tokens"] == 6 * 4
    assert told["tokens"] == "counted"
    assert told["asked"]["of"] == "supervised_tokens"
    assert told["achieved"]["supervised_tokens"] == 18 * 2
    assert manifest["blocks"] == {
        "size": 2,
        "splits": [{"split": "train", "text": 3, "images": 9, "mixed": 0, "rest": 0}],
    }
    sums = "sum(supervised_tokens)::bigint, sum((images > 0)::bigint)::bigint"
    counted = workshop.sql(f"select leaf_id is null, {sums} from mix_rows group by all order by all")
    assert counted.rows() == [(False, 24, 0), (True, 36, 18)]
    assert "18 rows of `chats.jsonl`, 60.0% of the mix's supervised tokens" in summary(outcome, "there")
    images = [bool(json.loads(line)["images"]) for line in workshop.emitted("messages.jsonl").splitlines()]
    assert all(one == other for one, other in zip(images[::2], images[1::2], strict=True))
    assert workshop.build() is None


def test_other_shares_and_blocks_are_another_mix_of_the_same_nodes(tmp_path: Path) -> None:
    workshop = Workshop(tmp_path)
    workshop.write(recipe_with("{source: chats.jsonl, format: sharegpt, share: 0.4}"))
    chats(tmp_path / "chats.jsonl", 40)
    workshop.build()
    workshop.asked()
    before = driver.check(workshop.recipe).program
    workshop.edit("mix:\n", "mix:\n  share_of: tokens\n  blocks: 2\n")
    assert workshop.build() is not None
    assert not workshop.asked()
    after = driver.check(workshop.recipe).program
    assert "shares of tokens · blocks of 2" in explain(after)
    changed = [(setting.what, setting.change) for setting in changes(before, after, {})]
    assert changed == [("share_of", "rows → tokens"), ("blocks", "- → 2")]


def test_a_block_of_both_is_told(tmp_path: Path) -> None:
    workshop = Workshop(tmp_path)
    workshop.write(recipe_with("{source: chats.jsonl, format: llava}"))
    workshop.edit("mix:\n", "mix:\n  blocks: 4\n")
    put(tmp_path / "chats.jsonl", [{"image": "a.png", "conversations": turns("<image> Why?")}] * 5)
    outcome = workshop.build()
    assert outcome is not None
    assert "one block of `train` holds both text and images" in summary(outcome, "there")
