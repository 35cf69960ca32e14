"""Commands that show the compiler at work: schema, compile."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tgc.cli.recipes import plan
from tgc.cli.shared import root, variables

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tgc.backends.base import Backend, Shown
    from tgc.driver import Compiled
    from tgc.planner.samples import Sample


@click.command()
@click.argument("of", default="recipe", type=click.Choice(["recipe", "profiles"]))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File to write; stdout if not given.",
)
def schema(of: str, output: Path | None) -> None:
    """Print the JSON Schema of recipes or profiles, by which editors complete, explain and underline."""
    from tgc.profiles import Profiles
    from tgc.recipe import jsonschema

    found = jsonschema.recipe() if of == "recipe" else jsonschema.of(Profiles, "Profiles of tgc")
    if output is None:
        click.echo(jsonschema.text(found), nl=False)
    else:
        output.write_text(jsonschema.text(found), encoding="utf-8")
        click.echo(
            f"`{output}` is written; a first line `{jsonschema.pointer(output.name)}` points at it", err=True
        )


@click.command("compile")
@click.argument("recipe", type=click.Path(path_type=Path))
@root
@variables
@click.option(
    "--emit", "stage", type=click.Choice(["ast", "ir", "plan", "prompts"]), default="ir", show_default=True
)
@click.option("--format", "form", type=click.Choice(["human", "json"]), default="human")
@click.option(
    "--samples", "count", type=click.IntRange(min=1), default=2, show_default=True, help="Prompts per level."
)
@click.option("--tokens", is_flag=True, help="List the tokens of the prompts, too.")
def compile_(
    recipe: Path,
    root: Path | None,
    variables: "Mapping[str, str]",
    stage: str,
    form: str,
    count: int,
    tokens: bool,
) -> None:
    """Show a stage of compiling: the recipe as read, its program, the plan, or what models would see."""
    from tgc import driver

    match stage:
        case "ast":
            click.echo(_ast(recipe, root, variables, form), nl=False)
        case "ir":
            click.echo(_ir(driver.check(recipe, root, variables), form))
        case "plan":
            given = {"recipe": recipe, "root": root, "variables": variables, "form": form}
            click.get_current_context().invoke(plan, **given)
        case _:
            compiled = driver.check(recipe, root, variables)
            sampled = driver.sample(compiled, count)
            shown = _shown(sampled, compiled.project.backend(None))
            click.echo(_prompts(sampled, shown, form, tokens=tokens))


COMMANDS = (schema, compile_)


def _ast(recipe: Path, root: Path | None, variables: "Mapping[str, str]", form: str) -> str:
    import json

    from tgc import driver
    from tgc.recipe.filled import filled
    from tgc.source.writing import write

    value = filled(driver.written(recipe, root, variables))
    return write(value) if form == "human" else json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _ir(compiled: "Compiled", form: str) -> str:
    from tgc.render import compiled as screen

    return screen.explain(compiled.program) if form == "human" else screen.as_json(compiled.program)


def _prompts(samples: "tuple[Sample, ...]", shown: "Mapping[str, Shown]", form: str, *, tokens: bool) -> str:
    from tgc.render import asked as screen

    return screen.as_json(samples, shown) if form == "json" else screen.explain(samples, shown, tokens=tokens)


def _shown(samples: "tuple[Sample, ...]", backend: "Backend") -> "dict[str, Shown]":
    """What each request is to its model, by its key, as far as tokenizers are at hand."""
    from tgc.errors import BackendError
    from tgc.planner.samples import requests

    shown: dict[str, Shown] = {}
    for model, asked in requests(samples).items():
        try:
            given = backend.show(model.origin, asked)
        except BackendError as error:
            given = None
            click.echo(f"the tokenizer of `{model.id}` is not at hand: {error.message}", err=True)
        if given is None:
            click.echo(f"what `{model.id}` is asked is shown as messages, less its chat template", err=True)
        else:
            shown |= {request.key: one for request, one in zip(asked, given, strict=True)}
    return shown
