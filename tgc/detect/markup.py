"""Markup that is broken: opened and never closed, or never meant to be seen."""

import json
import re
from collections.abc import Iterator

from tgc.detect.fences import blocks, prose
from tgc.detect.kind import Kind

TOKEN = re.compile(
    r"<\|[a-z0-9_]{1,32}\|>|\[/?INST\]|<</?SYS>>|</?(?:start|end)_of_turn>|<(?:start|end)_of_turn>"
    r"|<(?:bos|eos|pad|unk)>|^### (?:Instruction|Response|Human|Assistant):|(?P<end></s>)",
    re.MULTILINE,
)
"""What chat templates of Llama 2 and 3, ChatML, Gemma, Phi, Alpaca and Vicuna put around turns."""

TAG = re.compile(r"<(?P<end>/?)(?P<name>[A-Za-z][A-Za-z0-9]*)(?:\s[^<>]*)?(?P<alone>/?)>")

_PAIRED = """
a abbr article aside b big blockquote body button center cite code del details dfn div dl em fieldset figcaption
figure font footer form h1 h2 h3 h4 h5 h6 head header html i iframe ins kbd label main mark nav ol pre q samp
script section select small span strike strong style sub summary sup svg table textarea think title tt u ul var
video
"""
PAIRED = frozenset(_PAIRED.split())
"""Elements of HTML whose end tag may not be left out, and `think`, in which models reason."""

MATHS = re.compile(
    r"\\\\|(?P<dollars>\$\$)|\\(?P<sign>[()\[\]])|\\(?P<what>begin|end)\{(?P<name>[^{}\n]{1,40})\}"
    r"|\\(?P<side>left|right)(?![A-Za-z])"
)
CLOSING = {")": "(", "]": "["}

DELIMITER = re.compile(r"\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*")
CELL_END = re.compile(r"(?<!\\)\|")

OBJECT = re.compile(r"\s*(?:\{\s*[\"}]|\[\s*(?:[{\[]|\"[^\"\n]*\"\s*,))")
"""How a text begins that is JSON as a whole."""

Step = tuple[bool, str]
"""Whether something opens or closes, and what."""


def unclosed_fences(text: str) -> int:
    """How many code fences are open at the end: one or none."""
    return sum(not block.closed for block in blocks(text))


def ragged_tables(text: str) -> int:
    """How many tables have a row wider than the header, or delimiters of another number (GFM 4.10)."""
    return sum(map(_ragged, _tables(prose(text).split("\n"))))


def unpaired_tags(text: str) -> int:
    """How many HTML tags have no partner, of elements that need both."""
    return _unpaired(_tags(prose(text)))


def unpaired_maths(text: str) -> int:
    r"""How many delimiters of LaTeX have no partner: `$$`, `\(`, `\[`, `\begin`, `\left`.

    A single `$` is money as often as maths, and is not looked at.
    """
    return _unpaired(_maths(prose(text)))


def template_tokens(text: str) -> int:
    """How many tokens of chat templates are left, outside of code; `</s>` after `<s>` is HTML."""
    told = prose(text)
    struck = "<s>" in told
    return sum(not (match["end"] and struck) for match in TOKEN.finditer(told))


def broken_json(text: str) -> int:
    """1 for a text that begins as JSON and is not such a value, with or without a text after it."""
    if not OBJECT.match(text):
        return 0
    try:
        json.JSONDecoder(parse_int=str).raw_decode(text.lstrip())
    except (ValueError, RecursionError):
        return 1
    return 0


def _delimits(line: str) -> bool:
    return "|" in line and DELIMITER.fullmatch(line) is not None


def _tables(lines: list[str]) -> Iterator[list[str]]:
    """The lines of each table; delimiters further down are a row of it."""
    at = 1
    while at < len(lines):
        if "|" in lines[at - 1] and _delimits(lines[at]):
            end = next((below for below in range(at + 1, len(lines)) if "|" not in lines[below]), len(lines))
            yield lines[at - 1 : end]
            at = end
        at += 1


def _ragged(table: list[str]) -> bool:
    head, delimiters, *rows = map(_cells, table)
    return delimiters != head or any(row > head for row in rows)


def _cells(row: str) -> int:
    bare = row.strip()
    inner = bare.removeprefix("|")
    inner = inner[:-1] if inner.endswith("|") and not inner.endswith("\\|") else inner
    return len(CELL_END.findall(inner)) + 1


def _tags(text: str) -> Iterator[Step]:
    for match in TAG.finditer(text):
        name = match["name"].lower()
        if name in PAIRED and not match["alone"]:
            yield not match["end"], name


def _maths(text: str) -> Iterator[Step]:
    inside = False
    for match in MATHS.finditer(text):
        if match["dollars"]:
            inside = not inside
            yield inside, "$$"
        elif match["sign"]:
            yield match["sign"] not in CLOSING, CLOSING.get(match["sign"], match["sign"])
        elif match["what"]:
            yield match["what"] == "begin", match["name"]
        elif match["side"]:
            yield match["side"] == "left", "left"


def _unpaired(steps: Iterator[Step]) -> int:
    """What closes nothing that is open innermost, and what stays open."""
    open_, stray = list[str](), 0
    for opens, name in steps:
        if opens:
            open_.append(name)
        elif open_ and open_[-1] == name:
            open_.pop()
        else:
            stray += 1
    return stray + len(open_)


KINDS: tuple[Kind, ...] = (
    Kind("fence", "```", unclosed_fences),
    Kind("table", r"-:?\s*\||\|\s*:?-", ragged_tables),
    Kind("html", "<[A-Za-z/]", unpaired_tags),
    Kind("latex", r"\$\$|\\[()\[\]belr]", unpaired_maths),
    Kind("token", r"<\||\[/?INST\]|<</?SYS>>|</s>|_of_turn>|<[beups][a-z]+>|### ", template_tokens),
    Kind("json", r"^\s*[{\[]", broken_json),
)
