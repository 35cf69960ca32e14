import json

from tgc import source
from tgc.errors import Diagnostic
from tgc.render import diagnostics

TEXT = "name: x\n学名:\t{branch: \x1b[31m, role: 中文}\n"
START = TEXT.index("role")
ERROR = Diagnostic(
    "bad-value", "`role`: 100%, no", source.span("a,b.yaml", TEXT, START, START + 8), "say `user`"
)
WARNING = Diagnostic("odd", "nothing to point at", severity="warning")


def test_carets_stand_under_wide_characters_and_nothing_steers_the_terminal() -> None:
    assert diagnostics.human([ERROR]) == (
        "error[bad-value]: `role`: 100%, no\n"
        " --> a,b.yaml:2:21\n"
        "  |\n"
        "2 | 学名: {branch:  [31m, role: 中文}\n"
        "  |                       ^^^^^^^^^^\n"
        "hint: say `user`"
    )


def test_diagnostics_are_set_apart_and_need_no_place() -> None:
    assert diagnostics.human([WARNING, WARNING]) == "\n\n".join(["warning[odd]: nothing to point at"] * 2)


def test_colour_adds_nothing_but_colour() -> None:
    coloured = diagnostics.human([ERROR], colour=True)
    assert coloured.count("\033[1;31m") == 2
    assert coloured.replace("\033[1;31m", "").replace("\033[1;34m", "").replace(
        "\033[0m", ""
    ) == diagnostics.human([ERROR])


def test_a_long_line_is_cut_down_around_the_place() -> None:
    text = "x" * 300 + "HERE" + "y" * 300
    shown = diagnostics.human([Diagnostic("odd", "long", source.span("a", text, 300, 304))]).splitlines()
    line, caret = shown[-2], shown[-1]
    assert len(line) < 120
    assert line[caret.index("^") : caret.rindex("^") + 1] == "HERE"


def test_concise_is_one_line_each() -> None:
    expected = "a,b.yaml:2:21: error: `role`: 100%, no [bad-value]\nwarning: nothing to point at [odd]"
    assert diagnostics.concise([ERROR, WARNING]) == expected


def test_json_has_everything() -> None:
    error, warning = json.loads(diagnostics.as_json([ERROR, WARNING]))
    assert (error["path"], error["line"], error["column"], error["length"]) == ("a,b.yaml", 2, 21, 8)
    assert (error["code"], error["hint"], error["severity"]) == ("bad-value", "say `user`", "error")
    assert warning["line"] is None


def test_github_gets_annotations_with_its_own_escapes() -> None:
    expected = (
        "::error file=a%2Cb.yaml,line=2,col=21,endColumn=29,title=bad-value::`role`: 100%25, no%0Asay `user`"
    )
    assert diagnostics.github([ERROR]) == expected
    assert diagnostics.github([WARNING]) == "::warning title=odd::nothing to point at"
