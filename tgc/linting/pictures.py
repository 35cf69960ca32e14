"""Images that rows name: whether they are where a client is to find them."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from tgc.dialogue import Conversation
from tgc.formats.base import Flaw
from tgc.formats.base.spelling import HELD
from tgc.readers.base import unseen

HINT = "each path begins in the folder that `--images` names"


@dataclass(frozen=True, slots=True)
class Pictures:
    """Where the paths of images begin."""

    folder: Path

    def flaws(self, conversation: Conversation) -> Iterator[Flaw]:
        """The first image of a row that cannot be opened; what a row holds itself is not looked at."""
        named = (image for image in conversation.images if image != HELD)
        found = ((image, wrong) for image in named if (wrong := unseen(self.folder, image)))
        for image, wrong in islice(found, 1):
            yield Flaw("image-file", f"{wrong}: `{image}`", HINT)
