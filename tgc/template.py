"""Jinja templates as values: text with holes, rendered in a sandbox; what a model wrote is never evaluated."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Template:
    """A self-contained template: its name as the recipe spells it, its text, its partials, what it asks for."""

    name: str
    text: str
    partials: tuple[tuple[str, str], ...] = ()
    variables: tuple[str, ...] = ()

    def render(self, scope: Mapping[str, object]) -> str:
        """The text with its holes filled from `scope`."""
        raise NotImplementedError
