"""The Program: a recipe with every name resolved and every default filled, frozen."""

from tgc.ir.ask import Ask, Examples, Opening, Value
from tgc.ir.level import Distinct, Does, Level, Map, Prompt, Score, Text, Turn, Values
from tgc.ir.mix import WHOLE, Blend, Key, Margin, Mix, Split, Temperature, Weights
from tgc.ir.model import Model
from tgc.ir.program import Check, Program

__all__ = [
    "WHOLE",
    "Ask",
    "Blend",
    "Check",
    "Distinct",
    "Does",
    "Examples",
    "Key",
    "Level",
    "Map",
    "Margin",
    "Mix",
    "Model",
    "Opening",
    "Program",
    "Prompt",
    "Score",
    "Split",
    "Temperature",
    "Text",
    "Turn",
    "Value",
    "Values",
    "Weights",
]
