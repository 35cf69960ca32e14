"""Compile data recipes into training mixes that keep a model's knowledge."""

from typing import TYPE_CHECKING

__version__ = "0.1.0"
__all__ = ["RecipeError", "TgcError", "__version__", "build", "check", "mix", "open", "plan", "report"]

if TYPE_CHECKING:
    from tgc.api import build, check, mix, open, plan, report  # noqa: A004 - the verb for what is shut again
    from tgc.errors import RecipeError, TgcError
else:

    def __getattr__(name: str) -> object:
        """What `__all__` names, imported when it is first asked for: `import tgc` loads nothing heavy."""
        if name not in __all__:
            raise AttributeError(f"module `tgc` has no attribute `{name}`")
        from importlib import import_module

        return getattr(import_module("tgc.errors" if name.endswith("Error") else "tgc.api"), name)
