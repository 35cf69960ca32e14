"""What a model is asked for one slot: a level and the path above it become a Request."""

from collections.abc import Iterator
from dataclasses import astuple
from typing import assert_never

from tgc import fingerprint, ir, template
from tgc.backends.base import Request
from tgc.dialogue import Message, Role
from tgc.node import Path


def request(program: ir.Program, level: ir.Level, path: Path, ordinal: int) -> Request:
    """The request of the slot `ordinal` of `level` under `path`; its key decides its seed."""
    role, ask, messages = _asked(program, level, path, ordinal)
    key = fingerprint.request_key(
        (
            str(program.seed),
            role,
            ask.model.digest,
            *map(str, astuple(ask.sampling)),
            str(ask.max_tokens),
            *ask.stop,
        ),
        ((message.role, message.content) for message in messages),
        ordinal,
    )
    return Request(key, messages, role, ask.sampling, ask.max_tokens, fingerprint.seed(key), ask.stop)


def render(program: ir.Program, source: template.Template, path: Path, ordinal: int) -> str:
    """A template filled with the ancestors' texts and fields, `ordinal` and the recipe's vars."""
    ancestors = ((node.level, node.text, node.data) for node in path)
    return source.render(template.scope(ancestors, dict(program.vars), ordinal))


def _asked(
    program: ir.Program, level: ir.Level, path: Path, ordinal: int
) -> tuple[Role, ir.Ask, tuple[Message, ...]]:
    match level.does:
        case ir.Turn(role, system, ask):
            opening = _opening(program, system, path, ordinal)
            return role, ask, (*opening, *dialogue(program, path))
        case ir.Prompt(instruction, system, ask):
            opening = _opening(program, system, path, ordinal)
            return "assistant", ask, (*opening, Message("user", render(program, instruction, path, ordinal)))
        case ir.Values() | ir.Map():
            raise ValueError(f"level `{level.name}` asks no model")
        case _:
            assert_never(level.does)


def dialogue(program: ir.Program, path: Path) -> Iterator[Message]:
    """The turns that are spoken along a path."""
    for node in path:
        role = program.level(node.level).speaks
        if role is not None:
            yield Message(role, node.text)


def _opening(
    program: ir.Program, system: template.Template | None, path: Path, ordinal: int
) -> tuple[Message, ...]:
    if system is None:
        return ()
    return (Message("system", render(program, system, path, ordinal)),)
