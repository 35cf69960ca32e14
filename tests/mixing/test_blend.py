"""Rows of the user's files are counted, chosen and placed: exactly, stably, evenly, and told of."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import orchard
from tests.orchard import program
from tests.workshop import Workshop
from tgc import driver, ir
from tgc.catalog import VERDICTS, Gathered
from tgc.dialogue import Conversation
from tgc.errors import RecipeError
from tgc.formats.base import Format
from tgc.formats.llava import Llava
from tgc.formats.messages import Messages
from tgc.mixing import Mixture, blend, select, stocked
from tgc.mixing.output.emit import emit
from tgc.mixing.shares.portions import Portion, portions
from tgc.readers.base import Reader
from tgc.readers.llava import Llava as LlavaReader
from tgc.readers.sharegpt import Sharegpt
from tgc.render import compiled
from tgc.render.outcome import summary

DATA = Path(__file__).parents[3] / "shared" / "data"
real = pytest.mark.skipif(not DATA.exists(), reason="the shared data sets lie beside the repository")

NO_VERDICTS = pl.DataFrame(schema=VERDICTS)
MESSAGES = Messages(path="mix.jsonl")
LENIENT = Messages(path="mix.jsonl", on_violation="drop")
LLAVA = Llava(path="mix.json")


def turns(asked: str, answer: str = "So.") -> list[dict[str, str]]:
    return [{"from": "human", "value": asked}, {"from": "gpt", "value": answer}]


def chats(path: Path, count: int, name: str = "row") -> Path:
    """A file of so many conversations; each asks for its own number."""
    rows = [
        {"id": f"{name} {number}", "conversations": turns(f"{name} {number}?")} for number in range(count)
    ]
    return put(path, rows)


def put(path: Path, rows: Sequence[object]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@contextmanager
def mixed(
    directory: Path,
    *sources: Reader,
    widths: Sequence[int] = (),
    outputs: Sequence[Format] = (),
    seed: int = 7,
) -> Iterator[tuple[ir.Program, Mixture]]:
    """The mix of the orchard with files in a directory."""
    blends = tuple(
        ir.Blend(source, "00", directory / source.source, directory if source.images else None)
        for source in sources
    )
    split = ir.Split("validation", 0.3, "question")
    recipe = program(mix=ir.Mix(None, (), split, blend=blends), emit=tuple(outputs), seed=seed)
    selection = select(recipe, Gathered(orchard.nodes(*widths)), NO_VERDICTS)
    with stocked(recipe, directory / "mix") as stocks:
        yield recipe, blend(recipe, selection, stocks)


def rows(directory: Path, *sources: Reader, widths: Sequence[int] = (), seed: int = 7) -> list[Conversation]:
    with mixed(directory, *sources, widths=widths, seed=seed) as (_, mixture):
        return [row for split in mixture.splits for row in mixture.conversations(split)]


def ids(found: Sequence[Conversation], source: str = "a.jsonl") -> list[str]:
    return [row.id for row in found if row.source == source]


SHARES = st.one_of(st.integers(1, 40), st.fractions(Fraction(1, 100), Fraction(3, 10)))


@given(st.integers(0, 200), st.lists(st.builds(Portion, SHARES, st.integers(0, 60)), max_size=3))
def test_shares_are_met_to_the_row_unless_a_source_is_exhausted(others: int, asked: list[Portion]) -> None:
    counts = portions(others, asked)
    whole = others + sum(counts)
    for part, count in zip(asked, counts, strict=True):
        assert count <= part.available
        if count < part.available:
            exact = Fraction(part.asked) * (1 if isinstance(part.asked, int) else whole)
            assert abs(count - exact) < 1


def test_a_share_is_of_the_whole_mix(tmp_path: Path) -> None:
    chats(tmp_path / "a.jsonl", 99)
    found = rows(tmp_path, Sharegpt(source="a.jsonl", share=0.1), widths=(20, 25))
    assert (len(ids(found)), len(found)) == (10, 100)


def test_all_rows_are_taken_unless_the_recipe_says_how_many(tmp_path: Path) -> None:
    chats(tmp_path / "a.jsonl", 20)
    asked = {
        Sharegpt(source="a.jsonl"): 20,
        Sharegpt(source="a.jsonl", rows="all"): 20,
        Sharegpt(source="a.jsonl", rows=7): 7,
        Sharegpt(source="a.jsonl", rows=70): 20,
        Sharegpt(source="a.jsonl", cap=5): 5,
        Sharegpt(source="a.jsonl", repeat=2): 40,
        Sharegpt(source="a.jsonl", repeat=3, cap=50): 50,
    }
    assert {source: len(ids(rows(tmp_path, source))) for source in asked} == asked


def test_a_row_comes_again_only_when_all_have_come_and_not_more_often_than_it_may(tmp_path: Path) -> None:
    chats(tmp_path / "a.jsonl", 20)
    times = Counter(ids(rows(tmp_path, Sharegpt(source="a.jsonl", rows=50, repeat=3))))
    assert Counter(times.values()) == {2: 10, 3: 10}


def test_a_row_that_comes_again_stands_elsewhere(tmp_path: Path) -> None:
    chats(tmp_path / "a.jsonl", 50)
    found = ids(rows(tmp_path, Sharegpt(source="a.jsonl", repeat=2)))
    assert sum(one == other for one, other in pairwise(found)) < 5


def test_rows_that_say_the_same_do_not_stand_together(tmp_path: Path) -> None:
    put(tmp_path / "a.jsonl", [{"id": "twin", "conversations": turns("Why?")}] * 50)
    chats(tmp_path / "b.jsonl", 50)
    found = [row.id for row in rows(tmp_path, Sharegpt(source="a.jsonl"), Sharegpt(source="b.jsonl"))]
    assert sum(one == other for one, other in pairwise(found)) < 40


def test_more_rows_in_a_file_move_none_of_those_chosen(tmp_path: Path) -> None:
    source = Sharegpt(source="a.jsonl", rows=30)
    chats(tmp_path / "a.jsonl", 60)
    before = ids(rows(tmp_path, source))
    known = {f"row {number}" for number in range(60)}
    chats(tmp_path / "a.jsonl", 90)
    after = [row for row in ids(rows(tmp_path, source)) if row in known]
    assert after == [row for row in before if row in after]
    assert len(after) > 10


def test_a_file_does_not_move_the_rows_of_others(tmp_path: Path) -> None:
    chats(tmp_path / "a.jsonl", 30)
    chats(tmp_path / "b.jsonl", 30, "other")
    alone = rows(tmp_path, Sharegpt(source="a.jsonl"), widths=(9,))
    beside = rows(tmp_path, Sharegpt(source="b.jsonl"), Sharegpt(source="a.jsonl"), widths=(9,))
    assert [row.id for row in beside if row.source != "b.jsonl"] == [row.id for row in alone]


def test_every_stretch_of_the_mix_has_about_the_same_shares(tmp_path: Path) -> None:
    chats(tmp_path / "a.jsonl", 2_000)
    with mixed(tmp_path, Sharegpt(source="a.jsonl", share=0.5), widths=(250, 250)) as (_, mixture):
        files = (mixture.rows["file"] >= 0).to_list()
    parts = [sum(files[start : start + 250]) / 250 for start in range(0, 2_000, 250)]
    assert all(0.4 < share < 0.6 for share in parts)


def test_another_seed_is_another_choice_and_order(tmp_path: Path) -> None:
    chats(tmp_path / "a.jsonl", 40)
    source = Sharegpt(source="a.jsonl", rows=20)
    one, other = (ids(rows(tmp_path, source, seed=seed)) for seed in (1, 2))
    assert set(one) != set(other)


def test_rows_of_files_are_not_held_out(tmp_path: Path) -> None:
    chats(tmp_path / "a.jsonl", 30)
    with mixed(tmp_path, Sharegpt(source="a.jsonl"), widths=(20, 20)) as (_, mixture):
        held_out = list(mixture.conversations("validation"))
        assert held_out
        assert not ids(held_out)
        assert len(ids(list(mixture.conversations("train")))) == 30


def test_a_mix_without_files_is_the_selection() -> None:
    recipe = program()
    selection = select(recipe, Gathered(orchard.nodes(5, 5)), NO_VERDICTS)
    mixture = blend(recipe, selection)
    assert mixture.rows["leaf_id"].to_list() == selection.rows["leaf_id"].to_list()
    assert list(mixture.conversations("train")) == list(selection.conversations("train"))


def test_the_first_row_has_an_image_if_any_has(tmp_path: Path) -> None:
    chats(tmp_path / "a.jsonl", 50)
    seen = [{"image": "a.png", "conversations": turns(f"<image>\nWhat is {number}?")} for number in range(3)]
    put(tmp_path / "b.jsonl", seen)
    found = rows(tmp_path, Sharegpt(source="a.jsonl"), LlavaReader(source="b.jsonl"))
    assert found[0].images == ("a.png",)
    assert sum(bool(row.images) for row in found) == 3


def test_a_row_of_llava_comes_out_as_it_went_in(tmp_path: Path) -> None:
    row = {
        "id": "000000033471",
        "image": "coco/a b.jpg",
        "conversations": turns("Where?\n<image>", "Ünter <b>\u2028 a tree."),
        "model": "",
        "area": [1, {"x": 2.5}],
    }
    put(tmp_path / "a.jsonl", [row])
    with mixed(tmp_path, LlavaReader(source="a.jsonl"), outputs=(LLAVA,)) as (recipe, mixture):
        emit(recipe, mixture, tmp_path / "mix")
    (written,) = json.loads((tmp_path / "mix" / "mix.json").read_bytes())
    assert list(written.items()) == list(row.items())


def test_the_manifest_tells_what_became_of_every_row(tmp_path: Path) -> None:
    good = [{"conversations": turns(f"{number}?")} for number in (*range(8), 0)]
    bad = [{"conversations": [*turns("Why?"), {"from": "tool", "value": name}]} for name in "ab"]
    put(tmp_path / "a.jsonl", [*good, *bad, {"conversations": turns("Is <image> a tag?")}, 3])
    source = Sharegpt(source="a.jsonl", share=0.5, repeat=2, on_error="skip")
    with mixed(tmp_path, source, widths=(6,), outputs=(LENIENT,)) as (recipe, mixture):
        emit(recipe, mixture, tmp_path / "mix")
    (told,) = json.loads((tmp_path / "mix" / "manifest.json").read_bytes())["blend"]
    assert told == {
        "source": "a.jsonl",
        "format": "sharegpt",
        "sha256": "00",
        "files": [],
        "read": 13,
        "bad": {"an unknown speaker": 2, "a row should be a mapping": 1},
        "refused": {"messages: a text holds `<image>`": 1},
        "filtered": {},
        "duplicates": {},
        "left_out": [],
        "alike": 1,
        "left_over": 0,
        "chosen": 9,
        "repeats": 3,
        "images": {"folder": None, "rows": 0},
        "tokens": "estimated",
        "asked": {"share": 0.5, "of": "rows", "repeat": 2, "cap": None},
        "achieved": {
            "rows": 12,
            "tokens": 24,
            "supervised_tokens": 12,
            "shares": {"rows": 0.5, "tokens": 0.333333, "supervised_tokens": 0.333333},
        },
    }
    assert len((tmp_path / "mix" / "mix.jsonl").read_bytes().splitlines()) + held_out(tmp_path) == 24


def held_out(directory: Path) -> int:
    return len((directory / "mix" / "mix.validation.jsonl").read_bytes().splitlines())


def test_bad_rows_are_an_error_that_shows_the_first_of_them(tmp_path: Path) -> None:
    put(tmp_path / "a.jsonl", [{"conversations": turns("Why?")}, *[{"messages": []}] * 7])
    put(tmp_path / "b.jsonl", [{"image": "a.png", "conversations": turns("<image>")}])
    sources = Sharegpt(source="a.jsonl"), LlavaReader(source="b.jsonl", images=".")
    with pytest.raises(RecipeError) as caught, mixed(tmp_path, *sources):
        pass
    told = [
        (problem.span.line if problem.span else 0, problem.message) for problem in caught.value.diagnostics
    ]
    assert told == [
        (0, f"7 of 8 rows read from `{tmp_path}/a.jsonl` cannot be taken as `sharegpt`"),
        (0, f"1 of 1 row read from `{tmp_path}/b.jsonl` cannot be taken as `llava`"),
        *((line, "`conversations` should be a list of turns") for line in range(2, 7)),
        (1, "an image is not there: `a.png`"),
    ]


def test_half_a_character_is_refused_by_every_output(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(json.dumps({"conversations": turns("\ud800?")}), encoding="utf-8")
    with mixed(tmp_path, Sharegpt(source="a.jsonl")) as (_, mixture):
        assert mixture.parts[0].stock.refused == {"a row is not valid Unicode, or nested too deeply": 1}


def test_what_else_a_row_has_is_kept_as_it_is_unless_it_is_nested_too_deeply(tmp_path: Path) -> None:
    odd = {"big": 10**30, "small": 1e-300, "text": "\u2028\U0001f600", "list": [[1.5, None], {"a b": True}]}
    deep = json.loads("[" * 205 + "]" * 205)
    row = {"id": "kept", "conversations": turns("Why?")}
    put(tmp_path / "a.jsonl", [{**row, **odd}, {**row, "deep": deep}])
    with mixed(tmp_path, LlavaReader(source="a.jsonl")) as (_, mixture):
        (found,) = mixture.conversations("train")
        assert found.extras == odd
        assert mixture.parts[0].stock.refused == {"a row is not valid Unicode, or nested too deeply": 1}


def test_a_file_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="cannot be read"), mixed(tmp_path, Sharegpt(source="a.jsonl")):
        pass


@real
def test_real_files_are_blended_in_exact_shares(tmp_path: Path) -> None:
    demo = DATA / "qwenvl_demo" / "qwen-vl-finetune"
    blends = (
        ir.Blend(
            Sharegpt(source="chats", share=0.4), "00", DATA / "mt_bench" / "data" / "dummy_conversation.json"
        ),
        ir.Blend(LlavaReader(source="images"), "00", demo / "demo" / "single_images.json", demo),
    )
    recipe = program(mix=ir.Mix(None, (), None, blend=blends), emit=(LLAVA, MESSAGES))
    selection = select(recipe, Gathered(orchard.nodes(30)), NO_VERDICTS)
    with stocked(recipe, tmp_path) as stocks:
        mixture = blend(recipe, selection, stocks)
        emit(recipe, mixture, tmp_path)
    written = json.loads((tmp_path / "mix.json").read_bytes())
    seen = [row["image"] for row in written if "image" in row]
    assert len(seen) == mixture.parts[1].rows > 0
    assert len(written) == round((60 + len(seen)) / 0.6)
    assert "image" in written[0]
    (shown,) = json.loads((tmp_path / "mix.jsonl").read_bytes().splitlines()[0])["images"]
    assert Path(recipe.root, shown).samefile(demo / seen[0])


def recipe_with(source: str) -> str:
    return f"""\
name: demo
seed: 7
model: builtin:atlas
tree:
  topic: {{values: [physics, law, music]}}
  question: {{role: user, system: "Talk about {{{{ topic }}}}.", branch: 2, max_tokens: 16}}
  answer: {{role: assistant, max_tokens: 32}}
mix:
  blend:
    - {source}
emit:
  - {{format: messages, path: messages.jsonl}}
"""


def test_an_edited_file_is_blended_in_again_and_nothing_is_generated(tmp_path: Path) -> None:
    workshop = Workshop(tmp_path)
    workshop.write(recipe_with("{source: chats.jsonl, format: sharegpt, share: 0.25}"))
    chats(tmp_path / "chats.jsonl", 9)
    outcome = workshop.build()
    assert outcome is not None
    assert outcome.mixture is not None
    assert outcome.mixture.rows.height == 8
    counted = workshop.sql("select source, count(*) as rows from mix_rows group by all order by source")
    assert counted.rows() == [("chats.jsonl", 2), ("demo", 6)]
    origins = workshop.sql("select distinct source, leaf_id is null, line is null from mix_rows")
    assert set(origins.rows()) == {("chats.jsonl", True, False), ("demo", False, True)}
    assert workshop.asked()
    assert workshop.build() is None
    (tmp_path / "chats.jsonl").rename(tmp_path / "renamed.jsonl")
    workshop.edit("chats.jsonl", "renamed.jsonl")
    assert workshop.plan().new == 0
    chats(tmp_path / "renamed.jsonl", 9, "edited")
    assert workshop.build() is not None
    assert not workshop.asked()
    assert "edited" in (tmp_path / "warehouse" / "mixes" / "demo" / "messages.jsonl").read_text()


def test_bad_rows_beyond_those_tried_stop_a_build_before_it_begins(tmp_path: Path) -> None:
    workshop = Workshop(tmp_path)
    workshop.write(recipe_with("{source: chats.jsonl, format: sharegpt}"))
    chats(tmp_path / "chats.jsonl", 1_000)
    with (tmp_path / "chats.jsonl").open("a") as file:
        file.write("so\n")
    with pytest.raises(RecipeError, match="1 of 1,001 rows"):
        workshop.build()
    assert not workshop.asked()


def test_screens_say_what_a_file_gives_and_where_it_is_short(tmp_path: Path) -> None:
    workshop = Workshop(tmp_path)
    workshop.write(recipe_with("{source: chats.jsonl, format: sharegpt, share: 0.25}"))
    chats(tmp_path / "chats.jsonl", 1)
    outcome = workshop.build()
    assert outcome is not None
    line = "1 row of `chats.jsonl`, 14.3% of the mix, short of 25.0%: no more are left"
    assert line in summary(outcome, "there").splitlines()
    built = driver.check(workshop.recipe).program
    digest = built.mix.blend[0].digest
    assert f"blend chats.jsonl · sharegpt · share 0.25 · content {digest[:12]}" in compiled.explain(built)
    assert json.loads(compiled.as_json(built))["mix"]["blend"][0]["sha256"] == digest
