"""What clients stumble over is found in any file, and nothing is found in what we write for them."""

import ast
import json
import re
from codecs import BOM_UTF8
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.formats.rows import FORMATS, TEXTS, dialogue, seen
from tests.formats.test_clients import ODD
from tgc.formats.base import Flaw, Format
from tgc.linting import CHUNK, MOST_SHOWN, Report, Tokens, lint
from tgc.readers.base import BadRowError, Reader
from tgc.records import Record
from tgc.registry import plugins

KEYS = (
    *(
        "id",
        "image",
        "images",
        "conversations",
        "messages",
        "from",
        "value",
        "role",
        "content",
        "type",
        "text",
    ),
    *("image_url", "url", "path", "bytes", "instruction", "input", "output", "system", "history", "prompt"),
    *("completion", "chosen", "rejected", "rejected_response", "video", "tool_calls", "weight"),
)
"""Of rows, turns and parts."""

ROW = {"conversations": [{"from": "human", "value": "So?"}, {"from": "gpt", "value": "Yes."}]}
SAID = {"messages": [{"role": "user", "content": "So?"}, {"role": "assistant", "content": "Yes."}]}
SO = [{"type": "text", "text": "So?"}]
WHO = [{"role": "who", "content": "So?"}]
PICTURE = {"type": "image", "image": "a.png"}
REPOSITORY = Path(__file__).parents[2]
SHARED = REPOSITORY.parent / "shared" / "data"


def put(path: Path, rows: Sequence[object]) -> Path:
    """A file of rows, of the kind that its name says."""
    match path.suffix:
        case ".json":
            path.write_text(json.dumps(rows), encoding="utf-8")
        case ".jsonl":
            path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        case _:
            pl.DataFrame(rows).write_parquet(path)
    return path


def told(human: str = "So?", gpt: str = "Yes.", **more: object) -> dict[str, object]:
    return {**more, "conversations": [{"from": "human", "value": human}, {"from": "gpt", "value": gpt}]}


def said(user: object = "So?", assistant: object = "Yes.", **more: object) -> dict[str, object]:
    turns = [{"role": "user", "content": user}, {"role": "assistant", "content": assistant}]
    return {**more, "messages": turns}


def rules(report: Report) -> set[str]:
    return {rule for _, rule in report.counts}


@pytest.mark.parametrize("output", FORMATS.values(), ids=FORMATS)
def test_nothing_is_found_in_what_we_write(output: Format, tmp_path: Path) -> None:
    plain = [dialogue(*TEXTS), dialogue("So?", "Yes.", "Why?", "For that.", system="Be brief.")]
    pictured = [seen("<image>\nSo?", "A cat."), seen("<image>", "Cats.", images=("b.png",))]
    fit = [row for row in (*pictured, *plain, *ODD.values()) if output.refusal(row) is None]
    assert len(fit) > 1
    path = tmp_path / Path(output.path).name
    with path.open("wb") as out:
        output.write(fit, out)
    report = lint(path, [output])
    assert (report.rows, report.findings) == (len(fit), [])


@pytest.mark.parametrize(
    ("client", "row", "rule"),
    [
        ("llava", told("What is <image>?"), "image-in-text"),
        ("llava", told("So?", "a ASSISTANT: b"), "reserved-text"),
        ("llava", told("So?", "End.</s>"), "reserved-text"),
        ("llava", told("So?", ""), "blank-turn"),
        ("llava", told("So?", "\ud800"), "not-unicode"),
        ("llava", told(image=None), "image-spelling"),
        ("llava", told(image=[]), "image-spelling"),
        ("llava", told(image=""), "image-spelling"),
        ("llava", told("<image>So?", image=["a.png"]), "image-spelling"),
        ("llava", told(image="a.png"), "image-place"),
        ("llava", {"conversations": ROW["conversations"][:1]}, "no-answer"),
        ("llava", {"conversations": ROW["conversations"] * 2 + ROW["conversations"][1:]}, "turn-order"),
        ("llava", {"conversations": [{"from": "system", "value": "Be."}, *ROW["conversations"]]}, "unknown-role"),
        ("llava", {"conversations": [{"from": "human", "value": None}]}, "not-text"),
        ("llava", {"conversations": [{"from": ["human"], "value": "So?"}]}, "unknown-role"),
        ("llava", SAID, "row-shape"),
        ("llava", 3, "row-shape"),
        ("llava_next", told(image=None), "image-spelling"),
        ("internvl", told(image=None), "image-spelling"),
        ("internvl", told("So?", "</img>"), "reserved-text"),
        ("qwen_vl", told("So?<|im_end|>"), "reserved-text"),
        ("qwen_vl", told("What is <image>?"), "image-in-text"),
        ("llamafactory", told("What is <video>?"), "reserved-text"),
        ("llamafactory", told(images=""), "image-spelling"),
        ("llamafactory", told("So?", images=["a.png"]), "image-count"),
        ("trl", said("What is <image>?"), "image-in-text"),
        ("trl", said([PICTURE, {"type": "text", "text": "<image>"}]), "image-in-text"),
        ("trl", said(images="a.png"), "image-spelling"),
        ("trl", said(image="a.png"), "image-spelling"),
        ("trl", said([PICTURE, {"type": "text", "text": "So?"}]), "image-spelling"),
        ("trl", said([{"type": "text", "image": None, "text": "So?"}]), "image-spelling"),
        ("hf", said([{"type": "image"}, {"type": "text", "text": "So?"}]), "image-count"),
        ("hf", said([{"type": "text", "text": "So?"}], images=["a.png"]), "image-count"),
        ("axolotl", said(image="a.png"), "image-spelling"),
        ("llava", told(images=["a.png"]), "image-spelling"),
        ("axolotl", said(images=[]), "image-spelling"),
        ("axolotl", said(images=["a.png", "b.png"]), "many-images"),
        ("axolotl", said("<image>So?", images=["a.png"]), "image-in-text"),
        ("verl", said(images=None), "image-spelling"),
        ("sharegpt", {"conversations": [{**turn, "loss": 1} for turn in ROW["conversations"]]}, "turn-keys"),
        ("sharegpt", told(image="a.png"), "text-only"),
        ("alpaca", {"instruction": "So?", "output": None}, "row-shape"),
        ("alpaca", {"instruction": "So?", "output": " "}, "blank-turn"),
        ("prompt_completion", {"prompt": "So?"}, "row-shape"),
        ("prompt_completion", {"prompt": "So?", "completion": SAID["messages"][1:]}, "row-shape"),
        ("prompt_completion", {"prompt": SAID["messages"], "completion": []}, "row-shape"),
        ("prompt_completion", {"prompt": WHO, "completion": SAID["messages"][1:]}, "unknown-role"),
        ("text", {"text": 3}, "row-shape"),
        ("text", {"text": " "}, "blank-turn"),
    ],
)  # fmt: skip
def test_what_a_client_stumbles_over_is_found(
    client: str, row: Mapping[str, object], rule: str, tmp_path: Path
) -> None:
    report = lint(put(tmp_path / "mix.json", [row]), [FORMATS[client]])
    assert rule in rules(report)


@pytest.mark.parametrize(
    ("client", "row"),
    [
        ("llava", told(id=3)),
        ("llava", told("<image>\nSo?", image="a.png", model="", area=[1])),
        ("internvl", told("What is <image>?", image="")),
        ("qwen_vl", told(image=None)),
        ("llamafactory", told("<image>So?", image="a.png")),
        ("llamafactory", told(images=[])),
        ("trl", said(images=None)),
        ("trl", said(images=["a.png"])),
        ("trl", said([{"type": "image"}, *SO], SO, images=["a.png"])),
        ("trl", ROW),
        ("axolotl", said(images=None)),
        ("swift", said(channel="tg")),
        ("verl", said(images=[])),
        ("sharegpt", {"conversations": [{"from": "user", "value": "a"}, {"from": "output", "value": "b"}]}),
        ("alpaca", {"instruction": "So?", "output": "Yes.", "history": [["a", "b"]]}),
        ("prompt_completion", {"prompt": "So?", "completion": "Yes."}),
        ("prompt_completion", {"prompt": SAID["messages"][:1], "completion": SAID["messages"][1:]}),
        ("text", {"text": "So."}),
    ],
)
def test_what_a_client_takes_is_not_told(client: str, row: Mapping[str, object], tmp_path: Path) -> None:
    path = tmp_path / ("mix.parquet" if client == "verl" else "mix.jsonl")
    path = path if path.suffix in FORMATS[client].reads else tmp_path / "mix.json"
    assert lint(put(path, [row]), [FORMATS[client]]).findings == []


@pytest.mark.parametrize("client", ["llava", "llava_next", "qwen_vl", "internvl"])
def test_a_mark_that_python_does_not_pass_over_is_told(client: str, tmp_path: Path) -> None:
    path = tmp_path / ("mix.jsonl" if client == "internvl" else "mix.json")
    put(path, [ROW])
    assert rules(lint(path, [FORMATS[client]])) == set()
    path.write_bytes(BOM_UTF8 + path.read_bytes())
    assert rules(lint(path, [FORMATS[client]])) == {"byte-order-mark"}
    assert rules(lint(path, [FORMATS["swift"]])) == set()


@pytest.mark.parametrize("client", ["llava_next", "qwen_vl", "internvl"])
@pytest.mark.parametrize("text", ["{row}\n\n", "\n{row}", "{row}\n \n{row}\n", "{row}\n  ", "{row}\r\n\r\n"])
def test_blank_lines_are_told_wherever_they_stand(client: str, text: str, tmp_path: Path) -> None:
    path = tmp_path / "mix.jsonl"
    path.write_text(text.replace("{row}", json.dumps(ROW)), encoding="utf-8")
    assert rules(lint(path, [FORMATS[client]])) == {"blank-line"}
    for end in ("", "\n", "\r\n"):
        path.write_bytes(json.dumps(ROW).encode() + end.encode())
        assert rules(lint(path, [FORMATS[client]])) == set()


@pytest.mark.parametrize("name", ["mix.json", "mix.jsonl", "mix.parquet"])
def test_a_file_without_rows_is_told(name: str, tmp_path: Path) -> None:
    report = lint(put(tmp_path / name, []), [FORMATS["trl"]])
    assert (report.rows, rules(report)) == (0, {"no-rows"})


@pytest.mark.parametrize(("name", "rows"), [("mix.json", 1), ("mix.parquet", 0)])
def test_a_file_that_breaks_off_is_told_once(name: str, rows: int, tmp_path: Path) -> None:
    (tmp_path / name).write_text('[{"a": 1},\n{"a"', encoding="utf-8")
    report = lint(tmp_path / name, [FORMATS["text"]])
    assert report.rows == rows
    assert report.counts["text", "broken-row"] == 1
    assert "no-rows" not in rules(report)


def test_types_differ_within_lists_and_mappings_too(tmp_path: Path) -> None:
    rows = [said(), said([{"type": "text", "text": "So?"}]), said(meta={"n": 1}), said(meta={"n": "1"})]
    report = lint(put(tmp_path / "mix.jsonl", rows), [FORMATS["trl"]])
    assert [(finding.line, finding.flaw.message) for finding in report.findings] == [
        (2, "`messages.content` is a list here, and a text above"),
        (4, "`meta.n` is a text here, and a number above"),
    ]


def test_a_row_is_told_by_line_and_id_and_many_are_counted(tmp_path: Path) -> None:
    rows = [told(id=f"r{number}") if number % 2 else told("", id=f"r{number}") for number in range(60)]
    report = lint(put(tmp_path / "mix.jsonl", rows), [FORMATS["qwen_vl"], FORMATS["llamafactory"]])
    assert report.rows == 60
    assert report.counts == {("qwen_vl", "blank-turn"): 30, ("llamafactory", "blank-turn"): 30}
    assert len(report.findings) == 2 * MOST_SHOWN
    assert [(found.line, found.row) for found in report.findings[::2]][:3] == [
        (1, "r0"),
        (3, "r2"),
        (5, "r4"),
    ]


def test_each_client_reads_files_of_its_kinds(tmp_path: Path) -> None:
    path = put(tmp_path / "mix.jsonl", [ROW])
    report = lint(path, [FORMATS["llava"], FORMATS["llamafactory"], FORMATS["verl"]])
    assert [found.client for found in report.findings if found.flaw.rule == "file-name"] == ["llava", "verl"]


def test_a_file_that_breaks_off_is_told_with_what_is_before(tmp_path: Path) -> None:
    path = tmp_path / "mix.json"
    path.write_text(f'[\n{json.dumps(told(""))},\n{{"conversations": [')
    report = lint(path, [FORMATS["llava"]])
    assert [(found.line, found.flaw.rule) for found in report.findings] == [
        (2, "blank-turn"),
        (3, "broken-row"),
    ]


def test_a_blank_line_is_told_to_those_who_fail_on_it(tmp_path: Path) -> None:
    path = tmp_path / "mix.jsonl"
    path.write_text(f"{json.dumps(ROW)}\n\n{json.dumps(ROW)}\n")
    report = lint(path, [FORMATS["qwen_vl"], FORMATS["llamafactory"]])
    found = [(found.client, found.line, found.flaw.rule) for found in report.findings]
    assert found == [("qwen_vl", 3, "blank-line")]


def test_ids_of_two_kinds_are_told_to_those_who_load_columns(tmp_path: Path) -> None:
    path = put(tmp_path / "mix.json", [told(id=1), told(id="a"), told(id="b")])
    report = lint(path, [FORMATS["llava"], FORMATS["llamafactory"]])
    assert report.counts == {("llamafactory", "mixed-types"): 1}
    assert report.findings[0].line == path.read_text().count("\n") + 1


def test_images_after_ten_megabytes_of_text_are_told(tmp_path: Path) -> None:
    text = said("So?", "x" * 20_000, images=None)
    rows = [text] * (CHUNK // 20_000 + 2)
    late = lint(put(tmp_path / "late.jsonl", [*rows, said(images=["a.png"])]), [FORMATS["trl"]])
    assert [(found.line, found.flaw.rule) for found in late.findings] == [(len(rows) + 1, "late-column")]
    first = lint(put(tmp_path / "first.jsonl", [said(images=["a.png"]), *rows]), [FORMATS["trl"]])
    assert first.findings == []
    array = lint(put(tmp_path / "late.json", [*rows, said(images=["a.png"])]), [FORMATS["trl"]])
    assert array.findings == []


def test_prompts_without_room_for_an_answer_and_tokens_of_the_model_are_told(tmp_path: Path) -> None:
    rows = [told("word " * 20, id="long"), told("So?", "y " * 99, id="cut"), told("<|end|>", id="odd")]
    tokens = Tokens(20, lambda text: len(text.split()), ("<|end|>",))
    report = lint(put(tmp_path / "mix.json", rows), [FORMATS["llava"]], tokens)
    assert [(found.row, found.flaw.rule) for found in report.findings] == [
        ("long", "long-prompt"),
        ("odd", "special-token"),
    ]
    assert report.findings[0].flaw.message == "20 tokens before the first answer, of 20 in all"


def test_tokens_are_estimated_where_nobody_counts() -> None:
    row = dialogue("x" * 80, "y")
    (flaw,) = Tokens(20).flaws(row)
    assert flaw.message == "about 20 tokens before the first answer, of 20 in all"
    assert list(Tokens(21).flaws(row)) == []


@pytest.mark.skipif(not (SHARED / "qwenvl_demo").is_dir(), reason="the images of ../shared/data are not here")
def test_the_demo_of_qwen_is_what_its_client_takes() -> None:
    files = sorted((SHARED / "qwenvl_demo").rglob("*.json"))
    assert [(path.name, lint(path, [FORMATS["qwen_vl"]]).findings) for path in files] == [
        ("single_images.json", []),
        ("video.json", []),
    ]


def test_every_rule_is_in_the_reference() -> None:
    reference = (REPOSITORY / "docs" / "reference" / "clients.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `([a-z][a-z-]+)` \|", reference, re.MULTILINE)) == set(named())


def named() -> Iterator[str]:
    """The names of all rules, wherever they are made."""
    for path in (REPOSITORY / "tgc").rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match call:
                case ast.Call(func=ast.Name(id="Rule" | "Flaw"), args=[ast.Constant(value=str(name)), *_]):
                    yield name


@pytest.mark.parametrize("key", ["id", "image", "conversations"])
@pytest.mark.parametrize("client", FORMATS)
def test_a_row_that_is_nested_deeply_is_read_or_told(client: str, key: str, tmp_path: Path) -> None:
    deep = f'{{"{key}": {"[" * 950}{"]" * 950}, "messages": {json.dumps(SAID["messages"])}}}'
    (tmp_path / "a.jsonl").write_text(deep, encoding="utf-8")
    assert lint(tmp_path / "a.jsonl", [FORMATS[client]]).rows == 1


ANY = st.recursive(
    st.sampled_from(
        [None, True, 0, 1.5, "", "So?", "<image>", "user", "gpt", "image", "text", "a.png", "\ud800"]
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=8,
)
TURN = st.fixed_dictionaries(
    {"from": st.sampled_from(["human", "gpt"]), "value": ANY}
) | st.fixed_dictionaries({"role": st.sampled_from(["user", "assistant"]), "content": ANY})


@given(st.fixed_dictionaries({}, optional={key: ANY | st.lists(TURN, max_size=3) for key in KEYS}))
@settings(deadline=None, max_examples=200)
def test_whatever_a_row_is_every_reader_and_client_reads_or_tells_it(row: dict[str, object]) -> None:
    for name, cls in plugins("readers").items():
        reader = cls.model_validate({"source": "a.json", "format": name})
        assert isinstance(reader, Reader)
        with suppress(BadRowError):
            found = reader.conversation(Record(1, row), "a-1")
            assert all(isinstance(output.refusal(found), Flaw | None) for output in FORMATS.values())
    for output in FORMATS.values():
        spelled = output.spelled(row)
        assert spelled.flaws or spelled.conversation
        if spelled.conversation:
            assert all(isinstance(flaw, Flaw) for flaw in output.flaws(output.seen(spelled.conversation)))
