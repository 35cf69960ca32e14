"""Turns that a chat template can render: the user opens, and the two alternate."""

from collections.abc import Iterator

from tgc import recipe
from tgc.errors import Diagnostic
from tgc.lower.outline import Draft, Outline


def check(outline: Outline) -> Iterator[Diagnostic]:
    """Say who speaks out of turn, and whether anything is said at all."""
    if outline.reading.lost:
        return
    for draft in outline.drafts.values():
        yield from _out_of_turn(outline, draft)
        yield from _mute(outline, draft)
    if outline.recipe.emit and outline.drafts and not outline.ends():
        span = outline.reading.document.key("emit")
        hint = "a conversation ends with `role: assistant`, or a level that `speaks: assistant`"
        yield Diagnostic(
            "no-conversations", "no level speaks as the assistant, so no row can be emitted", span, hint
        )


def _out_of_turn(outline: Outline, draft: Draft) -> Iterator[Diagnostic]:
    before = [above for above in outline.above(draft.name) if above.speaks]
    if draft.speaks is None:
        return
    span = outline.place(draft.name, "role" if isinstance(draft.says, recipe.Turn) else "speaks")
    if not before and draft.speaks == "assistant":
        hint = "put a level with `role: user` above, or let one above say `speaks: user`"
        message = f"`{draft.written}` answers as the assistant, but no user has spoken above it"
        yield Diagnostic("role-order", message, span, hint)
    elif before and before[-1].speaks == draft.speaks:
        message = f"`{draft.written}` speaks as the {draft.speaks} right after `{before[-1].written}` did"
        yield Diagnostic("role-order", message, span, "along a path, user and assistant take turns")


def _mute(outline: Outline, draft: Draft) -> Iterator[Diagnostic]:
    if not isinstance(draft.says, recipe.Chatting) or draft.model is None or draft.model.chats:
        return
    loc = ("models", draft.says.model) if draft.says.model else ("model",)
    message = f"`{draft.model.id}` has no chat template, and `{draft.written}` needs one"
    hint = (
        "take an instruct or chat variant, or continue plain text with a `text` level; a template is saved by "
        "`tokenizer.chat_template = …; tokenizer.save_pretrained(dir)`"
    )
    yield Diagnostic("no-chat-template", message, outline.reading.document.at(*loc), hint)
