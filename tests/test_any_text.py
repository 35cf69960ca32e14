import re
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tgc import lower
from tgc.errors import Diagnostic, RecipeError
from tgc.source.extent import Source
from tgc.source.parser import compose

HOME = Path(__file__).parent / "recipes"
TEXTS = sorted(path.read_bytes().decode("utf-8", "replace") for path in HOME.rglob("*.yaml"))
ODD = [
    "{",
    "]",
    ":",
    "\n",
    "'",
    "-1",
    "true",
    "~",
    "{{",
    "%}",
    "&a ",
    "*a",
    "!x",
    "null",
    "[]",
    "{}",
    "1e400",
]
ODD += ["when: ", "depth: 2", "examples: ", "answers: ", "{list: str}", "1..5", "a | b", "parent", "ordinal"]
ODD += ["score: ", "text: ", "prompt: ", "tags: ", "{kind: score, min: 1}", "topic: {values: [a]}\n"]
ODD += ['"\\0"', ".nan", "x" * 5_000, "under: ", "role: user", "{{ topic }}", "\t", "é", "0"]


@st.composite
def mistaken(draw: st.DrawFn) -> str:
    """A recipe in which some words are others."""
    text = draw(st.sampled_from(TEXTS))
    for _ in range(draw(st.integers(1, 3))):
        words = re.findall(r"[\w./-]+", text) or ["name"]
        text = text.replace(draw(st.sampled_from(words)), draw(st.sampled_from([*ODD, *words])), 1)
    return text


@given(mistaken())
def test_any_recipe_is_sound_or_gets_diagnostics_with_a_place(text: str) -> None:
    assert all(problem.span for problem in _found(text))


def _found(text: str) -> tuple[Diagnostic, ...]:
    try:
        document = compose(Source("x.yaml", text), text)
        return lower.from_document(
            document, lower.Around(HOME / "bad", (HOME / "bad" / "templates",))
        ).warnings
    except RecipeError as error:
        return error.diagnostics
