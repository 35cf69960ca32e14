"""A tree of folders is a list of topics."""

import json
from pathlib import Path

import pytest

from tgc import ir
from tgc.errors import Diagnostic, RecipeError, Span
from tgc.lower import values

INSTRUCTLAB = Path(__file__).parents[3] / "shared" / "data" / "instructlab_taxonomy"
shared = pytest.mark.skipif(
    not INSTRUCTLAB.exists(),
    reason="InstructLab's taxonomy is not beside the checkout (../shared/data/instructlab_taxonomy)",
)
TIERS = [f"tier_{number}" for number in range(1, 9)]


def _tree(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


def _load(root: Path) -> list[dict[str, str]]:
    return [json.loads(value.data or "") for value in values.load(root, "topics")]


def _problems(root: Path) -> tuple[Diagnostic, ...]:
    with pytest.raises(RecipeError) as caught:
        values.load(root, "topics")
    return caught.value.diagnostics


def test_a_folder_that_holds_a_qna_file_is_a_topic(tmp_path: Path) -> None:
    _tree(
        tmp_path,
        {
            "skills/odd-one_out/qna.yaml": "version: 3\ntask_description: |\n  Find it.\nseed_examples: []\n",
            "knowledge/arts/jazz/qna.yaml": "domain: Music\ndocument_outline: Jazz, a history\n",
            "knowledge/arts/.gitignore": "",
            "knowledge/history/.gitignore": "",
            "docs/template_qna.yaml": "[",
            ".git/x/qna.yaml": "[",
            "LICENSE": "free",
        },
    )
    jazz, odd = values.load(tmp_path, "topics")
    assert (jazz.text, odd.text) == ("jazz", "odd one out")
    assert json.loads(jazz.data or "") == {
        "name": "jazz",
        "path": "knowledge/arts/jazz",
        **dict.fromkeys(TIERS, ""),
        "tier_1": "knowledge",
        "tier_2": "arts",
        "tier_3": "jazz",
        "version": "",
        "domain": "Music",
        "task_description": "",
        "document_outline": "Jazz, a history",
    }
    assert json.loads(odd.data or "")["task_description"] == "Find it."
    assert json.loads(odd.data or "")["version"] == "3"


def test_in_a_tree_without_qna_files_the_last_folders_are_topics(tmp_path: Path) -> None:
    _tree(tmp_path, {"science/physics/.keep": "", "science/README.md": "", "law_and_order/.keep": ""})
    assert [(topic["name"], topic["path"]) for topic in _load(tmp_path)] == [
        ("law and order", "law_and_order"),
        ("physics", "science/physics"),
    ]
    assert values.common_fields(values.load(tmp_path, "topics")) == frozenset({"name", "path", *TIERS})


def test_a_topic_may_hold_further_topics(tmp_path: Path) -> None:
    _tree(tmp_path, {"a/qna.yaml": "version: 3", "a/b/qna.yaml": "version: 3", "a-b/qna.yaml": "version: 3"})
    assert [topic["path"] for topic in _load(tmp_path)] == ["a", "a/b", "a-b"]


def test_another_topic_however_deep_changes_none_that_is_there(tmp_path: Path) -> None:
    before = values.load(_tree(tmp_path, {"a/b/qna.yaml": "version: 3"}), "topics")
    after = values.load(_tree(tmp_path, {"1/2/3/4/5/6/7/8/9/qna.yaml": "version: 3"}), "topics")
    assert after[1:] == before
    deepest = json.loads(after[0].data or "")
    assert (deepest["tier_8"], deepest["name"], deepest["path"]) == ("8", "9", "1/2/3/4/5/6/7/8/9")


def test_where_the_tree_stands_and_what_its_examples_are_is_not_identity(tmp_path: Path) -> None:
    one = values.load(_tree(tmp_path / "one", {"a/qna.yaml": "domain: x\nseed_examples: [1]"}), "one")
    two = values.load(_tree(tmp_path / "two", {"a/qna.yaml": "# new\nseed_examples: [2]\ndomain: x"}), "two/")
    assert one == two


def test_every_broken_file_is_blamed_at_its_own_line(tmp_path: Path) -> None:
    _tree(
        tmp_path,
        {
            "a/qna.yaml": "version: 3\ndomain: [x]\n",
            "b/qna.yaml": "version: 3\n seed: [\n",
            "c/qna.yaml": "",
            "d/qna.yaml": "- x",
            "e/qna.yaml": "version: 3",
        },
    )
    found = [
        (problem.code, problem.span and (problem.span.path, problem.span.line))
        for problem in _problems(tmp_path)
    ]
    assert found == [
        ("bad-value", ("topics/a/qna.yaml", 2)),
        ("yaml-syntax", ("topics/b/qna.yaml", 2)),
        ("empty-file", ("topics/c/qna.yaml", 1)),
        ("bad-data", ("topics/d/qna.yaml", 1)),
    ]


@pytest.mark.parametrize("files", [{}, {"qna.yaml": "version: 3"}, {".hidden/a/qna.yaml": "version: 3"}])
def test_a_folder_without_folders_has_no_topics(files: dict[str, str], tmp_path: Path) -> None:
    (problem,) = _problems(_tree(tmp_path, files))
    assert (problem.code, problem.span) == ("empty-values", None)


def test_a_name_without_words_is_no_topic(tmp_path: Path) -> None:
    (problem,) = _problems(_tree(tmp_path, {"a/_-_/qna.yaml": "version: 3"}))
    assert (problem.code, problem.span) == ("bad-value", Span("topics/a/_-_/qna.yaml", 1, 1, 1, ""))


def test_a_folder_of_data_files_is_no_taxonomy(tmp_path: Path) -> None:
    (problem,) = _problems(_tree(tmp_path, {"v3/a.tsv": "a", "b.jsonl": "1", "notes.txt": "c"}))
    assert (problem.message, problem.span) == ("`topics` holds data files, not topics", None)
    assert problem.hint == "name one of them: `b.jsonl`, `v3/a.tsv`"


def test_links_are_not_followed(tmp_path: Path) -> None:
    outside = _tree(tmp_path / "outside", {"b/qna.yaml": "version: 3", "secret.yaml": "domain: x"})
    inside = _tree(tmp_path / "inside", {"a/qna.yaml": "version: 3", "c/.keep": ""})
    (inside / "linked").symlink_to(outside)
    (inside / "c" / "qna.yaml").symlink_to(outside / "secret.yaml")
    found = [(problem.code, problem.span and problem.span.path) for problem in _problems(inside)]
    assert found == [("unsafe-path", "topics/c/qna.yaml"), ("unsafe-path", "topics/linked")]


@shared
def test_instructlab_imports_as_it_is() -> None:
    topics = values.load(INSTRUCTLAB, "instructlab_taxonomy")
    assert len(topics) == 16
    assert [topic.text for topic in topics][-2:] == ["swifties", "black capped chickadee"]
    fields = _fields(topics[-1])
    assert fields["path"] == "knowledge/science/animals/birds/black_capped_chickadee"
    assert [fields[tier] for tier in TIERS[:6]] == [
        *("knowledge", "science", "animals", "birds", "black capped chickadee", ""),
    ]
    assert (fields["domain"], fields["version"]) == ("animals", "3")
    assert fields["document_outline"].startswith("Information about the black capped chickadee")
    assert {_fields(topic)["tier_1"] for topic in topics} == {
        *("compositional skills", "foundational skills", "knowledge"),
    }


@shared
def test_a_branch_of_instructlab_is_a_taxonomy_too() -> None:
    topics = values.load(INSTRUCTLAB / "foundational_skills", "foundational_skills")
    assert len(topics) == 11
    assert _fields(topics[0])["path"] == "reasoning/common_sense_reasoning"


def _fields(value: ir.Value) -> dict[str, str]:
    fields: dict[str, str] = json.loads(value.data or "")
    return fields
