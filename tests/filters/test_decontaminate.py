"""Texts that stand in a benchmark are found in other words' clothing, and named with where they stand."""

import csv
import json
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workshop import Workshop
from tgc.datafile import DataFile
from tgc.filters import decontaminate
from tgc.filters.base import VERDICT
from tgc.filters.decontaminate import LEAST, Decontaminate

DATA = Path(__file__).parents[3] / "shared" / "data"
FOX = "The quick brown fox jumps over the lazy dog and then it went right home."
FOX_13 = "the quick brown fox jumps over the lazy dog and then it went"
WORDS = st.lists(st.sampled_from(["a", "b", "c"]), max_size=9)


def against(*rows: object, ngram: int = 13, fields: tuple[str, ...] = ()) -> Decontaminate:
    """The filter as lowering leaves it: with what stands in its file."""
    found = DataFile("test.jsonl", "00ff", rows)
    return Decontaminate(against=("test.jsonl",), ngram=ngram, fields=fields).model_copy(
        update={"against": (found,)}
    )


def nodes(*texts: str) -> pl.DataFrame:
    schema = {"node_id": pl.UInt64, "text": pl.String}
    return pl.DataFrame({"node_id": range(1, len(texts) + 1), "text": texts}, schema=schema)


def reasons(judge: Decontaminate, *texts: str) -> list[str | None]:
    return judge.judge(nodes(*texts))["reason"].to_list()


def test_an_n_gram_of_a_benchmark_is_named_with_its_row() -> None:
    verdicts = against("Unlike.", {"question": FOX, "answer": 4}).judge(nodes("Once, " + FOX + " The end."))
    assert dict(verdicts.schema) == VERDICT
    assert verdicts.row(0) == (1, False, f"13-gram of test.jsonl:2: `{FOX_13}`", 3 / 6)


def test_case_punctuation_width_and_line_breaks_make_no_difference() -> None:
    told = "THE quick, brown fox –\njumps over the ｌａｚｙ dog; and **then** it went…"
    assert reasons(against(FOX), told) == [f"13-gram of test.jsonl:1: `{FOX_13}`"]


def test_what_cannot_be_seen_hides_no_benchmark() -> None:
    told = "\u200b".join(FOX).replace("quick", "qu\u00adick").replace("fox", "fox\ufe0f")
    assert reasons(against(FOX), told) == [f"13-gram of test.jsonl:1: `{FOX_13}`"]


def test_words_without_spaces_are_compared_without_them() -> None:
    judge = against({"question": "今天天气怎么样？"}, ngram=8)
    assert reasons(judge, "今天，天气 怎么样", "今天天气好") == [
        "the whole of test.jsonl:1: `今 天 天 气 怎 么 样`",
        None,
    ]


def test_twelve_words_of_thirteen_are_not_enough() -> None:
    twelve = FOX_13.rpartition(" ")[0]
    assert reasons(against(FOX), f"{twelve} there") == [None]
    assert reasons(against(FOX, ngram=12), f"{twelve} there") == [f"12-gram of test.jsonl:1: `{twelve}`"]


def test_a_short_text_is_compared_as_a_whole() -> None:
    judge = against({"question": "What is 2 + 2?", "choices": ["It is four.", "Five."]})
    assert reasons(judge, "it is FOUR", "So it is four.", "what is 2+2") == [
        "the whole of test.jsonl:1: `it is four`",
        None,
        "the whole of test.jsonl:1: `what is 2 2`",
    ]


def test_an_answer_of_a_word_or_two_is_nobodys() -> None:
    row = {"question": "Where is Wall Street?", "choices": ["New York", "Yes"]}
    assert reasons(against(row), "Yes.", "New York!") == [None, None]
    assert reasons(against(row, ngram=2), "Yes.", "New York!") == [None, "2-gram of test.jsonl:1: `new york`"]


def test_fields_say_what_counts() -> None:
    row = {"question": "What is 2 + 2?", "answer": "It is four."}
    assert reasons(against(row, fields=("question",)), "It is four.") == [None]
    assert reasons(against(row), "It is four.") != [None]


def test_the_first_of_several_rows_is_named() -> None:
    rows = "One more time.", "Twice.", "one more time"
    assert reasons(against(*rows), "ONE more time") == ["the whole of test.jsonl:1: `one more time`"]


def test_scripts_without_spaces_have_words_too() -> None:
    assert reasons(against("昨日猫を見た。", ngram=3), "黒い猫を見た人") == [
        "3-gram of test.jsonl:1: `猫 を 見`"
    ]


def test_what_has_no_words_is_in_no_benchmark() -> None:
    assert reasons(against("?!", ""), "", "…", "👍") == [None] * 3


@given(st.lists(WORDS, max_size=6), st.lists(WORDS, max_size=4), st.integers(1, 4))
def test_it_finds_what_a_plain_search_finds(told: list[list[str]], held: list[list[str]], ngram: int) -> None:
    def grams(text: list[str]) -> set[tuple[str, ...]]:
        if len(text) < ngram:
            return {("whole", *text)} if text else set()
        return {tuple(text[start : start + ngram]) for start in range(len(text) - ngram + 1)}

    known = set().union(*(grams(text) for text in held if len(text) >= min(LEAST, ngram)))
    judge = against(*(" ".join(text) for text in held), ngram=ngram)
    kept = judge.judge(nodes(*(" ".join(text) for text in told)))["kept"].to_list()
    assert kept == [known.isdisjoint(grams(text)) for text in told]


def test_texts_are_judged_alike_however_many_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    many = nodes(*(FOX if number % 7 == 0 else f"text {number}" for number in range(30)))
    whole = against(FOX).judge(many)
    monkeypatch.setattr(decontaminate, "AT_ONCE", 4)
    assert against(FOX).judge(many).equals(whole)


def test_other_content_is_another_filter() -> None:
    before, after = against(FOX), Decontaminate(against=("test.jsonl",))
    assert before.model_dump(mode="json")["against"] == ["test.jsonl@00ff"]
    assert after.model_dump(mode="json")["against"] == ["test.jsonl"]


def test_it_is_written_down_as_it_was_given() -> None:
    options = {"kind": "decontaminate", "against": ["a.txt", "b"], "fields": ["question"], "ngram": 8}
    read = Decontaminate.model_validate(options)
    for by_value in (True, False):
        dumped = read.model_dump(mode="json", exclude_unset=True, serialize_as_any=by_value)
        assert dumped == options


@pytest.mark.skipif(not DATA.exists(), reason="gsm8k and mmlu are not beside the checkout (../shared/data)")
def test_questions_of_gsm8k_and_mmlu_are_found_in_a_corpus() -> None:
    maths = [json.loads(line) for line in (DATA / "gsm8k" / "test.jsonl").read_text("utf-8").splitlines()]
    exam = min((DATA / "mmlu").glob("**/test/anatomy*.csv"))
    with exam.open(encoding="utf-8", newline="") as file:
        anatomy = list(csv.DictReader(file))
    clean = [f"Question {number}: what is {number} times {number}, and why?" for number in range(500)]
    leaked = [f"Dear tutor: {maths[number]['question'].upper()} Thanks!" for number in range(100)]
    judge = Decontaminate(against=("gsm8k", "mmlu"), fields=("question",)).model_copy(
        update={"against": (DataFile("gsm8k", "0", tuple(maths)), DataFile("mmlu", "1", tuple(anatomy)))}
    )
    verdicts = judge.judge(nodes(*clean, *leaked, anatomy[3]["question"]))
    assert verdicts["kept"].to_list() == [True] * 500 + [False] * 101
    places = verdicts["reason"].drop_nulls().str.extract(r"of (\w+:\d+):").to_list()
    assert places == [f"gsm8k:{number}" for number in range(1, 101)] + ["mmlu:4"]


def test_a_folder_stands_for_the_data_files_below_it(tmp_path: Path) -> None:
    workshop = Workshop(tmp_path)
    workshop.build()
    (leak,) = (text for text in sorted(workshop.texts("answer"))[:1])
    exams = tmp_path / "exams"
    (exams / "maths").mkdir(parents=True)
    (exams / "LICENSE").write_text(leak)
    (exams / "law.txt").write_text("")
    (exams / "maths" / "test.csv").write_text(f'number,question\n1,Why?\n2,"{leak}"\n')
    filters = "filters:\n  - {kind: decontaminate, against: [exams/], fields: [question], ngram: 8}\n"
    workshop.write(workshop.recipe.read_text() + filters)
    workshop.build()
    found = workshop.sql("select distinct reason from verdicts where filter = 'decontaminate' and not kept")
    assert found["reason"].str.contains("exams/maths/test.csv:2: ").all()
    assert found.height > 0


def test_a_benchmark_that_is_edited_judges_anew_and_asks_nothing(tmp_path: Path) -> None:
    workshop = Workshop(tmp_path)
    workshop.write(
        workshop.recipe.read_text() + "filters:\n  - {kind: decontaminate, against: [leaks.txt], ngram: 8}\n"
    )
    leaks = workshop.recipe.parent / "leaks.txt"
    leaks.write_text("Nothing of the kind.\n")
    workshop.build()
    assert workshop.asked() > 0
    assert workshop.plan().steps == ()
    leaks.write_text(min(workshop.texts("answer")) + "\n")
    workshop.build()
    assert workshop.asked() == 0
    found = workshop.sql("select reason from verdicts where filter = 'decontaminate' and not kept")
    assert found["reason"].str.contains("leaks.txt:1").all()
    assert found.height > 0


def test_some_of_a_text_may_stand_in_a_benchmark_if_the_recipe_says_so() -> None:
    told = nodes(FOX + " and goes on for a while, about foxes and dogs and much else that nobody asked for")
    strict = against(FOX)
    share = strict.judge(told)["score"][0]
    assert 0 < share < 0.5
    lenient = strict.model_copy(update={"max_share": 0.5})
    assert lenient.metric == strict.metric
    assert lenient.judge(told).select("kept", "reason", "score").rows() == [(True, None, share)]
