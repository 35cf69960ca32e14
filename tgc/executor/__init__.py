"""Carrying out a plan: the only place where backend and warehouse meet."""

from tgc.executor.executor import Outcome, Site, execute
from tgc.executor.forecast import forecast

__all__ = ["Outcome", "Site", "execute", "forecast"]
