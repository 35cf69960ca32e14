"""A source stands for a file, for several by a pattern or a list, or for a split of a folder."""

import json
from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pytest

from tests.workshop import Workshop
from tgc import ir, records
from tgc.dialogue import Conversation
from tgc.errors import RecipeError
from tgc.lower import blend, sources
from tgc.lower.around import Around
from tgc.lower.blend import Sifted
from tgc.readers.llava_next import LlavaNext
from tgc.readers.messages import Messages
from tgc.records import Take


def rows(*asked: str) -> list[dict[str, object]]:
    said = [{"role": "user", "content": "So?"}, {"role": "assistant", "content": "Yes."}]
    return [{"id": text, "messages": said, "conversations": said} for text in asked]


def lines(path: Path, *asked: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows(*asked)), encoding="utf-8")


def array(path: Path, *asked: str) -> None:
    path.write_text(json.dumps(rows(*asked)), encoding="utf-8")


def found(root: Path, name: str, *, config: str | None = None, split: str | None = None) -> ir.Blend:
    reader = Messages(source=name, config=config, split=split)
    path, files = sources.find(reader, Around(root, ()), root, seed=7)
    return blend.found(reader, path, None, files)


def ids(given: ir.Blend) -> list[str]:
    return [row.id for _, row in Sifted(given).conversations()]


def told(caught: pytest.ExceptionInfo[RecipeError]) -> list[tuple[str, str]]:
    return [(problem.code, problem.message) for problem in caught.value.diagnostics]


def numbered(count: int) -> list[str]:
    return [str(number) for number in range(count)]


def test_a_name_with_braces_stands_for_several_files(tmp_path: Path) -> None:
    array(tmp_path / "part1.json", "a", "b")
    array(tmp_path / "part2.json", "c")
    given = found(tmp_path, "part{1,2}.json")
    assert ids(given) == ["a", "b", "c"]
    assert [line for line, _ in Sifted(given).conversations()] == [1, 2, 3]


def test_a_file_of_several_that_is_gone_is_told_by_its_name(tmp_path: Path) -> None:
    array(tmp_path / "part1.json", "a")
    with pytest.raises(RecipeError) as caught:
        found(tmp_path, "part{1,2}.json")
    assert told(caught) == [("missing-file", "there is no data file `part2.json`")]


LIST = """\
datasets:
  - {json_path: a.json}
  - {json_path: b.jsonl, sampling_strategy: "first:2"}
  - {json_path: a.json, sampling_strategy: "end:50%"}
  - {json_path: b.jsonl, sampling_strategy: "random:3"}
"""


def test_a_list_takes_of_each_file_what_it_says(tmp_path: Path) -> None:
    (tmp_path / "lists").mkdir()
    array(tmp_path / "lists" / "a.json", "a", "b", "c")
    lines(tmp_path / "b.jsonl", *numbered(10))
    (tmp_path / "lists" / "all.yaml").write_text(LIST)
    given = found(tmp_path, "lists/all.yaml")
    sifted = Sifted(given)
    taken = [row.id for _, row in sifted.conversations()]
    assert taken[:7] == ["a", "b", "c", "0", "1", "b", "c"]
    assert len({*taken[7:]} & {*numbered(10)}) == 3
    assert sifted.each == [3, 2, 2, 3]
    assert [str(file.take) for file in given.files] == ["all", "first:2", "end:50%", "random:3"]


@pytest.mark.parametrize(
    ("written", "count", "wanted"),
    [
        ("all", 4, [0, 1, 2, 3]),
        ("first:3", 4, [0, 1, 2]),
        ("first:9", 4, [0, 1, 2, 3]),
        ("first:50%", 5, [0, 1, 2]),
        ("end:1", 4, [3]),
        ("end:9", 4, [0, 1, 2, 3]),
        ("end:1%", 4, [3]),
        ("random:100%", 3, [0, 1, 2]),
    ],
)
def test_strategies_mean_what_they_mean_to_the_client(written: str, count: int, wanted: list[int]) -> None:
    take = records.strategy(written)
    assert take is not None
    assert take.among(count).nonzero()[0].tolist() == wanted


@pytest.mark.parametrize("written", ["some:3", "first", "first:0", "first:-1", "random:1.5", "ALL", ""])
def test_what_the_client_would_take_for_everything_is_no_strategy(written: str) -> None:
    assert records.strategy(written) is None


def test_one_row_more_changes_few_of_those_drawn() -> None:
    draw = Take("random", 30, salt="7")
    before, after = (set(draw.among(count).nonzero()[0].tolist()) for count in (100, 101))
    assert len(before) == len(after) == 30
    assert len(before - after) <= 1
    assert set(Take("random", 30, salt="8").among(100).nonzero()[0].tolist()) != before


def test_what_is_wrong_with_a_list_is_told_all_together_and_where(tmp_path: Path) -> None:
    array(tmp_path / "a.json", "a")
    (tmp_path / "all.yaml").write_text(
        "datasets:\n"
        "  - {json_path: gone.json}\n"
        "  - {json_path: a.json, sampling_strategy: 'middle:3'}\n"
        "  - {path: a.json}\n"
        "  - {json_path: a.json, sampling_strategy: 3}\n"
    )
    with pytest.raises(RecipeError) as caught:
        found(tmp_path, "all.yaml")
    spans = [problem.span for problem in caught.value.diagnostics]
    assert [span and (span.line, span.column) for span in spans] == [(2, 17), (3, 44), (4, 5), (5, 44)]
    assert told(caught) == [
        ("missing-file", "there is no data file `gone.json`"),
        ("bad-data", "`middle:3` is no strategy"),
        ("bad-data", "a mapping with `json_path` should stand here"),
        ("bad-data", "`3` is no strategy"),
    ]


@pytest.mark.parametrize("text", ["a: 1\n", "[1]\n", "datasets: []\n", "datasets: {a: 1}\n"])
def test_other_yaml_is_no_list(text: str, tmp_path: Path) -> None:
    (tmp_path / "all.yaml").write_text(text)
    with pytest.raises(RecipeError, match="a list `datasets`"):
        found(tmp_path, "all.yaml")


CARD = """\
---
license: cc0-1.0
configs:
- config_name: en
  default: true
  data_files:
  - split: train
    path: en/part-*.jsonl
  - split: test
    path: [en/test.jsonl]
- config_name: de
  data_files: de/*.jsonl
- config_name: fr
  data_files: {held_out: fr.jsonl}
---
# A card
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("en/part-1", "en/part-2", "en/test", "de/alles", "fr"):
        lines(tmp_path / "set" / f"{name}.jsonl", name)
    (tmp_path / "set" / "README.md").write_text(CARD)
    return tmp_path


def test_a_card_says_which_files_are_of_which_split(folder: Path) -> None:
    assert ids(found(folder, "set")) == ["en/part-1", "en/part-2"]
    assert ids(found(folder, "set", split="test")) == ["en/test"]
    assert ids(found(folder, "set", config="de")) == ["de/alles"]
    assert ids(found(folder, "set", config="fr")) == ["fr"]


def test_a_card_with_line_ends_of_windows_is_read_alike(folder: Path) -> None:
    (folder / "set" / "README.md").write_bytes(CARD.replace("\n", "\r\n").encode())
    assert ids(found(folder, "set", split="test")) == ["en/test"]


@pytest.mark.parametrize(
    ("config", "split", "message"),
    [
        ("it", None, "`set` has no configuration `it`"),
        (None, "validation", "`set` has no split `validation`"),
    ],
)
def test_parts_that_a_folder_does_not_have_are_told(
    config: str | None, split: str | None, message: str, folder: Path
) -> None:
    with pytest.raises(RecipeError) as caught:
        found(folder, "set", config=config, split=split)
    assert told(caught) == [("unknown-subset", message)]


def test_a_configuration_has_to_be_named_where_none_is_the_default(folder: Path) -> None:
    card = folder / "set" / "README.md"
    card.write_text(CARD.replace("  default: true\n", ""))
    with pytest.raises(RecipeError) as caught:
        found(folder, "set")
    assert told(caught) == [("unknown-subset", "`set` has several configurations")]


@pytest.mark.parametrize(
    "pattern", ["../other.jsonl", "/etc/*", '""', "gone-*.jsonl", "[fr.jsonl, gone.jsonl]"]
)
def test_what_names_no_file_within_a_folder_is_told(pattern: str, folder: Path) -> None:
    lines(folder / "other.jsonl", "other")
    (folder / "set" / "README.md").write_text(CARD.replace("{held_out: fr.jsonl}", pattern))
    with pytest.raises(RecipeError) as caught:
        found(folder, "set", config="fr")
    (problem,) = caught.value.diagnostics
    assert problem.code == "unknown-subset"
    assert problem.message.endswith("names no files within `set`")


def test_the_files_of_other_splits_need_not_be_there(folder: Path) -> None:
    (folder / "set" / "en" / "test.jsonl").unlink()
    assert ids(found(folder, "set")) == ["en/part-1", "en/part-2"]


def test_files_that_were_saved_elsewhere_or_not_at_all_are_told(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    for name, message in (
        ("../a.arrow", "`../a.arrow` is not within `set`"),
        ("gone.arrow", f"there is no data file `{tmp_path / 'set' / 'gone.arrow'}`"),
    ):
        told_by = {"_data_files": [{"filename": name}]}
        (tmp_path / "set" / "state.json").write_text(json.dumps(told_by))
        with pytest.raises(RecipeError) as caught:
            found(tmp_path, "set")
        assert [problem.message for problem in caught.value.diagnostics] == [message]


def test_rows_of_a_folder_of_images_show_those_beside_them(tmp_path: Path) -> None:
    folder = tmp_path / "set" / "train"
    folder.mkdir(parents=True)
    for name in ("cat.png", "dog.png"):
        (folder / name).write_bytes(b"\x89PNG")
    (cat, dog) = rows("cat", "dog")
    told_of = ({**cat, "file_name": "cat.png"}, {**dog, "file_names": ["dog.png", "cat.png"]})
    (folder / "metadata.jsonl").write_text("".join(json.dumps(row) + "\n" for row in told_of))
    for name in ("set", "set/train/metadata.jsonl"):
        given = found(tmp_path, name)
        (one, other) = (row for _, row in Sifted(given).conversations())
        assert [str(Path(one.folder, path)) for path in one.images] == [str(folder / "cat.png")]
        assert [Path(path).name for path in other.images] == ["dog.png", "cat.png"]
        assert one.messages[0].content == "<image>\nSo?"
        assert "file_name" not in one.extras


@pytest.mark.parametrize(
    ("names", "split", "wanted"),
    [
        (["a.jsonl", "b/c.jsonl"], None, ["a.jsonl", "b/c.jsonl"]),
        (["train.jsonl", "test.jsonl"], None, ["train.jsonl"]),
        (["my-dev.jsonl", "train/1.jsonl", "train/2.jsonl"], "validation", ["my-dev.jsonl"]),
        (["data/sft-00000-of-00002.jsonl", "data/sft-00001-of-00002.jsonl"], None,
         ["data/sft-00000-of-00002.jsonl", "data/sft-00001-of-00002.jsonl"]),
        (["a.jsonl", ".cache/b.jsonl", "_old/c.jsonl"], "train", ["a.jsonl"]),
    ],
)  # fmt: skip
def test_without_a_card_names_tell_the_splits(
    names: Sequence[str], split: str | None, wanted: Sequence[str], tmp_path: Path
) -> None:
    for name in names:
        lines(tmp_path / "set" / name, name)
    assert ids(found(tmp_path, "set", split=split)) == wanted


def test_an_empty_folder_has_no_data(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    with pytest.raises(RecipeError) as caught:
        found(tmp_path, "set")
    assert told(caught) == [("unknown-subset", "`set` has no data")]


def saved(folder: Path, *asked: str) -> None:
    """As `save_to_disk` writes a data set in two files."""
    folder.mkdir(parents=True)
    names = [f"data-0000{place}-of-00002.arrow" for place in range(2)]
    for name, text in zip(names, asked, strict=True):
        pl.DataFrame(rows(text)).write_ipc_stream(folder / name)
    state = {"_data_files": [{"filename": name} for name in names], "_split": None}
    (folder / "state.json").write_text(json.dumps(state))
    (folder / "dataset_info.json").write_text("{}")


def test_what_was_saved_to_disk_is_read_in_its_order(tmp_path: Path) -> None:
    saved(tmp_path / "set", "a", "b")
    assert ids(found(tmp_path, "set")) == ["a", "b"]


def test_what_was_saved_to_disk_by_split_is_told_apart(tmp_path: Path) -> None:
    saved(tmp_path / "set" / "train", "a", "b")
    saved(tmp_path / "set" / "test", "c", "d")
    (tmp_path / "set" / "dataset_dict.json").write_text('{"splits": ["train", "test"]}')
    assert ids(found(tmp_path, "set")) == ["a", "b"]
    assert ids(found(tmp_path, "set", split="test")) == ["c", "d"]


def test_a_file_has_no_splits(tmp_path: Path) -> None:
    lines(tmp_path / "a.jsonl", "a")
    with pytest.raises(RecipeError) as caught:
        found(tmp_path, "a.jsonl", split="test")
    assert told(caught) == [("unknown-subset", "`a.jsonl` is no folder, of which `test` could be a part")]


def test_an_arrow_file_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.arrow").write_bytes(b"so")
    with pytest.raises(RecipeError, match="not an Arrow file"):
        found(tmp_path, "a.arrow")


def test_an_arrow_file_for_random_access_is_read_too(tmp_path: Path) -> None:
    pl.DataFrame(rows("a")).write_ipc(tmp_path / "a.arrow")
    assert ids(found(tmp_path, "a.arrow")) == ["a"]


def test_a_bad_row_is_told_with_the_file_it_stands_in(tmp_path: Path) -> None:
    lines(tmp_path / "part1.jsonl", "a")
    (tmp_path / "part2.jsonl").write_text(json.dumps(rows("b")[0]) + "\nso\n")
    with pytest.raises(RecipeError) as caught:
        found(tmp_path, "part{1,2}.jsonl")
    (problem,) = [one for one in caught.value.diagnostics if one.span]
    assert problem.span is not None
    assert (Path(problem.span.path).name, problem.span.line) == ("part2.jsonl", 2)


def test_a_source_is_known_by_what_its_files_hold_and_how_much_is_taken(tmp_path: Path) -> None:
    lines(tmp_path / "a.jsonl", "a", "b")
    listed = tmp_path / "all.yaml"
    listed.write_text("datasets: [{json_path: a.jsonl}]\n")
    first = found(tmp_path, "all.yaml").digest
    listed.write_text("# the same\ndatasets:\n  - {json_path: a.jsonl, sampling_strategy: all}\n")
    assert found(tmp_path, "all.yaml").digest == first
    listed.write_text("datasets: [{json_path: a.jsonl, sampling_strategy: 'first:1'}]\n")
    assert found(tmp_path, "all.yaml").digest != first


def test_readers_keep_the_numbers_of_rows_that_are_taken(tmp_path: Path) -> None:
    given = [{key: row[key] for key in row if key != "id"} for row in rows("a", "b", "c")]
    (tmp_path / "a.json").write_text(json.dumps(given))
    (last,) = LlavaNext(source="a.json").read(tmp_path / "a.json", None, Take("end", 1))
    assert isinstance(last.found, Conversation)
    assert last.found.id == "a-3"


RECIPE = """\
name: demo
model: builtin:atlas
tree:
  topic: {values: [physics, law]}
  question: {role: user, system: "Talk about {{ topic }}.", branch: 2, max_tokens: 16}
  answer: {role: assistant, max_tokens: 32}
mix:
  blend:
    - {source: all.yaml, format: llava_next}
    - {source: set, format: messages, split: test}
emit:
  - {format: messages, path: messages.jsonl}
"""


def test_a_build_counts_what_each_file_gave(folder: Path) -> None:
    workshop = Workshop(folder)
    workshop.write(RECIPE)
    lines(folder / "a.jsonl", *numbered(8))
    (folder / "all.yaml").write_text("datasets: [{json_path: a.jsonl, sampling_strategy: 'random:25%'}]\n")
    workshop.build()
    listed, split = json.loads(workshop.emitted("manifest.json"))["blend"]
    assert [(file["path"], file["take"], file["read"]) for file in listed["files"]] == [
        ("a.jsonl", "random:25%", 2)
    ]
    assert [(file["path"], file["take"], file["read"]) for file in split["files"]] == [
        ("test.jsonl", "all", 1)
    ]
    assert listed["chosen"] == 2
    assert workshop.build() is None
    lines(folder / "a.jsonl", *numbered(9))
    assert workshop.build() is not None


def test_a_check_reads_the_first_rows_of_a_source_whatever_files_they_are_in(tmp_path: Path) -> None:
    for part in (1, 2, 3):
        lines(tmp_path / f"part{part}.jsonl", f"{part}a", f"{part}b")
    sifted = Sifted(found(tmp_path, "part{1,2,3}.jsonl"))
    assert [row.id for _, row in sifted.conversations(3)] == ["1a", "1b", "2a"]
