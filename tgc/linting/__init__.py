"""Files of rows, whoever wrote them, held against what clients read and learn from."""

from tgc.linting.columns import CHUNK
from tgc.linting.known import fitting, written_as
from tgc.linting.linter import MOST_SHOWN, Finding, Report, lint
from tgc.linting.pictures import Pictures
from tgc.linting.prompts import Tokens, of_model

__all__ = [
    "CHUNK",
    "MOST_SHOWN",
    "Finding",
    "Pictures",
    "Report",
    "Tokens",
    "fitting",
    "lint",
    "of_model",
    "written_as",
]
