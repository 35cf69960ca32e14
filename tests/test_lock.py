import json
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tgc import lock, source
from tgc.errors import Diagnostic, RecipeError
from tgc.lock import FREE, Lock, Terms, references
from tgc.lower import models

RECIPE = """\
name: demo
model: tiny
models: {far: {id: org/name, revision: main}, near: org/name}
tree:
  topic: {values: topics.csv}
  area: {values: areas, under: topic}
  question: {role: user, distinct: {by: mmr, embedder: org/vectors}, examples: {from: seeds.jsonl, k: 1}}
filters:
  - {kind: decontaminate, against: [tests.jsonl]}
mix:
  blend: [{source: mix.json, format: llava, rows: all}]
"""
LOCAL = "name: demo\nmodel: tiny\ntree:\n  topic: {values: topics.csv}\n  area: {values: areas}\n"
LOCKED = Terms(locked=True)

hashes = st.text("0123456789abcdef", min_size=64, max_size=64)
files = st.dictionaries(st.text(st.characters(codec="utf-8"), min_size=1), hashes, max_size=3)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A directory with a model of a few bytes, a table and a folder of data."""
    model = tmp_path / "tiny"
    model.mkdir()
    (model / "config.json").write_text('{"max_position_embeddings": 64}')
    (model / "model.safetensors").write_bytes(b"weights")
    (model / "tokenizer.json").write_text("{}")
    (model / "tokenizer_config.json").write_text('{"chat_template": "{{ messages }}", "pad": "x"}')
    (tmp_path / "topics.csv").write_text("name\nphysics\n")
    (tmp_path / "areas" / "deep").mkdir(parents=True)
    (tmp_path / "areas" / "deep" / "one.yaml").write_text("- law\n")
    return tmp_path


@given(files, files, st.text("0123456789abcdef", min_size=40, max_size=40))
def test_what_is_written_is_read(weights: dict[str, str], data: dict[str, str], commit: str) -> None:
    model = {"revision": commit, "weights": weights}
    written = Lock.model_validate({"models": {"org/name": model}, "files": data})
    text = lock.write(written)
    assert lock.parse(text, "demo.lock") == written
    assert lock.write(lock.parse(text, "demo.lock")) == text


def test_what_changes_between_two_locks_is_told_name_by_name() -> None:
    before = _lock({"a": {"revision": "1"}, "b": {"digest": "1"}}, {"x.csv": "0" * 64})
    after = _lock({"a": {"revision": "2"}, "b": {"digest": "2"}}, {"y.csv": "0" * 64})
    assert [*lock.changes(before, after)] == [
        "`a` moves from commit `1` to `2`",
        "`b` has changed",
        "`x.csv` is named no more",
        "`y.csv` is new",
    ]
    assert [*lock.changes(after, after)] == []


def test_a_lock_is_sorted_and_names_each_file_in_a_line_of_its_own(home: Path) -> None:
    text = lock.write(_survey(home))
    assert json.dumps(json.loads(text), indent=2, sort_keys=True) + "\n" == text
    weights = sha256(b"weights").hexdigest()
    assert f'        "model.safetensors": "{weights}"' in text.splitlines()
    assert str(home) not in text


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ('<<<<<<< HEAD\n{"version": 1}\n', "yaml-syntax", 2),
        ('{\n  "version": 2\n}\n', "bad-lock", 2),
        ('{\n  "version": 1,\n  "files": {\n    "x.csv": "abc"\n  }\n}\n', "bad-lock", 4),
        ('{\n  "version": 1,\n  "extra": {}\n}\n', "bad-lock", 1),
        ("[]\n", "bad-lock", 1),
    ],
)
def test_a_file_that_is_no_lock_is_a_diagnostic_in_it(
    text: str, code: str, line: int, tmp_path: Path
) -> None:
    (tmp_path / "demo.lock").write_text(text)
    with pytest.raises(RecipeError) as caught:
        lock.beside(tmp_path / "demo.yaml")
    (problem,) = caught.value.diagnostics
    assert problem.span
    assert (problem.code, problem.span.line) == (code, line)
    assert problem.span.path.endswith("demo.lock")


def test_every_model_and_data_file_of_a_recipe_is_known_by_its_place() -> None:
    document = source.parse(RECIPE, "demo.yaml")
    named = [*references.to_models(document), *references.to_files(document)]
    assert [(found.key, found.span.line) for found in named] == [
        ("tiny", 2),
        ("org/name@main", 3),
        ("org/name", 3),
        ("org/vectors", 7),
        ("topics.csv", 5),
        ("areas", 6),
        ("seeds.jsonl", 7),
        ("tests.jsonl", 9),
        ("mix.json", 11),
    ]


def test_adapters_and_what_is_merged_are_models_too() -> None:
    text = """\
model: {id: org/a, adapter: org/b, merge: [{id: org/c, revision: v1, weight: 0.1}, {id: org/a, weight: 0.2}]}
models:
  judge: {id: org/d, adapter: {id: org/e, revision: v2}, merge: [{id: org/f, weight: 0.5}]}
"""
    named = references.to_models(source.parse(text, "demo.yaml"))
    assert [(found.key, found.span.line) for found in named] == [
        ("org/a", 1),
        ("org/b", 1),
        ("org/c@v1", 1),
        ("org/d", 3),
        ("org/e@v2", 3),
        ("org/f", 3),
    ]


def test_another_adapter_is_drift(home: Path) -> None:
    adapter = home / "adapter"
    adapter.mkdir()
    (adapter / "adapter_config.json").write_text("{}")
    (adapter / "adapter_model.safetensors").write_bytes(b"weights")
    document = source.parse("name: demo\nmodel: {id: tiny, adapter: adapter}\n", "demo.yaml")
    held = lock.survey(document, (home,))
    assert lock.findings(held, document, (home,), LOCKED) == ()
    (adapter / "adapter_model.safetensors").write_bytes(b"others!")
    (problem,) = lock.findings(held, document, (home,), LOCKED)
    assert problem.message.startswith("the weights of `adapter` changed: `adapter_model.safetensors`")
    assert problem.span
    assert problem.span.column == 28


def test_inline_values_and_queries_are_no_files() -> None:
    text = (
        "tree: {a: {values: [x.csv]}, b: {values: {sql: select 1}}, c: {values: y.csv}, d: {values: y.csv}}"
    )
    document = source.parse(text, "demo.yaml")
    assert [found.name for found in references.to_files(document)] == ["y.csv"]


def test_what_has_not_changed_is_not_found(home: Path) -> None:
    held = _survey(home)
    assert _findings(home, held) == ()
    assert _findings(home, held, FREE) == ()


@pytest.mark.parametrize(
    ("file", "text", "what"),
    [
        ("tiny/model.safetensors", "others!", "the weights of `tiny` changed: `model.safetensors`"),
        ("tiny/tokenizer.json", "{ }", "the tokenizer of `tiny` changed: `tokenizer.json`"),
        ("tiny/config.json", "{}", "the config of `tiny` changed: `config.json`"),
        ("topics.csv", "name\nlaw\n", "the data changed: `topics.csv`"),
        ("areas/deep/one.yaml", "- physics\n", "the data changed: `areas`"),
        ("areas/two.yaml", "- physics\n", "the data changed: `areas`"),
        (
            "tiny/tokenizer_config.json",
            '{"chat_template": "{{ bos_token }}", "pad": "x"}',
            "the chat template of `tiny` changed: `tokenizer_config.json`",
        ),
        (
            "tiny/tokenizer_config.json",
            '{"chat_template": "{{ messages }}", "pad": "y"}',
            "the tokenizer of `tiny` changed: `tokenizer_config.json`",
        ),
    ],
)
def test_drift_says_what_changed_from_what_to_what(home: Path, file: str, text: str, what: str) -> None:
    held = _survey(home)
    (home / file).write_text(text)
    (problem,) = _findings(home, held)
    now = _survey(home)
    assert problem.message.startswith(f"{what} is locked as `")
    assert (problem.code, problem.severity) == ("lock-drift", "error")
    assert problem.hint == "`tgc lock demo.yaml` accepts what there is now"
    said = problem.message.split("`")
    assert [any(name in lock.write(side) for side in (held, now)) for name in (said[-4], said[-2])] == [
        True
    ] * 2
    assert said[-4] != said[-2]
    (noticed,) = _findings(home, held, FREE)
    assert (noticed.message, noticed.severity) == (problem.message, "warning")


def test_a_file_that_came_or_went_is_drift(home: Path) -> None:
    held = _survey(home)
    (home / "tiny" / "tokenizer.json").rename(home / "tiny" / "vocab.json")
    (problem,) = _findings(home, held)
    assert problem.message.startswith(
        "the tokenizer of `tiny` changed: `tokenizer.json` is locked as `44136fa355b3`"
    )
    assert problem.message.endswith("` and found as absent, and 1 more")


def test_only_a_locked_build_reads_weights_whole(home: Path) -> None:
    weights = home / "tiny" / "model.safetensors"
    weights.write_bytes(bytes(2 * models.BLOCKS * models.BLOCK))
    held = _survey(home)
    with weights.open("r+b") as content:
        content.seek(models.BLOCK + 1)
        content.write(b"x")
    assert _findings(home, held, FREE) == ()
    assert [problem.code for problem in _findings(home, held)] == ["lock-drift"]


def test_what_is_hidden_in_a_folder_of_data_is_no_data(home: Path) -> None:
    held = _survey(home)
    (home / "areas" / ".git").mkdir()
    (home / "areas" / ".git" / "HEAD").write_text("ref")
    assert _findings(home, held) == ()


def test_without_a_lock_only_a_locked_build_complains(home: Path) -> None:
    assert _findings(home, None, FREE) == ()
    (problem,) = _findings(home, None)
    assert (problem.code, problem.span and problem.span.line) == ("lock-missing", 1)


def test_what_the_lock_lacks_is_named_where_the_recipe_names_it(home: Path) -> None:
    held = _survey(home)
    problems = _findings(home, held.model_copy(update={"models": {}, "files": {}}))
    assert [(found.code, found.span and found.span.line) for found in problems] == [
        ("lock-missing", 2),
        ("lock-missing", 4),
        ("lock-missing", 5),
    ]


def test_a_directory_is_not_the_commit_of_a_hub(home: Path) -> None:
    pinned = Lock.model_validate({"models": {"tiny": {"revision": "0" * 40}}})
    problem = _findings(home, pinned, FREE)[0]
    assert problem.message == f"`tiny` is locked as commit `{'0' * 40}` of a hub and found as a directory"


def test_a_data_file_that_is_not_there_is_a_diagnostic(home: Path) -> None:
    (home / "topics.csv").unlink()
    with pytest.raises(RecipeError, match=r"there is no data file `topics.csv`"):
        _survey(home)


SEVERAL = """\
name: several
mix: {blend: [{source: "part{1,2}.json", format: llava}, {source: all.yaml, format: llava_next}]}
"""


@pytest.mark.parametrize("edited", ["part2.json", "all.yaml", "listed.json"])
def test_files_that_a_source_stands_for_are_locked_with_it(edited: str, tmp_path: Path) -> None:
    for name in ("part1.json", "part2.json", "listed.json"):
        (tmp_path / name).write_text("[]")
    (tmp_path / "all.yaml").write_text("datasets: [{json_path: listed.json}]\n")
    recipe = source.parse(SEVERAL, "several.yaml")
    before = lock.survey(recipe, (tmp_path,)).files
    (tmp_path / edited).write_text("datasets: [{json_path: listed.json, sampling_strategy: all}]\n")
    after = lock.survey(recipe, (tmp_path,)).files
    assert sum(before[name] != after[name] for name in before) == 1
    (tmp_path / "part1.json").unlink()
    with pytest.raises(RecipeError, match=r"there is no data file `part1.json`"):
        lock.survey(recipe, (tmp_path,))


def _lock(models: dict[str, dict[str, str]], files: dict[str, str]) -> Lock:
    return Lock.model_validate({"models": models, "files": files})


def _survey(home: Path) -> Lock:
    return lock.survey(source.parse(LOCAL, "demo.yaml"), (home,))


def _findings(home: Path, held: Lock | None, terms: Terms = LOCKED) -> tuple[Diagnostic, ...]:
    return lock.findings(held, source.parse(LOCAL, "demo.yaml"), (home,), terms)


def test_an_embedder_of_a_filter_is_a_model_unless_it_is_none_or_the_one_that_writes() -> None:
    text = "filters:\n" + "".join(f"  - {{embedder: {name}}}\n" for name in ("words", "org/vectors", "model"))
    assert [found.name for found in references.to_models(source.parse(text, "demo.yaml"))] == ["org/vectors"]


def test_so_is_one_of_texts_that_are_to_differ() -> None:
    for name, found in (("words", []), ("model", []), ("org/vectors", ["org/vectors"])):
        text = f"mix: {{diverse: {{of: question, embedder: {name}}}}}\n"
        named = references.to_models(source.parse(text, "demo.yaml"))
        assert [reference.name for reference in named] == found
