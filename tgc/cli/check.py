"""The command that finds what is wrong: with recipes before anything runs, with files of rows before training."""

import sys
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tgc.cli.shared import root, terms, variables
from tgc.counts import count
from tgc.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from tgc.errors import Diagnostic
    from tgc.formats.base import Format
    from tgc.linting import Pictures, Tokens
    from tgc.lock import Terms

PROFILES = "profiles.yaml"
"""Lies beside the recipes, and so gets checked with them."""

ROWS = (".json", ".jsonl", ".parquet")
"""How the names of files of rows end."""


@dataclass(frozen=True, slots=True)
class Readers:
    """Who is to read a mix: formats by name, where their images are, the model, and how many tokens it takes."""

    names: tuple[str, ...]
    images: Path | None
    tokenizer: Path | None
    max_tokens: int | None


def readers(command: "Callable[..., None]") -> "Callable[..., None]":
    """Give a command the options that say who is to read a mix, as one argument `readers`."""

    @click.option(
        "--for", "names", multiple=True, metavar="FORMAT", help="Who reads a mix; may be given again."
    )
    @click.option("--images", type=click.Path(path_type=Path), help="Folder in which paths of images begin.")
    @click.option("--tokenizer", type=click.Path(path_type=Path), help="Folder of the model that it trains.")
    @click.option("--max-tokens", type=click.IntRange(1), help="Tokens of a row beyond which it is cut.")
    @wraps(command)
    def wrapped(
        *,
        names: tuple[str, ...],
        images: Path | None,
        tokenizer: Path | None,
        max_tokens: int | None,
        **given: object,
    ) -> None:
        command(readers=Readers(names, images, tokenizer, max_tokens), **given)

    return wrapped


@click.command()
@click.argument("files", metavar="RECIPE|MIX…", nargs=-1, required=True, type=click.Path(path_type=Path))
@readers
@click.option("--format", "form", type=click.Choice(["human", "concise", "json", "github"]), default="human")
@root
@variables
@terms
def check(
    files: tuple[Path, ...],
    readers: Readers,
    form: str,
    root: Path | None,
    variables: "Mapping[str, str]",
    terms: "Terms",
) -> None:
    """Find everything that is wrong with recipes, before a GPU warms up, or with mixes, whoever has made them.

    A mix is a JSON array in `.json`, JSON lines in `.jsonl`, or `.parquet`. Who is to read it is known of one that
    a build has written.
    """
    mixes = [path for path in files if path.suffix in ROWS]
    if not mixes and not readers.names:
        _check_recipes([_problems(path, root, variables, terms) for path in files], form)
    elif len(mixes) < len(files):
        raise UsageError(
            "`--for` is of mixes, and a mix ends in `.json`, `.jsonl` or `.parquet`",
            "recipes are checked without it",
        )
    else:
        _check_mixes(mixes, readers, form)


COMMANDS = (check,)


def _check_recipes(problems: "list[tuple[Diagnostic, ...]]", form: str) -> None:
    found = [diagnostic for ones in problems for diagnostic in ones]
    if found or form == "json":
        click.echo(_screen(form)(found))
    errors = sum(diagnostic.severity == "error" for diagnostic in found)
    click.echo(f"{count(len(problems), 'file')} checked, {count(errors, 'error')}", err=True)
    sys.exit(2 if errors else 0)


def _check_mixes(mixes: "list[Path]", readers: Readers, form: str) -> None:
    from tgc.linting import lint
    from tgc.render import lint as screen

    known = _known()
    checks: tuple[Tokens | Pictures, ...] = (*_tokens(readers), *_pictures(readers))
    clients = [_clients(path, readers.names, known) for path in mixes]
    reports = [lint(path, ones, *checks) for path, ones in zip(mixes, clients, strict=True)]
    found = screen.diagnostics(reports)
    if form == "json":
        click.echo(screen.as_json(reports))
    elif found:
        click.echo(_screen(form)(found))
    for report, ones in zip(reports, clients, strict=True):
        click.echo(screen.summary(report, [client.format for client in ones]), err=True)
    sys.exit(2 if found else 0)


def _screen(form: str) -> "Callable[[Iterable[Diagnostic]], str]":
    from tgc.render import diagnostics

    return {
        "human": diagnostics.human,
        "concise": diagnostics.concise,
        "json": diagnostics.as_json,
        "github": diagnostics.github,
    }[form]


def _known() -> "Mapping[str, Format]":
    from tgc.formats.base import Format
    from tgc.registry import plugins

    found = {name: cls for name, cls in plugins("formats").items() if issubclass(cls, Format)}
    return {name: cls.model_validate({}) for name, cls in found.items()}


def _clients(path: Path, names: tuple[str, ...], known: "Mapping[str, Format]") -> "tuple[Format, ...]":
    from tgc.errors import nearest
    from tgc.linting import written_as

    if not path.is_file():
        raise UsageError(f"there is no file `{path}`", "a mix is a file of rows")
    asked = names or tuple(filter(None, (written_as(path),)))
    if not asked:
        raise _unasked(path, known)
    for name in asked:
        if name not in known:
            raise UsageError(f"there is no format `{name}`", nearest(name, known))
    return tuple(known[name] for name in dict.fromkeys(asked))


def _unasked(path: Path, known: "Mapping[str, Format]") -> UsageError:
    from tgc.linting import fitting

    fit = ", ".join(f"`{name}`" for name in fitting(path, known.values()))
    told = f"its first row has the shape of {fit}" if fit else "its first row has the shape of no format"
    hint = f"{told}; `--for llava` names one of `tgc ls formats`"
    return UsageError(f"nobody says who is to read `{path}`", hint)


def _tokens(readers: Readers) -> "Iterator[Tokens]":
    from tgc.linting import Tokens, of_model

    if readers.tokenizer is not None:
        yield of_model(readers.tokenizer, readers.max_tokens)
    elif readers.max_tokens is not None:
        yield Tokens(readers.max_tokens)


def _pictures(readers: Readers) -> "Iterator[Pictures]":
    from tgc.linting import Pictures

    if readers.images is not None and not readers.images.is_dir():
        raise UsageError(f"there is no folder `{readers.images}`", "the paths of images begin there")
    if readers.images is not None:
        yield Pictures(readers.images)


def _problems(
    path: Path, root: Path | None, variables: "Mapping[str, str]", terms: "Terms"
) -> "tuple[Diagnostic, ...]":
    from tgc import driver, profiles, source
    from tgc.errors import RecipeError

    try:
        if path.name == PROFILES:
            profiles.parse(source.load(path, str(path)))
            return ()
        return driver.check(path, root, variables, terms).warnings
    except RecipeError as error:
        return error.diagnostics
