"""Commands that show the compiler at work: schema, compile."""

from pathlib import Path

import click


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


COMMANDS = (schema,)
