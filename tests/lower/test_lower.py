from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tgc import assets, ir, lower, passes, source
from tgc.errors import Diagnostic, RecipeError
from tgc.mixing.output import emit

GOOD = Path(__file__).parents[1] / "recipes" / "good"
SEARCH = (GOOD / "templates", assets.root() / "templates")
AROUND = lower.Around(GOOD, SEARCH)
RECIPE = """
name: sound
seed: 1
model: builtin:atlas
vars: {tone: dry, unused: 1}
tree:
  topic: {values: [physics, law]}
  question: {role: user, system: "A {{ tone }} chat on {{ topic }}.", branch: 4, max_tokens: 32}
  answer: {role: assistant, branch: 2, max_tokens: 64}
  summary: {prompt: "Sum up: {{ answer }}", max_tokens: 48}
"""
LEVELS = ("topic", "question", "answer", "summary")


@pytest.mark.parametrize("path", sorted(GOOD.glob("*.yaml")), ids=lambda path: path.stem)
def test_a_good_recipe_has_no_findings(path: Path) -> None:
    lowered = lower.from_document(source.load(path, str(path)), AROUND)
    assert lowered.warnings == ()
    optimized = passes.optimize(lowered.program)
    assert {level.name for level in optimized.levels} == {level.name for level in lowered.program.levels}


def test_defaults_are_filled_and_names_resolved() -> None:
    program = _program(RECIPE.replace("seed", "sampling: {temperature: 0.5, top_k: 9}\nseed"))
    summary = program.level("summary")
    assert summary.ask
    assert summary.ask.model.id == "builtin:atlas"
    assert (summary.ask.sampling.temperature, summary.ask.sampling.top_k) == (0.5, 9)
    assert [level.depth for level in program.levels] == [0, 1, 2, 3]
    assert [level.branch for level in program.levels] == [2, 4, 2, 1]


def test_a_level_changes_single_fields_of_the_sampling() -> None:
    text = RECIPE.replace("seed", "sampling: {temperature: 0.5, top_k: 9}\nseed")
    answer = _program(text.replace("branch: 2,", "branch: 2, sampling: {top_k: 0},")).level("answer")
    assert answer.ask
    assert (answer.ask.sampling.temperature, answer.ask.sampling.top_k) == (0.5, 0)


@pytest.mark.parametrize(
    "level",
    [
        '{prompt: "Parts of {{ topic }}.", answers: {list: str}, branch: 3, max_tokens: 8}',
        '{prompt: "Part {{ ordinal }} of {{ topic }}.", branch: 3, max_tokens: 8}',
        '{prompt: "Is {{ topic }} hard?", answers: easy | hard, max_tokens: 8}',
    ],
)
def test_what_siblings_are_of_the_whole_recipe_has_no_say_where_they_cannot_be_distinct(level: str) -> None:
    text = f"name: x\nmodel: builtin:atlas\ntree:\n  topic: {{values: [a]}}\n  part: {level}\n"
    said = text.replace("tree:", "sampling: {siblings: distinct}\ntree:")
    before, after = (_program(given).level("part") for given in (text, said))
    assert before.fingerprint == after.fingerprint
    assert lower.from_document(source.parse(said, "x.yaml"), AROUND).warnings == ()


def test_the_system_prompt_is_inherited() -> None:
    does = _program(RECIPE).level("answer").does
    assert isinstance(does, ir.Turn)
    assert does.ask.system
    assert does.ask.system.template.name == "A {{ tone }} chat on {{ topic }}."


def test_a_filter_without_a_level_judges_the_turns_of_its_roles() -> None:
    program = _program(RECIPE + "filters: [{kind: refusal}, {kind: refusal, level: summary}]")
    roles = program.checks[0].filter.roles
    spoken = tuple(level.name for level in program.levels if level.speaks in roles)
    assert [check.levels for check in program.checks] == [spoken, ("summary",)]


def test_a_filter_judges_a_level_of_depth_each_time_that_it_is_applied_or_once() -> None:
    tree = RECIPE.replace("max_tokens: 48", "max_tokens: 48, depth: 3")
    given = "filters: [{kind: truncated, level: summary}, {kind: truncated, level: summary.2}]"
    checks = _program(tree + given).checks
    assert [check.levels for check in checks] == [("summary.1", "summary.2", "summary"), ("summary.2",)]


def test_parents_come_before_children_whatever_the_order_of_keys() -> None:
    program = _program(
        "name: x\nmodel: builtin:atlas\ntree:\n"
        "  topic: {values: [a]}\n"
        "  answer: {role: assistant, under: question}\n"
        "  question: {role: user, under: topic}\n"
    )
    assert [level.name for level in program.levels] == ["topic", "question", "answer"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("branch: 4", "branch: 40"),
        ("branch: 4,", "branch: 4, distinct: {by: mmr},"),
        ("branch: 4,", "branch: 4, sampling: {siblings: independent, dp_lambda: 1},"),
        ("[physics, law]", "[law, physics, history]"),
        ("name: sound", "name: other"),
        ("seed: 1", "# why\nseed:   1"),
        ("unused: 1", "unused: 2"),
        ("{{ tone }} chat", "{{tone}} chat"),
        ("Sum up", "{# a note #}Sum up"),
        ("tree:", "filters: [{kind: refusal}]\nmix: {size: 3}\ntree:"),
        ("tree:", "limits: {nodes: 1_000}\ntree:"),
        ("tree:", "emit: [{format: messages, path: a.jsonl}]\ntree:"),
        ("role: user, system", "under: topic, role: user, system"),
    ],
)
def test_what_is_no_identity_changes_no_fingerprint(old: str, new: str) -> None:
    assert _fingerprints(RECIPE.replace(old, new)) == _fingerprints(RECIPE)


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        ("seed: 1", "seed: 2", ("question", "answer", "summary")),
        ("chat on", "talk on", ("question", "answer", "summary")),
        ("tone: dry", "tone: warm", ("question", "answer", "summary")),
        ("branch: 2, max_tokens: 64", "branch: 2, max_tokens: 65", ("answer", "summary")),
        ("branch: 2,", "branch: 2, stop: [x],", ("answer", "summary")),
        ("branch: 2,", "branch: 2, sampling: {min_p: 0.1},", ("answer", "summary")),
        ("branch: 2,", "branch: 2, sampling: {siblings: distinct},", ("answer", "summary")),
        ("branch: 2,", "branch: 2, sampling: {dp_lambda: 0.9},", ("answer", "summary")),
        ("Sum up", "Shorten", ("summary",)),
        ("max_tokens: 48", "max_tokens: 49", ("summary",)),
        ('Sum up: {{ answer }}"', 'Sum up: {{ answer }}", system: "Be brief."', ("summary",)),
        ('{{ answer }}"', '{{ answer }}", speaks: user', ("summary",)),
    ],
)
def test_what_is_identity_changes_its_level_and_those_below(
    old: str, new: str, changed: tuple[str, ...]
) -> None:
    before, after = _fingerprints(RECIPE), _fingerprints(RECIPE.replace(old, new))
    assert tuple(name for name in LEVELS if before[name] != after[name]) == changed


@given(st.permutations(["name: sound", "seed: 1", "model: builtin:atlas", "vars: {unused: 1, tone: dry}"]))
def test_the_order_of_keys_is_no_identity(lines: list[str]) -> None:
    tree = RECIPE[RECIPE.index("tree:") :]
    assert _fingerprints("\n".join([*lines, tree])) == _fingerprints(RECIPE)


def test_a_template_may_be_renamed(tmp_path: Path) -> None:
    text = RECIPE.replace('"Sum up: {{ answer }}"', "one.j2")
    for name in ("one.j2", "two.j2"):
        (tmp_path / name).write_text("{# header #}\nSum up: {{ answer }}\n")
    renamed = text.replace("one.j2", "two.j2")
    assert _fingerprints(text, tmp_path) == _fingerprints(renamed, tmp_path) == _fingerprints(RECIPE)


def test_what_a_name_refers_to_is_identity() -> None:
    text = """
name: sound
model: builtin:atlas
tree:
  a: {values: [red]}
  b: {values: [blue]}
  question: {role: user, system: "First {{ a }} then {{ b }}"}
  answer: {role: assistant, max_tokens: 64}
  summary: {prompt: "Sum up: {{ answer }} on {{ b }}"}
"""
    swapped = text.replace("a: {values: [red]}", "b: {values: [red]}").replace(
        "b: {values: [blue]", "a: {values: [blue]"
    )
    before, after = (tuple(level.parts for level in _program(given).levels) for given in (text, swapped))
    changed = [
        [name for (name, one), (_, other) in zip(*parts, strict=True) if one != other and name != "ancestors"]
        for parts in zip(before, after, strict=True)
    ]
    assert changed == [[], [], ["system"], ["system"], ["system", "template"]]


def test_levels_that_do_the_same_in_one_place_have_places_of_their_own() -> None:
    program = _program(RECIPE + "  twin: {prompt: 'Sum up: {{ answer }}', max_tokens: 48, under: answer}")
    assert program.level("twin").fingerprint != program.level("summary").fingerprint


def test_a_level_that_is_not_understood_hides_nothing_else() -> None:
    text = RECIPE.replace("role: user", "role: robot").replace(
        "Sum up: {{ answer }}", "{{ question }} {{ anwser }}"
    )
    assert [problem.code for problem in _problems(text)] == ["out-of-range", "unknown-variable"]


def test_a_problem_of_a_shared_template_is_said_once(tmp_path: Path) -> None:
    (tmp_path / "a.j2").write_text("{{ topic")
    text = RECIPE.replace("role: assistant,", "role: assistant, system: a.j2,")
    text = text.replace('"Sum up: {{ answer }}"', "a.j2")
    assert len(_problems(text, tmp_path)) == 1


def test_levels_that_nothing_needs_are_dropped_with_a_warning() -> None:
    text = RECIPE + '  note: {map: "{{ summary }}"}\n  aside: {map: "{{ note }}"}'
    lowered = lower.from_document(source.parse(text, "x.yaml"), AROUND)
    codes = [warning.code for warning in lowered.warnings]
    assert codes == ["unused-var", "unused-level", "unused-level"]
    assert tuple(level.name for level in passes.optimize(lowered.program).levels) == LEVELS


EMIT = "mix: {split: {validation: 0.1, by: topic}}\nemit: [%s]\ntree:"


@pytest.mark.parametrize(
    "paths",
    [
        ("a.json", "a.validation.json"),
        ("a.validation.json", "./a.json"),
        ("a", "a/b.json"),
        ("a/b.json", "a"),
        ("a.validation.json/b", "a.json"),
        ("x/../a.json", "a.json", "a.json"),
    ],
)
def test_no_file_of_any_split_is_in_the_way_of_another(paths: tuple[str, ...]) -> None:
    text = RECIPE.replace("tree:", EMIT % ", ".join(f"{{format: messages, path: {path}}}" for path in paths))
    (problem,) = (problem for problem in _problems(text) if problem.code != "unsafe-path")
    assert problem.code == "duplicate-output"


@pytest.mark.parametrize("path", ["manifest.json", "./manifest.json", "manifest.json/a.json"])
def test_the_manifest_is_no_output(path: str) -> None:
    text = RECIPE.replace("tree:", EMIT % f"{{format: messages, path: {path}}}")
    assert [problem.code for problem in _problems(text)] == ["duplicate-output"]


def test_what_is_known_of_a_mix_is_what_is_written() -> None:
    said = "mix: {split: {validation: 0.5, by: topic}}\nemit: [{format: messages, path: a/b.json}]\ntree:"
    program = _program(RECIPE.replace("tree:", said))
    assert emit.files(program) == ("a/b.json", "a/b.validation.json", "manifest.json")


def _program(text: str, *search: Path) -> ir.Program:
    return lower.from_document(source.parse(text, "x.yaml"), lower.Around(GOOD, (*search, *SEARCH))).program


def _fingerprints(text: str, *search: Path) -> dict[str, str]:
    return {level.name: level.fingerprint for level in _program(text, *search).levels}


def _problems(text: str, *search: Path) -> tuple[Diagnostic, ...]:
    with pytest.raises(RecipeError) as caught:
        _program(text, *search)
    return caught.value.diagnostics


def test_a_model_of_null_is_no_model() -> None:
    text = "name: x\nmodel: null\ntree:\n  question: {role: user}\n  answer: {role: assistant}\n"
    with pytest.raises(RecipeError) as caught:
        lower.from_document(source.parse(text, "x.yaml"), lower.Around(Path(), ()))
    assert {problem.code for problem in caught.value.diagnostics} == {"missing-model"}
