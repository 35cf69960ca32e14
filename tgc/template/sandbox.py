"""What a template may do: no globals, nothing random, and nothing shown but text, numbers and lists of them."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache, wraps
from types import BuiltinMethodType, FunctionType, MethodType
from typing import Any, NoReturn

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment

from tgc.template.fields import Fields


@lru_cache
def environment() -> ImmutableSandboxedEnvironment:
    """The sandbox: no globals, nothing random, white space around blocks trimmed.

    >>> environment().from_string("{{ topic.upper() }}").render(topic="law")
    'LAW'
    """
    sandbox = _Sandbox(
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,
        finalize=_shown,
    )
    sandbox.globals.clear()
    del sandbox.filters["random"]
    sandbox.filters = {name: _veiled_filter(use) for name, use in sandbox.filters.items()}
    return sandbox


class _Sandbox(ImmutableSandboxedEnvironment):
    """Jinja's sandbox, where a field hides a method of its name, and no method can be shown."""

    def getattr(self, obj: object, attribute: str) -> object:
        if isinstance(obj, Fields):
            with suppress(KeyError):
                return obj[attribute]
        return _veiled(super().getattr(obj, attribute))

    def getitem(self, obj: object, argument: object) -> object:
        return _veiled(super().getitem(obj, argument))


@dataclass(frozen=True, slots=True, repr=False)
class _Veiled:
    """What Python would show by its address: a template may use it, and not show it."""

    def __str__(self) -> str:
        return _refused()

    __repr__ = __str__


@dataclass(frozen=True, slots=True, repr=False)
class _Method(_Veiled):
    call: Callable[..., object]

    def __call__(self, *given: object, **named: object) -> object:
        return self.call(*given, **named)


@dataclass(frozen=True, slots=True, repr=False)
class _Stream(_Veiled):
    items: Iterator[object]

    def __iter__(self) -> Iterator[object]:
        return self.items


def _veiled(found: object) -> object:
    match found:
        case MethodType() | BuiltinMethodType() | FunctionType():
            return _Method(found)
        case Iterator():
            return _Stream(found)
        case _:
            return found


def _veiled_filter(use: Callable[..., Any]) -> Callable[..., object]:  # whatever Jinja's filters return
    @wraps(use)
    def veiled(*given: object, **named: object) -> object:
        return _veiled(use(*given, **named))

    return veiled


def _shown(value: object) -> object:
    return value if isinstance(value, jinja2.Undefined) or _is_plain(value) else _refused()


def _is_plain(value: object) -> bool:
    match value:
        case None | str() | int() | float():
            return True
        case list() | tuple():
            return all(map(_is_plain, value))
        case dict():
            return all(map(_is_plain, (*value, *value.values())))
        case _:
            return False


def _refused() -> NoReturn:
    raise TypeError(
        "a hole should hold text, numbers or a list; methods are called with `()`, and `| list` ends filters"
    )
