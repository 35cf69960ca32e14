"""Who looks on while a build runs: told what happens, asked whether to go on."""

from collections.abc import Callable
from typing import Protocol

from tgc.planner.estimate import Estimate
from tgc.planner.steps import Plan


class Watch(Protocol):
    """An observer of one build."""

    @property
    def stopping(self) -> bool:
        """Whether to finish what is in flight and start nothing more."""
        ...

    def planned(self, plan: Plan, forecast: Callable[[], Estimate]) -> None:
        """The plan that is about to be carried out, and what works out its cost."""
        ...

    def loading(self, model: str) -> None:
        """A model is about to be loaded."""
        ...

    def working(self, what: str) -> None:
        """Something begins that may take a while and makes no text: what, in a few words."""
        ...

    def refilling(self, level: str, branch: int, nodes: int) -> None:
        """The mix lacks rows: `level` is to branch so often, and as many more nodes are to be made."""
        ...

    def made(self, level: str, tokens: int) -> None:
        """One more node of `level`, of so many generated tokens."""
        ...


class Silent:
    """Looks away, and never stops a build."""

    stopping = False

    def planned(self, plan: Plan, forecast: Callable[[], Estimate]) -> None:
        """Nothing."""

    def loading(self, model: str) -> None:
        """Nothing."""

    def working(self, what: str) -> None:
        """Nothing."""

    def refilling(self, level: str, branch: int, nodes: int) -> None:
        """Nothing."""

    def made(self, level: str, tokens: int) -> None:
        """Nothing."""
