"""What to do here and now: the slots a recipe wants, less those the warehouse holds. Pure."""

from tgc.planner.planner import draws, picked, plan, selector, slots

__all__ = ["draws", "picked", "plan", "selector", "slots"]
