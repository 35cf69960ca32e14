"""What a build came to, as text."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tgc.executor import Outcome


def summary(outcome: "Outcome", files: Sequence[str]) -> str:
    """A few lines, of which the last says where the result is or what to do next."""
    tally = outcome.tally
    made = f"generated {tally.generated:,} nodes ({tally.completion_tokens:,} tokens)"
    adopted = f", adopted {tally.adopted:,}" if tally.adopted else ""
    failed = f", {tally.failed:,} requests failed" if tally.failed else ""
    return f"{made}{adopted}{failed}\n{_last(outcome, files)}"


def up_to_date(recipe: str, directory: str) -> str:
    """The one line of a build that had nothing to do."""
    return f"{recipe} is up to date: nothing to generate, and its mix is in {directory}"


def _last(outcome: "Outcome", files: Sequence[str]) -> str:
    if outcome.status == "interrupted":
        return "Interrupted: every finished node is kept; the same command continues from here."
    written = (
        f"{outcome.selection.rows.height:,} conversations in {', '.join(files)}" if outcome.selection else ""
    )
    if outcome.status == "failed":
        return f"{written}\nIncomplete: `tgc sql failures` says why; the same command tries again."
    return written
