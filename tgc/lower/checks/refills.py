"""A mix is refilled by levels that can branch more, as far as the tree may grow."""

from collections.abc import Iterator

from tgc import recipe
from tgc.counts import count
from tgc.errors import Diagnostic
from tgc.lower.checks.budgets import draws_items, nodes
from tgc.lower.checks.selections import off_path
from tgc.lower.outline import Draft, Outline


def check(outline: Outline) -> Iterator[Diagnostic]:
    """Say which levels the mix cannot be refilled by."""
    document, mix = outline.reading.document, outline.recipe.mix
    if not mix.refill:
        return
    if not any(outline.reading.whole.has("mix", key) for key in ("size", "tokens")):
        message, hint = (
            "`refill` needs a `size` or `tokens` up to which to fill",
            "say how many rows: `size: …`",
        )
        yield Diagnostic("bad-refill", message, document.key("mix", "refill"), hint)
    problems = [problem for name, most in mix.refill.items() for problem in _level(outline, name, most)]
    yield from problems or _many(outline)


def _level(outline: Outline, name: str, most: int) -> Iterator[Diagnostic]:
    span = outline.reading.document.key("mix", "refill", name)
    yield from off_path(outline, name, name, span)
    if (draft := outline.drafts.get(name)) and (problem := _problem(draft, most)):
        yield Diagnostic("bad-refill", problem[0], span, problem[1])


def _problem(draft: Draft, most: int) -> tuple[str, str] | None:
    """Why a level cannot refill a mix, and what would."""
    if draft.asks is None or isinstance(draft.says, recipe.Score):
        return (
            f"`{draft.name}` has no branch that gives more conversations",
            "name a level that a model writes",
        )
    if draws_items(draft):
        return (
            f"`{draft.name}` is one list of {count(draft.branch, 'item')}",
            "name another level, or ask for more items",
        )
    if most <= draft.branch:
        message = f"`{draft.name}` branches {count(draft.branch, 'time')}, and `refill` ends at {most:,}"
        return message, "`refill` says up to which `branch`"
    return None


def _many(outline: Outline) -> Iterator[Diagnostic]:
    limit, most = outline.recipe.limits.nodes, sum(nodes(outline, outline.recipe.mix.refill).values())
    if sum(nodes(outline).values()) <= limit < most:
        message = f"`refill` may bring the tree to {most:,} nodes, and the limit is {limit:,}"
        hint = f"refill less, or allow the whole tree by `limits: {{nodes: {most:_}}}`"
        yield Diagnostic("fan-out", message, outline.reading.document.key("mix", "refill"), hint)
