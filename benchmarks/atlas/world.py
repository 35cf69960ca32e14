"""The closed world of Atlas in one import: its facts, its sentences, its dialogues and its judge."""

from benchmarks.atlas.dialogues import Message, Sampler, render, sampler
from benchmarks.atlas.judge import Judgment, judge
from benchmarks.atlas.tables import Fact, Phrasing, World, load, questions, statements

__all__ = [
    "Fact",
    "Judgment",
    "Message",
    "Phrasing",
    "Sampler",
    "World",
    "judge",
    "load",
    "questions",
    "render",
    "sampler",
    "statements",
]
