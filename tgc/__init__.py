"""Compile data recipes into training mixes that keep a model's knowledge."""

__version__ = "0.1.0"
