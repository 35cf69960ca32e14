"""LLaVA-NeXT's lists of data sets: `datasets` of `{json_path, sampling_strategy}` in YAML.

Read as `LazySupervisedDataset` of LLaVA-NeXT (commit df17966) reads it; what that takes for everything in silence,
such as a strategy of another name, is told.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from tgc import source
from tgc.errors import Diagnostic, RecipeError
from tgc.lower.around import Around
from tgc.lower.sources.braces import spelled
from tgc.lower.sources.found import Found
from tgc.records import strategy
from tgc.source import Document

KNOWN = "`all`, `first:N`, `end:N` and `random:N` are known, with N a number of rows or `N%`"


def files(path: Path, around: Around, home: Path, seed: int) -> tuple[Found, ...]:
    """The files that a list names, with how much of each; they lie beside it, or where a recipe's data does.

    Raises:
        RecipeError: it is no such list, or names what is not there; all of it at once.
    """
    document = source.load(path, str(path))
    named = document.value.get("datasets") if isinstance(document.value, dict) else None
    if not isinstance(named, list) or not named:
        hint = "a file of conversations ends in `.json`, `.jsonl` or `.parquet`"
        message = "a list `datasets` of `{json_path, sampling_strategy}` should stand here"
        raise RecipeError([Diagnostic("bad-data", message, document.at("datasets"), hint)])
    found: list[Found] = []
    problems: list[Diagnostic] = []
    for index, entry in enumerate(named):
        try:
            found += _entry(document, index, entry, around, (path.parent, home), seed)
        except RecipeError as error:
            problems += error.diagnostics
    if problems:
        raise RecipeError(problems)
    return tuple(found)


def named(path: Path) -> tuple[str, ...]:
    """The files that a list names, each once; none if it is no list, or not all of it can be understood."""
    if path.suffix not in source.SUFFIXES:
        return ()
    try:
        told = source.load(path, str(path)).value
    except RecipeError:
        return ()
    listed = told.get("datasets") if isinstance(told, dict) else None
    entries = listed if isinstance(listed, list) else []
    names = [str(entry["json_path"]) for entry in entries if isinstance(entry, dict) and "json_path" in entry]
    return tuple(dict.fromkeys(one for name in names for one in spelled(name)))


def _entry(
    document: Document, index: int, entry: object, around: Around, homes: tuple[Path, Path], seed: int
) -> Iterator[Found]:
    match entry:
        case {"json_path": str(name), "sampling_strategy": written}:
            pass
        case {"json_path": str(name)}:
            written = "all"
        case _:
            span = document.at("datasets", index)
            raise RecipeError([Diagnostic("bad-data", "a mapping with `json_path` should stand here", span)])
    take = strategy(written, str(seed)) if isinstance(written, str) else None
    if take is None:
        span = document.at("datasets", index, "sampling_strategy")
        shown = "null" if written is None else written
        raise RecipeError([Diagnostic("bad-data", f"`{shown}` is no strategy", span, KNOWN)])
    try:
        yield from [Found(_place(one, around, homes), take) for one in spelled(name)]
    except RecipeError as error:
        span = document.at("datasets", index, "json_path")
        raise RecipeError([replace(problem, span=span) for problem in error.diagnostics]) from error


def _place(name: str, around: Around, homes: tuple[Path, Path]) -> Path:
    beside, home = homes
    return around.data(beside if (beside / name).is_file() else home, name)
