"""A share of all tokens alike bounds what a token tells only where nothing keeps some of them from being drawn."""

from collections.abc import Iterator

from tgc import schema
from tgc.errors import Diagnostic
from tgc.lower.checks.doubts import doubtful
from tgc.lower.outline import Draft, Outline
from tgc.sampling import Sampling


def check_level(outline: Outline, draft: Draft) -> Iterator[Diagnostic]:
    """Say what a level does that `dp_lambda` does not go with."""
    if draft.sampling.dp_lambda == 1 or draft.written in doubtful(outline, "sampling", "answers"):
        return
    for key, off in _dropping(draft.sampling):
        span, hint = outline.place(draft.name, "sampling", key), f"give it `{key}: {off}`, or `dp_lambda: 1`"
        yield Diagnostic("dp-dropped", _message(f"`{key}`", draft), span, hint)
    if draft.asks and draft.asks.shape != schema.Text():
        span, hint = outline.place(draft.name, "answers"), "give it `sampling: {dp_lambda: 1}`"
        yield Diagnostic("dp-dropped", _message("a form of answers", draft), span, hint)


def _message(what: str, draft: Draft) -> str:
    return f"{what} drops tokens that `{draft.written}` must be able to draw for its `dp_lambda`"


def _dropping(sampling: Sampling) -> Iterator[tuple[str, int | str]]:
    """The fields that keep tokens from being drawn, and what turns each off."""
    if sampling.top_k:
        yield "top_k", 0
    if sampling.top_p < 1:
        yield "top_p", 1
    if sampling.min_p:
        yield "min_p", 0
    if sampling.siblings == "distinct":
        yield "siblings", "independent"
