"""The Program: a recipe with every name resolved and every default filled, frozen."""

from tgc.ir.ask import Ask, Examples, Opening, Value
from tgc.ir.level import Distinct, Does, Level, Map, Prompt, Score, Text, Turn, Values
from tgc.ir.mix import (
    MESSAGES,
    WHOLE,
    Best,
    Blend,
    Dedupe,
    File,
    Key,
    Margin,
    Mix,
    Near,
    Pairs,
    Sameness,
    Split,
    Temperature,
    Unit,
    Weights,
)
from tgc.ir.model import Model
from tgc.ir.program import Check, Program

__all__ = [
    "MESSAGES",
    "WHOLE",
    "Ask",
    "Best",
    "Blend",
    "Check",
    "Dedupe",
    "Distinct",
    "Does",
    "Examples",
    "File",
    "Key",
    "Level",
    "Map",
    "Margin",
    "Mix",
    "Model",
    "Near",
    "Opening",
    "Pairs",
    "Program",
    "Prompt",
    "Sameness",
    "Score",
    "Split",
    "Temperature",
    "Text",
    "Turn",
    "Unit",
    "Value",
    "Values",
    "Weights",
]
