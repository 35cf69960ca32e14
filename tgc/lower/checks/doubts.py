"""Levels of which something could not be understood: what is wrong there may only be what follows from it."""

from tgc.lower.outline import Draft, Outline


def doubtful(outline: Outline) -> frozenset[str]:
    """The names of levels of which a part was taken out, or of which it can only be guessed what they do."""
    reading = outline.reading
    cut = reading.whole.values.keys() - reading.document.values.keys() if reading.problems else frozenset()
    return reading.lost | {str(loc[1]) for loc in cut if loc[:1] == ("tree",) and len(loc) > 1}


def is_misplaced(outline: Outline, draft: Draft) -> bool:
    """Whether a level, or one above, does not hang where it says: there is no such level, or that is a circle."""
    return any(_strays(outline, level) for level in outline.path_to(draft.name))


def _strays(outline: Outline, draft: Draft) -> bool:
    parent = outline.drafts[draft.parent].written if draft.parent else None
    return parent != draft.written and draft.says.under not in {None, parent}
