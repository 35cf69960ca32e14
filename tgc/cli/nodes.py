"""Commands that look at nodes: tree, show."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tgc.cli.shared import columns, root

if TYPE_CHECKING:
    from tgc.backends.base import Shown
    from tgc.corpus import Account

form = click.option("--format", "form", type=click.Choice(["human", "json"]), default="human")


@click.command()
@click.argument("recipe", type=click.Path(path_type=Path))
@click.argument("node", required=False)
@root
@click.option(
    "--depth", type=click.IntRange(min=1), default=3, show_default=True, help="How many generations to draw."
)
@form
def tree(recipe: Path, node: str | None, root: Path | None, depth: int, form: str) -> None:
    """Draw the tree that a recipe has grown, or what hangs below NODE, with counts and verdicts.

    NODE is an id, or the first digits of one. Of many siblings the first are drawn.
    """
    from tgc import corpus
    from tgc.render import tree as screen

    grown = corpus.grown(recipe, root, node, depth)
    if form == "json":
        click.echo(screen.as_json(grown))
    else:
        click.echo(screen.explain(grown, columns()))
        click.echo("`tgc show NODE` tells all of one node", err=True)


@click.command()
@click.argument("what", metavar="NODE|MIX:ROW")
@root
@form
def show(what: str, root: Path | None, form: str) -> None:
    """Show one node, or one row of a mix: what was asked, the text, verdicts, and where it comes from.

    A NODE is an id, or the first digits of one. A ROW is a position in the newest mix of the recipe MIX, from 0,
    or the id of an emitted row.
    """
    from tgc import corpus
    from tgc.render import node as screen

    recipe, colon, position = what.rpartition(":")
    row = corpus.row(recipe, position, root) if colon else None
    account = row.leaf if row else corpus.account(what, root)
    given = _given(account, root) if account else None
    if form == "json":
        click.echo(screen.as_json(row, account, given))
    else:
        click.echo(screen.explain(row, account, given, columns()))
        click.echo("`tgc tree RECIPE NODE` draws what hangs below a node", err=True)


COMMANDS = (tree, show)


def _given(account: "Account", root: Path | None) -> "Shown | None":
    """What the model was given for a node, by its tokenizer; None where that is not at hand."""
    from tgc.cli.shared import home
    from tgc.corpus.recorded import Asked
    from tgc.errors import BackendError

    if not isinstance(account.asked, Asked):
        return None
    try:
        shown = home(root).backend(None).show(account.asked.model.origin, [account.asked.request])
    except BackendError as error:
        click.echo(f"the tokenizer of `{account.asked.model.id}` is not at hand: {error.message}", err=True)
        return None
    return shown[0] if shown else None
