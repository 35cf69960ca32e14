"""The rules that several clients share; a format lists those of its own client, in the order in which it looks."""

from functools import partial

from tgc.formats.base import findings, remedies
from tgc.formats.base.rule import Rule

ANSWERED = Rule(
    "no-answer", findings.unanswered, "a row ends with an answer, for there is nothing else to learn"
)
ORDER = Rule(
    "turn-order", findings.uneven, "after at most one system prompt, turns go from a user's to an assistant's"
)
BLANK = Rule("blank-turn", findings.blank, "every turn says something")
BARE = Rule("blank-turn", findings.bare, "every turn says something beside images")
UNICODE = Rule(
    "not-unicode", findings.halved, "a whole character, or U+FFFD, in place of the half", remedies.whole
)
UNPICTURED = Rule("image-in-text", findings.unpictured, "a text writes it as `<image >`", remedies.unpictured)
PICTURED = Rule("text-only", findings.pictured, "the client reads rows of text alone")
CROWDED = Rule("many-images", findings.crowded, "the client takes one image a row")
MISCOUNTED = Rule("image-count", findings.miscounted, "each image stands in the texts once, as `<image>`")
MISPLACED = Rule("image-place", findings.misplaced, "a user shows images, an assistant does not")
ONCE = Rule("image-place", findings.not_once, "the image stands once, in a user's turn")
LATE = Rule("image-place", findings.late, "the client puts all images into the user's first turn")
UNPAIRED = Rule("pair", findings.unpaired, "a pair is two different answers to the same turn")
ALIKE = Rule("pair", findings.alike, UNPAIRED.hint)

SOUND = (BLANK, UNICODE)
"""What makes a text fit for any file."""

DIALOGUE = (ANSWERED, ORDER)
"""What chat templates and label masks ask of turns."""

TEXT = (UNPICTURED, PICTURED)
"""What clients of text ask of images."""

PLACED = (UNPICTURED, MISCOUNTED, MISPLACED)
"""What clients ask to whom `<image>` is the place of an image."""

FIRST = (UNPICTURED, MISCOUNTED, LATE)
"""What clients ask that put images into the user's first turn themselves."""


def holding(*words: str) -> Rule:
    """That no text holds one of these words, which mean something else to a client."""
    hint = f"a text writes it with a space, as in `{remedies.spaced(words[-1]).strip()}`"
    return Rule("reserved-text", partial(findings.holding, words), hint, partial(remedies.loosened, words))
