"""The git revision of a recipe, so that a run can be traced to what its author committed."""

import subprocess
from pathlib import Path


def commit(recipe: Path) -> tuple[str | None, bool | None]:
    """The commit checked out where the recipe lies, and whether its project differs; (None, None) outside git."""
    head = _git(recipe.parent, "rev-parse", "HEAD")
    if head is None:
        return (None, None)
    return (head, bool(_git(recipe.parent, "status", "--porcelain", "--", ".", "../templates")))


def _git(directory: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(  # noqa: S603  # our own arguments, no shell
            ["git", *arguments],  # noqa: S607  # the user's git is the one that knows the checkout
            cwd=directory,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()
