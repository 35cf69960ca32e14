"""What a collection drops, as text."""

from typing import TYPE_CHECKING

from tgc.counts import count
from tgc.render.table import align

if TYPE_CHECKING:
    from tgc.versions import Survey

MEGABYTE = 1_000_000


def explain(survey: "Survey", database: str) -> str:
    """What would go, per recipe and level; one line when nothing would."""
    if not survey.weights.height:
        return f"{database}: nothing to drop, all {survey.held:,} nodes are needed"
    recipes = len({use.path for use in survey.uses})
    title = f"{database} · {count(recipes, 'recipe')} in use, in {count(len(survey.uses), 'version')}"
    columns = survey.weights.select("recipe", "level", "nodes", "bytes").iter_rows()
    rows = [(recipe or "-", level, f"{nodes:,}", _megabytes(size)) for recipe, level, nodes, size in columns]
    return "\n".join(
        [title, *align([("recipe", "level", "nodes", "MB"), *rows], right={2, 3}, indent="  "), total(survey)]
    )


def total(survey: "Survey") -> str:
    """What it comes to."""
    megabytes = _megabytes(int(survey.weights["bytes"].sum()))
    return f"gc: {len(survey.dropped):,} of {count(survey.held, 'node')} can go, about {megabytes} MB."


def _megabytes(size: int) -> str:
    """Bytes in millions, as precise as is worth reading.

    >>> _megabytes(1_234), _megabytes(56_000), _megabytes(7_890_000), _megabytes(2_500_000_000)
    ('<0.1', '0.1', '7.9', '2,500.0')
    """
    return f"{size / MEGABYTE:,.1f}" if size >= MEGABYTE / 20 else "<0.1"
