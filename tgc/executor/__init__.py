"""Carrying out a plan: the only place where backend and warehouse meet."""

from tgc.executor.executor import Outcome, Site, execute

__all__ = ["Outcome", "Site", "execute"]
