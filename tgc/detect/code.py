"""Code that does not parse. Nothing is ever run: parsers only, and of YAML not even values are made."""

import ast
import json
import textwrap
import tomllib
import warnings
from collections.abc import Callable, Iterator, Mapping

import yaml

from tgc.detect.fences import blocks

NAMES = {
    "py": "python",
    "python3": "python",
    "jsonl": "jsonlines",
    "ndjson": "jsonlines",
    "yml": "yaml",
}
"""Other names of the languages of `PARSERS`."""

LONGEST = 20_000
"""Characters of the longest block that is judged; libyaml takes the square of what is nested, 15 s for 100,000."""


def broken(text: str, languages: frozenset[str]) -> tuple[int, str] | None:
    """How many fenced blocks in one of `languages` do not parse, and which is the first: its number and language.

    None where no block is in one of them; the second is empty where all parse.
    """
    found = list(_judged(text, languages))
    if not found:
        return None
    bad = [f"{number} ({language})" for number, language, parsed in found if not parsed]
    return len(bad), next(iter(bad), "")


def parses(language: str, code: str) -> bool:
    """Whether code is right by the grammar of one of `PARSERS`.

    >>> parses("python", "x = (1,"), parses("json", "[1]")
    (False, True)
    """
    try:
        PARSERS[language](code)
    except (ValueError, SyntaxError, RecursionError, MemoryError, yaml.YAMLError):
        return False
    return True


def _judged(text: str, languages: frozenset[str]) -> Iterator[tuple[int, str, bool]]:
    for number, block in enumerate(blocks(text), start=1):
        language = NAMES.get(block.language, block.language)
        if language in languages and len(block.text) <= LONGEST and not _session(block.text):
            yield number, language, parses(language, textwrap.dedent(block.text))


def _session(code: str) -> bool:
    """What was typed at a prompt and what came back, which is no program."""
    return code.lstrip().startswith((">>> ", "$ ", "In ["))


def _python(code: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ast.parse(code)


def _json(code: str) -> None:
    json.loads(code, parse_int=str)


def _jsonlines(code: str) -> None:
    for line in filter(str.strip, code.split("\n")):
        _json(line)


def _yaml(code: str) -> None:
    loader = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
    for _ in yaml.parse(code, Loader=loader):
        pass


def _toml(code: str) -> None:
    tomllib.loads(code)


PARSERS: Mapping[str, Callable[[str], None]] = {
    "python": _python,
    "json": _json,
    "jsonlines": _jsonlines,
    "yaml": _yaml,
    "toml": _toml,
}
