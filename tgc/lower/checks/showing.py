"""Templates show what they are given: levels above, examples, and in a condition what it depends on."""

from collections.abc import Iterator

from tgc import recipe
from tgc.counts import count
from tgc.errors import Diagnostic
from tgc.lower.checks.doubts import doubtful
from tgc.lower.drawing import EXAMPLES, ORDINAL
from tgc.lower.outline import Draft, Outline, key_of


def check_level(outline: Outline, draft: Draft) -> Iterator[Diagnostic]:
    """Say which templates of a level ignore what they are given, and which examples are too few to draw from."""
    yield from _constant_condition(outline, draft)
    if draft.written not in doubtful(outline, "system"):
        yield from _constant(outline, draft)
        yield from _unshown(outline, draft)
    if draft.written not in doubtful(outline, EXAMPLES):
        yield from _few(outline, draft)


def _constant(outline: Outline, draft: Draft) -> Iterator[Diagnostic]:
    above = {above.written for above in outline.above(draft.name)}
    if not above or draft.template is None or not isinstance(draft.says, recipe.Prompt | recipe.Text):
        return
    shown = {*draft.template.variables, *(draft.system.variables if draft.system else ())}
    if shown <= {ORDINAL, EXAMPLES, *outline.recipe.vars}:
        key = key_of(draft.says)
        message = f"the {key} of `{draft.written}` uses none of the levels above it"
        hint = f"it may use {', '.join(f'`{name}`' for name in sorted(above))}"
        yield Diagnostic("constant-template", message, outline.place(draft.name, key), hint, "warning")


def _constant_condition(outline: Outline, draft: Draft) -> Iterator[Diagnostic]:
    if draft.when is None or draft.when.variables:
        return
    message = f"`when` of `{draft.written}` is the same for every node above"
    hint = "what is to be evaluated stands in a hole: `\"{{ topic.level == 'school' }}\"`"
    if "{" in draft.when.text:
        hint = "it may ask for a level above or one of `vars`"
    yield Diagnostic("constant-condition", message, outline.place(draft.name, "when"), hint, "warning")


def _unshown(outline: Outline, draft: Draft) -> Iterator[Diagnostic]:
    given = draft.asks.examples if draft.asks else None
    if given is None or not _is_understood(draft):
        return
    if not any(template and EXAMPLES in template.variables for template in (draft.template, draft.system)):
        message = f"no template of `{draft.written}` shows its `examples`"
        hint = "`{% for example in examples %}{{ example }}{% endfor %}` shows them"
        yield Diagnostic("unused-examples", message, outline.place(draft.name, "examples"), hint, "warning")


def _few(outline: Outline, draft: Draft) -> Iterator[Diagnostic]:
    given = draft.asks.examples if draft.asks else None
    if given is None or draft.examples is None:
        return
    held = len(draft.examples)
    if held < given.k:
        message = f"`{given.source}` holds {count(held, 'example')}, and `k` is {given.k}"
        loc = ("tree", draft.written, "examples", "k")
        document = outline.reading.document
        span = document.at(*loc) if document.has(*loc) else document.at(*loc[:-1], "from")
        yield Diagnostic("few-examples", message, span, f"`k: {held}`, or add examples")


def _is_understood(draft: Draft) -> bool:
    """Whether every template that a level names was found."""
    asks = draft.says if isinstance(draft.says, recipe.Chatting) else None
    own = isinstance(draft.says, recipe.Turn) or draft.template is not None
    return own and (asks is None or asks.system is None or draft.system is not None)
