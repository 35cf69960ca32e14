import pytest

from tgc import recipe, source
from tgc.errors import Diagnostic, RecipeError

SOUND = """
name: sound
tree:
  topic: {values: [physics, law]}
  question: {role: user, branch: 4}
"""


def test_defaults_are_filled() -> None:
    written = recipe.parse(source.parse(SOUND, "x.yaml"))
    question = written.tree["question"]
    assert isinstance(question, recipe.Turn)
    assert (written.seed, written.limits.nodes, question.max_tokens) == (0, 1_000_000, 256)


def test_a_level_is_what_its_one_key_says() -> None:
    text = "name: x\ntree: {a: {values: [b]}, c: {role: user}, d: {prompt: a.j2}, e: {map: a.j2}}"
    kinds = [type(level) for level in recipe.parse(source.parse(text, "x.yaml")).tree.values()]
    assert kinds == [recipe.Values, recipe.Turn, recipe.Prompt, recipe.Map]


def test_plug_ins_are_made_of_their_own_options() -> None:
    text = SOUND + "filters: [{kind: refusal, level: question}]\nemit: [{format: messages, path: a.jsonl}]"
    written = recipe.parse(source.parse(text, "x.yaml"))
    assert [given.kind for given in written.filters] == ["refusal"]
    assert [given.format for given in written.emit] == ["messages"]


def test_a_wrong_option_does_not_cost_the_rest_of_its_level() -> None:
    text = SOUND + "  answer: {role: assistant, branch: many, max_tokens: 9, tone: dry}"
    reading = recipe.read(source.parse(text, "x.yaml"))
    answer = reading.recipe.tree["answer"]
    assert isinstance(answer, recipe.Turn)
    assert (answer.branch, answer.max_tokens) == (1, 9)
    assert sorted(_codes(text)) == ["unknown-key", "wrong-type"]


def test_a_level_that_is_lost_is_named() -> None:
    text = (
        SOUND + "  answer: {branch: 2}\n  reply: {role: usr}\n  last: {role: user, values: [why]}\n  none: 5"
    )
    assert recipe.read(source.parse(text, "x.yaml")).lost == {"answer", "reply", "last", "none"}


@pytest.mark.parametrize(
    "level", ["{branch: 0}", "{role: usr, branch: 0}", "{prompt: 5, branch: 0, answers: text}"]
)
def test_what_a_level_says_besides_is_checked_if_it_is_not_known_what_it_does(level: str) -> None:
    assert len(_codes(SOUND + f"  answer: {level}")) == 2


@pytest.mark.parametrize("key", ["promt", "rol", "vlaues", "scores", "txet"])
def test_a_level_that_misspells_what_it_does_is_told_so_at_that_key(key: str) -> None:
    (problem,) = _problems(SOUND + f"  answer: {{{key}: user}}")
    assert (problem.code, problem.span and problem.span.column) == ("unknown-key", 12)


def test_of_two_things_that_a_level_does_the_keys_of_both_are_known() -> None:
    text = SOUND + "  answer: {prompt: Why, role: user, speaks: user, answers: text, tone: dry}"
    assert _codes(text) == ["level-kind", "unknown-key"]


def test_a_key_of_other_levels_is_said_to_be_theirs() -> None:
    (problem,) = _problems(SOUND + "  answer: {role: user, answers: text}")
    assert problem.hint == "`answers` is for levels with `prompt` or `score`"


@pytest.mark.parametrize(
    ("option", "hint"),
    [
        ('min_tokens: "5"', "without quotes: `5`"),
        ("min_tokens: five", None),
        ("min_tokens: 5, early: yes", None),
    ],
)
def test_options_of_filters_are_of_the_type_they_are_written_as(option: str, hint: str | None) -> None:
    (problem,) = _problems(SOUND + f"filters: [{{kind: length, {option}}}]")
    assert (problem.code, problem.hint) == ("wrong-type", hint)


def test_every_bad_field_of_an_answer_is_said() -> None:
    text = SOUND + "  card: {prompt: Why, answers: {list: {a: string, b: str, c: easy |}}}"
    places = [problem.span and problem.span.column for problem in _problems(text)]
    assert places == [43, 62]


def test_one_mistake_is_said_once() -> None:
    assert _codes(SOUND + "  answer: {role: robot}") == ["out-of-range"]
    assert _codes(SOUND + "  answer: {role: user, distinct: {by: magic}}") == ["out-of-range"]
    assert _codes(SOUND + "filters: [{kind: near_duplicate, level: answer, treshold: 0.7}]") == [
        "unknown-key"
    ]


def test_positions_stay_exact_after_items_of_a_list_are_given_up() -> None:
    text = (
        SOUND
        + "filters:\n  - {kind: nothing}\n  - {kind: refusal, levle: question}\n  - 5\n  - {kind: never}\n"
    )
    found = _problems(text)
    assert [(problem.code, problem.span and problem.span.line) for problem in found] == [
        ("unknown-filter", 7),
        ("unknown-key", 8),
        ("wrong-type", 9),
        ("unknown-filter", 10),
    ]


@pytest.mark.parametrize("text", ["[]", "5", "just text"])
def test_a_document_that_is_no_mapping_is_refused(text: str) -> None:
    assert _codes(text) == ["wrong-type"]


@pytest.mark.parametrize(
    "line",
    [
        "tree: []",
        "tree: {a: 5}",
        "tree: {a: [b]}",
        "filters: {}",
        "emit: [[]]",
        "mix: []",
        "models: [a]",
        "vars: 5",
    ],
)
def test_any_shape_gets_a_diagnostic(line: str) -> None:
    kept = "name: x\n" if line.startswith("tree") else SOUND
    assert _codes(kept + line) == ["wrong-type"]


@pytest.mark.parametrize("name", ["x", "tg-sft_2", "0"])
def test_a_name_may_be_a_file_name(name: str) -> None:
    assert recipe.parse(source.parse(SOUND.replace("sound", f"'{name}'"), "x.yaml")).name == name


@pytest.mark.parametrize("name", ["X", "a b", "../a", "-a", "", "a/b", "a" * 65, "é"])
def test_a_name_may_be_nothing_else(name: str) -> None:
    assert _codes(SOUND.replace("sound", f"'{name}'")) == ["bad-name"]


@pytest.mark.parametrize("name", ["train", "X", "a b", "../a", "a/b", "-a", "a.b", "''", "é", "a" * 65])
def test_a_split_is_a_word_and_another_than_train(name: str) -> None:
    (problem,) = _problems(SOUND + f"mix: {{split: {{{name}: 0.1, by: topic}}}}")
    assert (problem.code, problem.span and (problem.span.line, problem.span.column)) == ("bad-name", (6, 15))


def test_aliases_of_one_value_are_told_apart() -> None:
    text = "name: x\ntree:\n  a: &a {role: user, branch: 0}\n  b: *a\n"
    assert _codes(text) == ["out-of-range", "out-of-range"]


def _codes(text: str) -> list[str]:
    return [problem.code for problem in _problems(text)]


def _problems(text: str) -> tuple[Diagnostic, ...]:
    with pytest.raises(RecipeError) as caught:
        recipe.parse(source.parse(text, "x.yaml"))
    return caught.value.diagnostics
