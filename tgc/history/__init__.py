"""Git: the commit that a recipe is at, and recipes as they were at other commits. Reads, and writes nothing."""

from tgc.history.git import Repository, repository
from tgc.history.revision import Revision
from tgc.history.state import Commit, commit, templates

__all__ = ["Commit", "Repository", "Revision", "commit", "repository", "templates"]
