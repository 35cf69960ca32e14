"""Markup that is opened and not closed is named; what is whole, or stands in code, is let pass."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tgc.detect.fences import Block, Prose, parts
from tgc.filters.base import MEASURES, VERDICT
from tgc.filters.markup import ALL, SAYS, Check, Markup

TABLE = "| river | km |\n|---|--:|\n| Danube | 2850 |\n"

LINES = st.text(alphabet="`\n ab").filter(lambda text: "```" not in text)


def nodes(*texts: str) -> pl.DataFrame:
    schema = {"node_id": pl.UInt64, "text": pl.String}
    return pl.DataFrame({"node_id": range(1, len(texts) + 1), "text": texts}, schema=schema)


def reasons(*texts: str) -> list[str | None]:
    return Markup().judge(nodes(*texts))["reason"].to_list()


@pytest.mark.parametrize(
    ("check", "text"),
    [
        ("fence", "Run this:\n```python\nprint(1)\n"),
        ("fence", "```\na\n```\n- then\n  ````md\n  ```\n"),
        ("table", TABLE + "| Rhine | 1230 | Basel |\n"),
        ("table", "| a | b |\n|---|\n| 1 | 2 |"),
        ("table", "| a | b |\n|---|---|\n" * 5_000 + "| c | d | e |"),
        ("html", "It is <b>bold."),
        ("html", "<b><i>crossed</b></i>"),
        ("html", "<think>First, I"),
        ("html", "done</div>"),
        ("latex", r"So \(x = 1, and \) is missing: \["),
        ("latex", "$$x = 1"),
        ("latex", r"\begin{align}x\end{aligned}"),
        ("latex", r"$$\left(\frac{1}{2}$$"),
        ("token", "Hello!<|im_end|>"),
        ("token", "[INST] Why? [/INST]"),
        ("token", "Because.</s>"),
        ("token", "Fine.\n### Instruction:\nGo on"),
        ("token", "<end_of_turn>"),
        ("json", '{"name": "Ann", "age": 4'),
        ("json", '[{"name": "Ann"}, {"name":]'),
        ("json", '{"a":' * 50_000),
    ],
)
def test_what_is_broken_is_named(check: Check, text: str) -> None:
    assert reasons(text) == [SAYS[check]]


@pytest.mark.parametrize(
    "text",
    [
        "```python\nprint('```')\n```",
        "- one\n\n  ```sh\n  ls\n  ```\n- two ```inline``` and ``a ` b``",
        "Heading\n~~~~~~~\nand ~~struck~~",
        TABLE + "| Rhine | \n\n| Oder | 854 | is prose |",
        "a | b\n--|--\n1 | 2 \\| 3",
        "| a | b |\n|---|---|\n| c |\n|---|\n| d | e |",
        "| a |\n|---|\n| `x \\| y` |",
        "Either a | b, - or | c - | d.",
        "<p>One<br>Two<hr/><img src='x'><li>Three <b>bold</b> <B>Bold</B>",
        "<details><summary>More</summary>\n\ntext</details> 1 < 2 and a<b, vector<int> x; List<String>",
        "Use `<div>` and `</s>`; <s>old</s> new",
        "It costs $5, or $$ in slang $$; \\$ is a dollar",
        r"\[ \begin{pmatrix} a \\[2pt] b \end{pmatrix} \] and \( \left\{ x \right. \) and \leftarrow",
        "```\n<b> \\[ $$ <|im_end|> | a |\n```",
        "Arrays begin with [INS] or <|",
        '{"name": "Ann"}',
        '{"name": "Ann"}\nThat is all.',
        "[1] Brown et al. [2] Rae et al.",
        '["quoted" text](http://site.org)',
        "{curly} braces { and } more",
        "",
    ],
)
def test_what_is_whole_is_let_pass(text: str) -> None:
    assert reasons(text) == [None]


def test_checks_say_what_counts_and_measure_nothing_anew() -> None:
    text = "<b><|eot_id|>\n```"
    verdicts = Markup(checks=("token", "latex")).judge(nodes(text))
    assert dict(verdicts.schema) == VERDICT
    assert verdicts.row(0) == (1, False, "a token of a chat template is left", 1.0)
    assert Markup().judge(nodes(text))["score"].item() == 3.0
    assert len({Markup(checks=(check,)).metric for check in ALL}) == 1


@given(st.lists(st.tuples(LINES, LINES)), LINES)
def test_parts_are_what_a_text_was_made_of(made: list[tuple[str, str]], last: str) -> None:
    text = "".join(f"{told}\n````py\n{code}\n`````\n" for told, code in made) + last
    expected = [part for told, code in made for part in (Prose(told), Block("py", code, closed=True))]
    assert list(parts(text)) == [*expected, Prose(last)]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text() | st.text('`|-<>/b$\\()[]{}" \n'), max_size=5))
def test_any_text_has_one_measure(texts: list[str]) -> None:
    measured = Markup().measure(nodes(*texts))
    assert dict(measured.schema) == MEASURES
    assert measured["node_id"].to_list() == list(range(1, len(texts) + 1))
