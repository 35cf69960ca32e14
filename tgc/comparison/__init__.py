"""What an edit of a recipe changes and costs. Pure."""

from tgc.comparison.comparison import Diff, LevelDiff, compare
from tgc.comparison.rows import Rows
from tgc.comparison.settings import Setting

__all__ = ["Diff", "LevelDiff", "Rows", "Setting", "compare"]
