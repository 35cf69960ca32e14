"""What every reader is, and what several of them share."""

from tgc.readers.base import parts
from tgc.readers.base.bad_row import BadRowError
from tgc.readers.base.images import FOLDER, Picture, is_of_images, unseen
from tgc.readers.base.reader import Reader, Row
from tgc.readers.base.turns import SPEAKERS, history, mappings, message, opening, under

__all__ = [
    "FOLDER",
    "SPEAKERS",
    "BadRowError",
    "Picture",
    "Reader",
    "Row",
    "history",
    "is_of_images",
    "mappings",
    "message",
    "opening",
    "parts",
    "under",
    "unseen",
]
