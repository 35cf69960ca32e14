"""Levels of which something could not be understood: what is wrong there may only be what follows from it."""

from difflib import get_close_matches

from tgc.lower.outline import Draft, Outline


def doubtful(outline: Outline, *keys: str) -> frozenset[str]:
    """The names of levels that gave one of these keys, or one named alike, but not so that it was understood.

    Levels of which it can only be guessed what they do are among them.
    """
    reading = outline.reading
    cut = reading.whole.values.keys() - reading.document.values.keys() if reading.problems else frozenset()
    given = {
        (str(loc[1]), str(loc[2])) for loc in cut if loc[0] == "tree" and len(loc) > len(("tree", "level"))
    }
    return reading.lost | {name for name, key in given if get_close_matches(key, keys)}


def is_misplaced(outline: Outline, draft: Draft) -> bool:
    """Whether a level, or one above, does not hang where it says: there is no such level, or that is a circle."""
    return any(_strays(outline, level) for level in outline.path_to(draft.name))


def _strays(outline: Outline, draft: Draft) -> bool:
    parent = outline.drafts[draft.parent].written if draft.parent else None
    return parent != draft.written and draft.says.under not in {None, parent}
