"""Turns that a chat template can render: the user opens, and the two alternate."""

from collections.abc import Iterator

from tgc import recipe
from tgc.errors import Diagnostic, Span
from tgc.lower.checks.doubts import doubtful, is_misplaced
from tgc.lower.outline import Draft, Outline


def check(outline: Outline) -> Iterator[Diagnostic]:
    """Say which models cannot chat, and whether anything is said at all."""
    yield from _mute(outline)
    turns = [problem for draft in outline.drafts.values() for problem in check_level(outline, draft)]
    if (
        outline.recipe.emit
        and outline.drafts
        and not (outline.ends() or doubtful(outline, "speaks") or turns)
    ):
        span = outline.reading.document.key("emit")
        hint = "a conversation ends with `role: assistant`, or a level that `speaks: assistant`"
        yield Diagnostic(
            "no-conversations", "no level speaks as the assistant, so no row can be emitted", span, hint
        )


def check_level(outline: Outline, draft: Draft) -> Iterator[Diagnostic]:
    """Say whether a level speaks out of turn."""
    before = [above for above in outline.above(draft.name) if above.speaks]
    path = {level.written for level in outline.path_to(draft.name)}
    if (
        draft.speaks is None
        or outline.reading.lost
        or path & doubtful(outline, "speaks")
        or is_misplaced(outline, draft)
    ):
        return
    span = outline.place(draft.name, "role" if isinstance(draft.says, recipe.Turn) else "speaks")
    if not before and draft.speaks == "assistant":
        hint = "put a level with `role: user` above, or let one above say `speaks: user`"
        message = f"`{draft.written}` answers as the assistant, but no user has spoken above it"
        yield Diagnostic("role-order", message, span, hint)
    elif before and before[-1].written == draft.written:
        message = f"`{draft.written}` speaks as the {draft.speaks} each time that it is applied"
        hint = "user and assistant take turns, so no turn has a `depth`"
        yield Diagnostic("role-order", message, outline.place(draft.name, "depth"), hint)
    elif before and before[-1].speaks == draft.speaks and not _runs_on(before):
        message = f"`{draft.written}` speaks as the {draft.speaks} right after `{before[-1].written}` did"
        yield Diagnostic("role-order", message, span, "along a path, user and assistant take turns")


def _runs_on(before: list[Draft]) -> bool:
    """Whether the last of the levels that speak is out of turn itself: what is below it, is for that."""
    return len(before) > 1 and before[-2].speaks == before[-1].speaks


def _mute(outline: Outline) -> Iterator[Diagnostic]:
    """Models that cannot chat, each once, with the first level that wants it to."""
    said: set[Span] = set()
    for draft in outline.drafts.values():
        if not _chats(outline, draft) or draft.written in outline.reading.lost:
            continue
        if draft.asks is None or draft.model is None or draft.model.chats:
            continue
        loc = ("models", draft.asks.model) if draft.asks.model else ("model",)
        span = outline.reading.document.at(*loc)
        if span not in said:
            said.add(span)
            message = f"`{draft.model.id}` has no chat template, and `{draft.written}` needs one"
            hint = (
                "take an instruct or chat variant, or continue plain text by a `text` level; a template is saved "
                "by `tokenizer.chat_template = …; tokenizer.save_pretrained(dir)`"
            )
            yield Diagnostic("no-chat-template", message, span, hint)


def _chats(outline: Outline, draft: Draft) -> bool:
    """Whether a level needs a chat; the perplexity of what is no turn does not."""
    if isinstance(draft.says, recipe.Score) and draft.says.measure and draft.parent:
        return outline.drafts[draft.parent].speaks is not None
    return isinstance(draft.says, recipe.Chatting)
