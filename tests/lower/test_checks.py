"""One mistake is said once, where it is, and nothing else is said because of it."""

from pathlib import Path

import pytest

from tgc import assets, lower, source
from tgc.errors import Diagnostic, RecipeError
from tgc.source.extent import Source
from tgc.source.parser import compose

HOME = Path(__file__).parents[1] / "recipes" / "good"
AROUND = lower.Around(HOME, (HOME / "templates", assets.root() / "templates"))
SOUND = """\
name: sound
model: builtin:atlas
models: {judge: builtin:atlas}
vars: {tone: dry}
tree:
  topic: {values: [{name: physics, level: school}, {name: law, level: university}]}
  area:
    prompt: "Parts of {{ parent }}, in a {{ tone }} way."
    answers: {list: str}
    branch: 3
    depth: 2
    max_tokens: 16
  card:
    prompt: "{{ examples | join }} on {{ area }}"
    answers: {question: str, difficulty: easy | hard}
    examples: {from: data/questions.txt, k: 2}
    when: "{{ topic.level == 'school' }}"
    tags: [cards]
    max_tokens: 64
  question: {map: "{{ card.question }}", speaks: user}
  answer: {role: assistant, system: "Be brief.", branch: 2, max_tokens: 64}
  stars: {score: "Rate {{ answer }}.", model: judge, max_tokens: 8}
  verdict: {score: "Good? {{ answer }}", answers: good | bad, under: answer, max_tokens: 8}
  essay: {text: "On {{ topic }}:", under: topic, max_tokens: 64, stop: ["."]}
filters:
  - {kind: length, level: answer, min_tokens: 8}
  - {kind: score, level: stars, min: 3}
  - {kind: score, level: verdict, accept: [good]}
mix: {size: 10, balance: [topic, stars], split: {validation: 0.2, by: card}}
emit: [{format: messages, path: mix.jsonl}]
"""
MISTAKES = [
    ("{{ card.question }}", "{{ 'crad' ~ crad }}", "unknown-variable", 20, "crad"),
    ("{{ card.question }}", "{{ card['level'] }}", "unknown-field", 20, "level"),
    ("{{ card.question }}", r"{{ card[\"level\"] }}", "unknown-field", 20, "level"),
    ("models: {judge: builtin:atlas}", "models: {judge: builtin:atlsa}", "unknown-model", 3, "builtin:atlsa"),
    ("vars: {tone: dry}", "vars: {tonne: dry}", "unknown-variable", 8, "tone"),
    ("{name: physics, level: school}", "{name: physics}", "unknown-field", 17, "level"),
    ("{{ parent }}", "{{ area }}", "unknown-variable", 8, "area"),
    ("{{ parent }}", "{{ parent.era }}", "unknown-field", 8, "era"),
    ("answers: {list: str}", "answers: {list: string}", "bad-answers", 9, "string"),
    ("answers: {list: str}", "answers: [str]", "bad-answers", 9, "[str]"),
    ("branch: 3", "branch: many", "wrong-type", 10, "many"),
    ("when:", "branch: 300_000\n    when:", "fan-out", 17, "300_000"),
    ("when:", "distinct: {by: mmr}\n    when:", "distinct-alone", 17, "{by: mmr}"),
    ("depth: 2", "depth: 99", "out-of-range", 11, "99"),
    ("depth: 2", "depht: 2", "unknown-key", 11, "depht"),
    ("max_tokens: 16", 'max_tokens: "16"', "wrong-type", 12, '"16"'),
    ("max_tokens: 16", "max_tokens: 300", "context-overflow", 12, "300"),
    ("{{ area }}", "{{ areas }}", "unknown-variable", 14, "areas"),
    ("{{ area }}", "{{ area.level }}", "unknown-field", 14, "level"),
    ("{{ examples | join }}", "Questions", "unused-examples", 16, "{from: data/questions.txt, k: 2}"),
    ("{question: str, d", "{question: strg, d", "bad-answers", 15, "strg"),
    ("{question: str, d", "{questions: str, d", "unknown-field", 20, "question"),
    ("k: 2", "k: 3", "few-examples", 16, "3"),
    ("k: 2", "n: 2", "unknown-key", 16, "n"),
    ("data/questions.txt", "data/question.txt", "missing-file", 16, "data/question.txt"),
    (
        "examples: {from: data/questions.txt, k: 2}",
        "examples: data/questions.txt",
        "wrong-type",
        16,
        "data/questions.txt",
    ),
    ("topic.level ==", "topic.levle ==", "unknown-field", 17, "levle"),
    ("topic.level ==", "ordinal ==", "unknown-variable", 17, "ordinal"),
    (
        "{{ topic.level == 'school' }}",
        "topic.level == 'school'",
        "constant-condition",
        17,
        "\"topic.level == 'school'\"",
    ),
    ("tags: [cards]", "tags: cards", "wrong-type", 18, "cards"),
    ("{{ card.question }}", "{{ card.questoin }}", "unknown-field", 20, "questoin"),
    ("speaks: user", "speaks: usr", "out-of-range", 20, "usr"),
    ("speaks: user", "role: user", "level-kind", 20, "question"),
    ("role: assistant", "role: asistant", "out-of-range", 21, "asistant"),
    ("role: assistant", "rol: assistant", "unknown-key", 21, "rol"),
    ("role: assistant", "role: user", "role-order", 21, "user"),
    ("role: assistant", "role: assistant, depth: 2", "role-order", 21, "2"),
    ("role: assistant", "role: assistant, answers: text", "unknown-key", 21, "answers"),
    ("branch: 2, max", "branch: 2, sampling: {temperature: 0}, max", "greedy-branches", 21, "2"),
    ("branch: 2, max", "branch: 2, sampling: {top_k: 1}, max", "greedy-branches", 21, "2"),
    ("Rate {{ answer }}.", "Rate {{ question }}.", "blind-score", 22, '"Rate {{ question }}."'),
    ("Rate {{ answer }}.", "Rate {{ anwser }}.", "unknown-variable", 22, "anwser"),
    ('Rate {{ answer }}.",', 'Rate {{ answer }}.", answers: 5..1,', "bad-answers", 22, "5..1"),
    ('Rate {{ answer }}.",', 'Rate {{ answer }}.", answers: text,', "bad-answers", 22, "text"),
    ("model: judge", "model: jugde", "unknown-model", 22, "jugde"),
    ("answers: good | bad", "answers: 1..5", "wrong-scale", 28, "[good]"),
    ("under: answer", "under: answr", "unknown-level", 23, "answr"),
    ("{text: ", "{system: Be brief., text: ", "unknown-key", 24, "system"),
    ("min_tokens: 8", "min_tokens: 80", "rejects-all", 26, "80"),
    ("min_tokens: 8", "min_tokens: eight", "wrong-type", 26, "eight"),
    ("min: 3", "min: 7", "out-of-range", 27, "7"),
    ("min: 3", "min: 1", "idle-filter", 27, "1"),
    ("min: 3", "accept: [good]", "wrong-scale", 27, "[good]"),
    ("min: 3", "min: high", "wrong-type", 27, "high"),
    ("level: stars, min", "level: answer, min", "not-a-score", 27, "answer"),
    ("level: stars, min", "level: 5, min", "wrong-type", 27, "5"),
    ("accept: [good]", "accept: [fine]", "out-of-range", 28, "fine"),
    ("accept: [good]", "accept: good", "wrong-type", 28, "good"),
    ("size: 10", "size: 1_000", "short-mix", 29, "1_000"),
    ("balance: [topic", "balance: [essay", "off-path", 29, "essay"),
    ("0.2, by: card", "0.9, by: topic", "empty-split", 29, "0.9"),
    ("vars: {tone", "vars: {rest: 1, tone", "unused-var", 4, "rest"),
    ("models: {judge", "models: {rest: builtin:atlas, judge", "unused-model", 3, "rest"),
    ("model: builtin:atlas\nm", "model: !x builtin:atlas\nm", "unknown-tag", 2, "!x builtin:atlas"),
    ("  essay:", "  card: {}\n  essay:", "duplicate-key", 24, "card"),
    ("level: stars, min", "level: stars, level: stars, min", "duplicate-key", 27, "level"),
]


def test_the_recipe_that_mistakes_are_put_into_is_sound() -> None:
    assert _found(SOUND) == ()


@pytest.mark.parametrize(("right", "wrong", "code", "line", "blamed"), MISTAKES)
def test_a_mistake_is_said_once_and_where_it_is(
    right: str, wrong: str, code: str, line: int, blamed: str
) -> None:
    assert right in SOUND
    (problem,) = _found(SOUND.replace(right, wrong, 1))
    assert problem.span
    start = problem.span.column - 1
    shown = problem.span.text[start : start + problem.span.length]
    assert (problem.code, problem.span.line, shown) == (code, line, blamed)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("{question: strg, d", "{{ card.questoin }}"),
        ("branch: many", "role: user"),
        ("tags: cards", "topic.level == 'school'"),
        ("{{ areas }}", "min: 7"),
        ("depht: 2", "model: jugde"),
    ],
)
def test_no_mistake_hides_another(one: str, other: str) -> None:
    text, wanted = SOUND, list[str]()
    for right, wrong, code, *_ in MISTAKES:
        if wrong in (one, other) and "speaks" not in right:
            text, wanted = text.replace(right, wrong, 1), [*wanted, code]
    assert sorted(problem.code for problem in _found(text)) == sorted(wanted)


def test_a_text_can_be_continued_by_a_model_that_cannot_chat() -> None:
    home = HOME.parent / "bad"
    text = "name: x\nmodel: mute_model\ntree:\n  essay: {text: 'On law:', max_tokens: 64}\n"
    around = lower.Around(home, ())
    assert lower.from_document(source.parse(text, str(home / "x.yaml")), around).warnings == ()


def test_one_level_with_an_unknown_parent_is_all_that_is_said_of_those_below() -> None:
    text = SOUND.replace("speaks: user}", "speaks: user, under: crad}")
    assert [problem.code for problem in _found(text)] == ["unknown-level"]


def _found(text: str) -> tuple[Diagnostic, ...]:
    try:
        return lower.from_document(compose(Source(str(HOME / "x.yaml"), text), text), AROUND).warnings
    except RecipeError as error:
        return error.diagnostics
