"""What a recipe takes from outside of git, written down: models and data files by their content."""

from tgc.lock.drift import FREE, Terms, findings
from tgc.lock.lock import Lock, beside, changes, parse, place, write
from tgc.lock.survey import survey

__all__ = ["FREE", "Lock", "Terms", "beside", "changes", "findings", "parse", "place", "survey", "write"]
