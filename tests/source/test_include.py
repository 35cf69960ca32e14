import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tgc import ir, lower, source
from tgc.errors import RecipeError

RECIPE: Mapping[str, object] = {
    "name": "demo",
    "seed": 7,
    "model": "builtin:atlas",
    "sampling": {"temperature": 0.5, "top_p": 0.9},
    "vars": {"tone": "friendly", "length": 3},
    "tree": {
        "topic": {"values": ["physics", "law"]},
        "question": {"role": "user", "system": "Be {{ tone }} about {{ topic }}.", "branch": 2},
        "answer": {"role": "assistant", "max_tokens": 32},
    },
    "filters": [{"kind": "truncated"}, {"kind": "refusal"}],
    "mix": {"size": 4, "balance": ["topic"]},
    "emit": [{"format": "messages", "path": "messages.jsonl"}],
    "limits": {"nodes": 100},
}
HALVES = ("sampling", "vars", "tree", "mix")
"""Mappings that may be spread over files."""

PLACES = st.fixed_dictionaries({key: st.integers(0, 3) for key in RECIPE})
CUTS = st.fixed_dictionaries({key: st.integers(0, 3) for key in HALVES})


@settings(deadline=None, max_examples=30)
@given(PLACES, CUTS, st.booleans())
def test_a_recipe_in_several_files_is_the_same_program(
    places: dict[str, int], cuts: dict[str, int], nested: bool
) -> None:
    with tempfile.TemporaryDirectory() as home:
        split = _program(_write(Path(home, "split"), _parts(places, cuts), nested=nested))
        whole = _program(_write(Path(home, "whole"), [RECIPE], nested=nested))
    assert split.text == whole.text
    assert split.levels == whole.levels


def test_mappings_merge_and_all_else_is_replaced(tmp_path: Path) -> None:
    text = _assembled(
        tmp_path,
        recipe="include: base.yaml\nvars: {b: 3}\nfilters: [{kind: refusal}]\nmodel: {id: mine}",
        base="vars: {a: 1, b: 2}\nfilters: [{kind: truncated}]\nmodel: {id: theirs, revision: main}",
    ).canonical()
    assert text == '{"filters":[{"kind":"refusal"}],"model":{"id":"mine"},"vars":{"a":1,"b":3}}'


def test_levels_merge_and_keep_their_places(tmp_path: Path) -> None:
    document = _assembled(
        tmp_path,
        recipe="include: base.yaml\ntree: {reply: {role: user}, topic: {values: [c]}, answer: {branch: 2}}",
        base="tree: {topic: {values: [a, b], tags: [x]}, answer: {role: assistant, sampling: {top_k: 1}}}",
    )
    tree = document.get("tree")
    assert isinstance(tree, dict)
    assert list(tree) == ["topic", "answer", "reply"]
    assert tree["topic"] == {"values": ["c"], "tags": ["x"]}
    assert tree["answer"] == {"role": "assistant", "sampling": {"top_k": 1}, "branch": 2}
    assert not document.has("tree", "topic", "values", 1)


def test_later_files_win_and_one_that_is_included_twice_counts_once(tmp_path: Path) -> None:
    document = _assembled(
        tmp_path,
        recipe="include: [a.yaml, b.yaml]\nname: x",
        a="include: base.yaml\nseed: 1\nlimits: {nodes: 1}",
        b="include: [base.yaml]\nlimits: {nodes: 2}",
        base="seed: 0\nname: base",
    )
    assert document.value == {"seed": 1, "name": "x", "limits": {"nodes": 2}}


def test_every_place_is_in_the_file_that_says_it(tmp_path: Path) -> None:
    document = _assembled(
        tmp_path,
        recipe="include: base.yaml\nvars: {b: 3}\nname: x",
        base="# what all share\nvars: {a: 1, b: 2}\nseed: 5",
    )
    spans = [document.at("vars", "a"), document.at("vars", "b"), document.key("seed"), document.at("vars")]
    assert [(Path(span.path).name, span.line, span.column) for span in spans] == [
        ("base.yaml", 2, 11),
        ("recipe.yaml", 2, 11),
        ("base.yaml", 3, 1),
        ("recipe.yaml", 2, 7),
    ]


@settings(deadline=None, max_examples=30)
@given(PLACES, CUTS)
def test_every_extent_reads_as_its_value(places: dict[str, int], cuts: dict[str, int]) -> None:
    with tempfile.TemporaryDirectory() as home:
        recipe = _write(Path(home, "split"), _parts(places, cuts), nested=False)
        document = source.assemble(recipe, str(recipe), Path(home))
    for loc in document.values:
        if loc and loc not in {(key,) for key in HALVES}:
            assert source.parse(document.extent(*loc).text, "part.yaml").value == document.get(*loc)


def test_files_are_looked_up_beside_the_one_that_includes_them_then_in_the_project(tmp_path: Path) -> None:
    for name, text in {
        "recipes/demo.yaml": "include: shared/first.yaml",
        "recipes/shared/first.yaml": "include: [second.yaml, common/third.yaml]",
        "recipes/shared/second.yaml": "seed: 2",
        "common/third.yaml": "name: third",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    document = source.assemble(tmp_path / "recipes/demo.yaml", "recipes/demo.yaml", tmp_path)
    assert document.at("seed").path == "recipes/shared/second.yaml"
    assert document.at("name").path == "common/third.yaml"


def test_a_link_out_of_the_project_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.yaml").write_text("seed: 1", encoding="utf-8")
    home = tmp_path / "home"
    home.mkdir()
    (home / "recipe.yaml").write_text("include: link.yaml", encoding="utf-8")
    (home / "link.yaml").symlink_to(tmp_path / "secret.yaml")
    with pytest.raises(RecipeError, match="outside of the project"):
        source.assemble(home / "recipe.yaml", "recipe.yaml", home)


@pytest.mark.parametrize("name", ['"a\\0b"', "x" * 5_000, ".", "'~'"])
def test_odd_names_are_not_there(name: str, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "neighbour.yaml").touch()
    with pytest.raises(RecipeError, match="there is no file"):
        _assembled(tmp_path / "home", recipe=f"include: [{name}]")


@pytest.mark.parametrize("name", ["/dev/null", "/nowhere.yaml", "../../nowhere.yaml"])
def test_what_lies_outside_is_not_looked_for(name: str, tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="outside of the project"):
        _assembled(tmp_path, recipe=f"include: {name}")


def _parts(places: Mapping[str, int], cuts: Mapping[str, int]) -> list[dict[str, object]]:
    """What is said in each of four files: whole keys, and first and last halves of some mappings."""
    parts: list[dict[str, object]] = [{}, {}, {}, {}]
    for key, value in RECIPE.items():
        file = places[key]
        if key in HALVES and isinstance(value, dict) and file:
            items = list(value.items())
            parts[file - 1][key] = dict(items[: cuts[key]])
            parts[3][key] = dict(items[cuts[key] :])
        else:
            parts[file][key] = value
    return parts


def _write(home: Path, parts: Sequence[Mapping[str, object]], *, nested: bool) -> Path:
    """A recipe of several files, where it includes all others, or each file the one before."""
    (home / "parts").mkdir(parents=True)
    names = [*(f"parts/{index}.yaml" for index in range(len(parts) - 1)), "demo.yaml"]
    for index, (name, part) in enumerate(zip(names, parts, strict=True)):
        below = names[max(index - 1, 0) : index] if nested else names[:-1] if part is parts[-1] else []
        (home / name).write_text(json.dumps({"include": below, **part}, indent=1), encoding="utf-8")
    return home / names[-1]


def _program(recipe: Path) -> ir.Program:
    document = source.assemble(recipe, str(recipe), recipe.parent)
    return lower.from_document(document, lower.Around(recipe.parent, ())).program


def _assembled(home: Path, **texts: str) -> source.Document:
    for name, text in texts.items():
        (home / f"{name}.yaml").write_text(text, encoding="utf-8")
    return source.assemble(home / "recipe.yaml", "recipe.yaml", home)
