"""The recipe as its author wrote it: sections, levels and options, checked one by one."""

from tgc.recipe.level import (
    Chatting,
    Distinct,
    Examples,
    Generating,
    Level,
    Map,
    Prompt,
    Query,
    Sampling,
    Score,
    Text,
    Turn,
    Values,
)
from tgc.recipe.mix import Bins, Dedupe, Diverse, Gaussian, Mix, Split
from tgc.recipe.model import Model, Place
from tgc.recipe.reading import Reading, parse, read
from tgc.recipe.recipe import Limits, Recipe

__all__ = [
    "Bins",
    "Chatting",
    "Dedupe",
    "Distinct",
    "Diverse",
    "Examples",
    "Gaussian",
    "Generating",
    "Level",
    "Limits",
    "Map",
    "Mix",
    "Model",
    "Place",
    "Prompt",
    "Query",
    "Reading",
    "Recipe",
    "Sampling",
    "Score",
    "Split",
    "Text",
    "Turn",
    "Values",
    "parse",
    "read",
]
