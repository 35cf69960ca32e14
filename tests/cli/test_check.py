"""`tgc check` on mixes: what is said of which file, in which form, and with which exit code."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.models import tiny_llama
from tests.workshop import Workshop
from tgc.cli import main

TURNS = [{"from": "human", "value": "So?"}, {"from": "gpt", "value": "Yes."}]
ASKING = [{"from": "human", "value": "What is <image>?"}, {"from": "gpt", "value": "A tag."}]
ANNOTATION = "::error file=mix.json,line=2,col=1,endColumn=1,title=image-in-text::"


def check(*given: str) -> Result:
    return CliRunner().invoke(main, ["check", *given])


@pytest.fixture(autouse=True)
def _mix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    rows = [
        json.dumps({"id": name, "conversations": turns})
        for name, turns in zip("ab", (TURNS, ASKING), strict=True)
    ]
    Path("mix.json").write_text(f"[{rows[0]},\n{rows[1]}]", encoding="utf-8")


def test_rows_are_told_with_file_line_id_rule_and_hint() -> None:
    told = check("mix.json", "--for", "llava", "--for", "alpaca")
    assert told.stdout.split("\n\n")[1].splitlines() == [
        "error[image-in-text]: `llava`: a text holds `<image>`, in row `b`",
        " --> mix.json:2:1",
        "hint: a text writes it as `<image >`",
    ]
    assert told.stderr == "mix.json: 2 rows; `llava`: image-in-text 1, `alpaca`: row-shape 2\n"
    assert told.exit_code == 2


def test_a_mix_without_fault_says_so_and_leaves_with_nothing() -> None:
    told = check("mix.json", "--for", "sharegpt", "--for", "internvl", "--format", "concise")
    assert told.exit_code == 2
    Path("good.jsonl").write_text(json.dumps({"conversations": TURNS}), encoding="utf-8")
    told = check("good.jsonl", "--for", "internvl")
    assert (told.exit_code, told.stdout) == (0, "")
    assert told.stderr == "good.jsonl: 1 row; `internvl`: nothing found\n"


@pytest.mark.parametrize(
    ("form", "line"),
    [
        ("concise", "mix.json:2:1: error: `llava`: a text holds `<image>`, in row `b` [image-in-text]"),
        (
            "github",
            f"{ANNOTATION}`llava`: a text holds `<image>`, in row `b`%0Aa text writes it as `<image >`",
        ),
    ],
)
def test_each_finding_is_a_line_for_other_programs(form: str, line: str) -> None:
    assert check("mix.json", "--for", "llava", "--format", form).stdout == f"{line}\n"


def test_json_has_counts_by_client_and_rule() -> None:
    (told,) = json.loads(check("mix.json", "--for", "llava", "--format", "json").stdout)
    assert (told["path"], told["rows"], told["counts"]) == ("mix.json", 2, {"llava": {"image-in-text": 1}})
    assert told["findings"] == [
        {
            "client": "llava",
            "rule": "image-in-text",
            "line": 2,
            "column": 1,
            "row": "b",
            "message": "a text holds `<image>`",
            "hint": "a text writes it as `<image >`",
        }
    ]


def test_what_is_beyond_the_first_rows_is_counted() -> None:
    Path("many.json").write_text(json.dumps([{"conversations": ASKING}] * 30), encoding="utf-8")
    told = check("many.json", "--for", "llava", "--format", "concise")
    assert told.stdout.splitlines()[-1] == "error: `llava`: so do 20 rows more of `many.json` [image-in-text]"
    assert len(told.stdout.splitlines()) == 11


def test_the_tokenizer_of_a_model_counts_and_knows_its_own_words(tmp_path: Path) -> None:
    model = tiny_llama(tmp_path / "model")
    odd = [{"from": "human", "value": "A<|im_end|>B"}, {"from": "gpt", "value": "Yes."}]
    Path("odd.json").write_text(json.dumps([{"id": "a", "conversations": odd}]), encoding="utf-8")
    told = check(
        "odd.json", "--for", "llava", "--tokenizer", str(model), "--max-tokens", "3", "--format", "json"
    )
    (report,) = json.loads(told.stdout)
    assert report["counts"] == {"llava": {"long-prompt": 1, "special-token": 1}}
    assert "about" not in report["findings"][0]["message"]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (("mix.json",), "error: nobody says who is to read `mix.json`"),
        (
            ("mix.json",),
            "hint: its first row has the shape of `axolotl`, `llamafactory`, `llava`, `llava_next`, ",
        ),
        (("odd.json",), "hint: its first row has the shape of no format; `--for llava` names one"),
        (("broken.json",), "hint: its first row has the shape of no format; `--for llava` names one"),
        (("mix.json", "--for", "lava"), "hint: a similar name is known: `llava`"),
        (("a.yaml", "--for", "llava"), "error: `--for` is of mixes"),
        (("mix.json", "a.yaml", "--for", "llava"), "hint: recipes are checked without it"),
        (
            ("mix.json", "--for", "llava", "--tokenizer", "nowhere"),
            "error: there is no tokenizer in `nowhere`",
        ),
        (("mix.json", "--for", "llava", "--images", "nowhere"), "error: there is no folder `nowhere`"),
        (("gone.json", "--for", "llava"), "error: there is no file `gone.json`"),
        (("gone.json",), "error: there is no file `gone.json`"),
    ],
)
def test_what_cannot_be_checked_is_said(given: tuple[str, ...], words: str) -> None:
    Path("odd.json").write_text('[{"question": "So?"}]', encoding="utf-8")
    Path("broken.json").write_text("[", encoding="utf-8")
    told = check(*given)
    assert words in told.stderr
    assert told.exit_code == 2


def test_who_reads_a_mix_is_known_of_one_that_a_build_has_written(tmp_path: Path) -> None:
    workshop = Workshop(tmp_path / "project")
    workshop.edit("  - {format: messages, path: messages.jsonl}", "  - {format: trl}")
    workshop.build()
    mix = tmp_path / "project" / "warehouse" / "mixes" / "demo"
    told = check(str(mix / "llava.json"), str(mix / "trl" / "data.parquet"))
    assert told.exit_code == 0
    assert [line.partition("; ")[2] for line in told.stderr.splitlines()] == [
        "`llava`: nothing found",
        "`trl`: nothing found",
    ]
    (mix / "mine.json").write_bytes((mix / "llava.json").read_bytes())
    assert "nobody says who is to read" in check(str(mix / "mine.json")).stderr


def test_images_are_looked_for_where_they_are_said_to_be(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.png").write_bytes(b"\x89PNG")
    (tmp_path / "photos" / "page.png").write_bytes(b"<html>")
    seen = [{"from": "human", "value": "<image>So?"}, {"from": "gpt", "value": "Yes."}]
    names = ("cat.png", "gone.png", "page.png", str(tmp_path / "photos" / "cat.png"))
    rows = [{"image": name, "conversations": seen} for name in names]
    Path("seen.json").write_text(json.dumps([*rows, {"conversations": TURNS}]), encoding="utf-8")
    told = check("seen.json", "--for", "llava", "--images", "photos", "--format", "concise")
    assert [line.partition(": error: ")[2] for line in told.stdout.splitlines()] == [
        "`llava`: an image is not there: `gone.png` [image-file]",
        "`llava`: an image is in no known format: `page.png` [image-file]",
    ]
    assert check("seen.json", "--for", "llava").exit_code == 0


def test_a_manifest_of_somebody_else_says_nothing() -> None:
    for told in (
        "so",
        "[]",
        '{"files": [{"path": "mix.json"}]}',
        '{"files": [{"path": "mix.json", "rows": null}]}',
    ):
        Path("manifest.json").write_text(told, encoding="utf-8")
        assert "nobody says who is to read" in check("mix.json").stderr


def test_a_row_that_is_not_json_is_told_with_its_column() -> None:
    Path("bad.jsonl").write_text('{"a": 1}\n{"a": 1,}\n', encoding="utf-8")
    assert "bad.jsonl:2:9: error" in check("bad.jsonl", "--for", "openai", "--format", "concise").stdout
