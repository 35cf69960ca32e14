"""The recipe as its author wrote it: sections, levels and options, checked one by one."""

from tgc.recipe.recipe import (
    Generating,
    Level,
    Map,
    Mix,
    Model,
    Prompt,
    Reading,
    Recipe,
    Turn,
    Values,
    parse,
    read,
)

__all__ = [
    "Generating",
    "Level",
    "Map",
    "Mix",
    "Model",
    "Prompt",
    "Reading",
    "Recipe",
    "Turn",
    "Values",
    "parse",
    "read",
]
