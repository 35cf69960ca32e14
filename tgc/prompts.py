"""What a model is asked for one slot: a level and the path above it become a Request."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import assert_never

from tgc import fingerprint, ir, schema, template
from tgc.backends.base import Request
from tgc.dialogue import Message, Role
from tgc.likelihood import Measure
from tgc.node import Node, Path

OWN = ("seed", "model", "sampling", "max_tokens", "stop", "answers")
"""What of a level, by the names of `fingerprint.TABLE`, is in the key of what it asks, whatever the chat is."""

FALSE = frozenset({"", "0", "false", "no", "none"})
"""What `when` may render as where a level does not grow, in lower case."""


def request(
    program: ir.Program, level: ir.Level, path: Path, ordinal: int, before: Sequence[Node] = ()
) -> Request:
    """The request of the slot `ordinal` of `level` under `path`; its key decides its seed.

    Args:
        program: what the level is of.
        level: one that asks a model.
        path: the node above and its ancestors.
        ordinal: which of the siblings.
        before: the siblings before it, in order; read only where they are items of one list.

    Raises:
        RecipeError: a template cannot be filled from what a model wrote.
    """
    return _request(level, _stem(program, level, path, ordinal), ordinal, before)


class Asker:
    """Makes one request after the other; what a level asks alike of siblings and cousins is made once.

    What was asked last of each level is kept, so requests are best made in the order of the tree.
    """

    def __init__(self, program: ir.Program) -> None:
        self._program = program
        self._stems: dict[str, tuple[int, _Stem]] = {}
        self._own: dict[str, str] = {}

    def request(self, level: ir.Level, path: Path, ordinal: int, before: Sequence[Node] = ()) -> Request:
        """The same as the function `request` gives.

        Raises:
            RecipeError: a template cannot be filled from what a model wrote.
        """
        return _request(level, self._stem(level, path, ordinal), ordinal, before)

    def words(self, level: ir.Level, path: Path, ordinals: Sequence[int]) -> list[int]:
        """The first 64 bits of the keys of siblings that are asked alike, and are no items of a list.

        Raises:
            RecipeError: a template cannot be filled from what a model wrote.
        """
        stem = self._stem(level, path, ordinals[0])
        return fingerprint.request_words(stem.own, stem.chat, ordinals)

    def _stem(self, level: ir.Level, path: Path, ordinal: int) -> "_Stem":
        if level.decided is None:
            return self._fresh(level, path, ordinal)
        by = path[level.decided - 1].id if level.decided else 0
        last = self._stems.get(level.name)
        if last is None or last[0] != by:
            last = self._stems[level.name] = by, self._fresh(level, path, ordinal)
        return last[1]

    def _fresh(self, level: ir.Level, path: Path, ordinal: int) -> "_Stem":
        stem = _stem(self._program, level, path, ordinal, self._own.get(level.name))
        if stem.measured is None:
            self._own[level.name] = stem.own
        return stem


def alike(level: ir.Level, parts: fingerprint.Parts) -> bool:
    """Whether a level with these parts may have asked what `level` asks; else no request of both is the same."""
    known, others = dict(level.parts), dict(parts)
    return all(
        known.get(name) == others.get(name) for name in OWN if name != "sampling" or not _measures(level)
    )


def grows(program: ir.Program, level: ir.Level, path: Path) -> bool:
    """Whether `level` grows under the last node of `path`: whether its `when` renders as true.

    Raises:
        RecipeError: it cannot be rendered.
    """
    return level.when is None or level.when.render(_scope(program, path)).lower() not in FALSE


def mapped(program: ir.Program, source: template.Template, path: Path) -> str:
    """The text of a node that no model is asked for.

    Raises:
        RecipeError: its template cannot be filled.
    """
    return source.render({**_scope(program, path), "ordinal": 0})


def dialogue(program: ir.Program, path: Path) -> Iterator[Message]:
    """The turns that are spoken along a path."""
    for node in path:
        role = program.level(node.level).speaks
        if role is not None:
            yield Message(role, node.text)


def _ask(level: ir.Level) -> ir.Ask:
    if level.ask is None:
        raise ValueError(f"level `{level.name}` asks no model")
    return level.ask


@dataclass(frozen=True, slots=True)
class _Stem:
    """What the requests of siblings share, unless their prompts differ.

    Attributes:
        role: whose turn it is; None for a plain text.
        messages: what was said before.
        text: how a plain text begins.
        own: digest of what the level adds to a request key.
        chat: digest of what was said, and of how the turn begins where that is not a list.
        measured: the turn above, and what is made of its likelihood; None where a model is asked.
    """

    role: Role | None
    messages: tuple[Message, ...]
    text: str
    own: str
    chat: str
    measured: tuple[Measure, str] | None = None


def _stem(program: ir.Program, level: ir.Level, path: Path, ordinal: int, own: str | None = None) -> _Stem:
    """What siblings are asked, given what the level adds to their keys if that is known."""
    ask = _ask(level)
    role, messages, text = _said(program, level, ask, path, ordinal)
    measured = _measured(level, path)
    own = own or _own(program, ask, role, measured)
    return _Stem(role, messages, text, own, _heard(messages, text), measured)


def _own(program: ir.Program, ask: ir.Ask, role: Role | None, measured: tuple[Measure, str] | None) -> str:
    parts = (str(program.seed), role or "text", ask.model.digest, *(measured or ask.sampling.spelled))
    return fingerprint.digest(*parts, str(ask.max_tokens), *_stopped(ask.stop), *_spelled(ask.answers))


def _request(level: ir.Level, stem: _Stem, ordinal: int, before: Sequence[Node]) -> Request:
    ask = _ask(level)
    prefix = _list(ask.answers, before) or stem.text
    chat = _heard(stem.messages, prefix) if ask.listed else stem.chat
    key = fingerprint.request_key(stem.own, chat, ordinal)
    shape = schema.single(ask.answers)
    return Request(
        key=key,
        messages=stem.messages,
        role=stem.role,
        sampling=ask.sampling,
        max_tokens=ask.max_tokens,
        seed=fingerprint.seed(key),
        stop=ask.stop,
        prefix=prefix,
        answers=shape,
        family=_family(ask, stem.own, chat, ordinal),
        measured=stem.measured,
    )


def _measures(level: ir.Level) -> bool:
    """Whether what it asks is the same however one would sample, for nothing is drawn."""
    return isinstance(level.does, ir.Score) and level.does.measure is not None


def _measured(level: ir.Level, path: Path) -> tuple[Measure, str] | None:
    match level.does:
        case ir.Score(measure=str() as measure):
            return measure, path[-1].text
        case _:
            return None


def _family(ask: ir.Ask, own: str, chat: str, ordinal: int) -> tuple[int, int] | None:
    if ask.sampling.siblings == "independent":
        return None
    return fingerprint.seed(fingerprint.family_key(own, chat)), ordinal


def _heard(messages: tuple[Message, ...], prefix: str) -> str:
    said = (part for message in messages for part in (message.role, message.content))
    return fingerprint.digest(*said, *(("prefix", prefix) if prefix else ()))


def _said(
    program: ir.Program, level: ir.Level, ask: ir.Ask, path: Path, ordinal: int
) -> tuple[Role | None, tuple[Message, ...], str]:
    """Whose turn it is, what was said before, and how a plain text begins."""
    opening = _opening(program, ask.system, path)
    match level.does:
        case ir.Turn(role):
            return role, (*opening, *dialogue(program, path)), ""
        case ir.Score(measure=str()):
            speaks = program.level(path[-1].level).speaks
            return speaks, (*opening, *dialogue(program, path[:-1])) if speaks else (), ""
        case ir.Prompt(source) | ir.Score(template.Template() as source):
            asked = _filled(program, source, ask, path, 0 if ask.listed else ordinal)
            return "assistant", (*opening, Message("user", asked)), ""
        case ir.Text(source):
            return None, (), _filled(program, source, ask, path, ordinal)
        case ir.Values() | ir.Map() | ir.Score():
            raise ValueError(f"level `{level.name}` asks no model")
        case _:
            assert_never(level.does)


def _opening(program: ir.Program, opening: ir.Opening | None, path: Path) -> tuple[Message, ...]:
    if opening is None:
        return ()
    seen = path[: opening.depth]
    shown = _drawn(program, opening.examples, seen)
    return (Message("system", opening.template.render({**_scope(program, seen), "examples": shown})),)


def _filled(program: ir.Program, source: template.Template, ask: ir.Ask, path: Path, ordinal: int) -> str:
    shown = _drawn(program, ask.examples, path, ordinal)
    return source.render({**_scope(program, path), "ordinal": ordinal, "examples": shown})


def _scope(program: ir.Program, path: Path) -> dict[str, object]:
    ancestors = ((program.level(node.level).written, node.text, node.data) for node in path)
    return template.scope(ancestors, dict(program.vars))


def _drawn(program: ir.Program, examples: ir.Examples | None, path: Path, *draw: int) -> list[str]:
    """Examples for a prompt about `path`: those whose keyed hash is least, so that a larger pool moves few."""
    if examples is None:
        return []
    about = (str(program.seed), *map(str, draw), *(node.data or node.text for node in path))
    keys = fingerprint.order(examples.words, fingerprint.digest("examples", *about))
    drawn = (examples.pool[place] for place in keys.argsort(kind="stable")[: examples.count])
    return [template.fielded(value.text, value.data) for value in drawn]


def _list(answers: schema.Shape, before: Sequence[Node]) -> str:
    """How a list begins, up to the item that is asked for."""
    match answers:
        case schema.Items(schema.Fields()):
            return "".join(f"{node.data}\n" for node in before)
        case schema.Items():
            items = "".join(f"{place}. {node.text}\n" for place, node in enumerate(before, start=1))
            return f"{items}{len(before) + 1}."
        case _:
            return ""


def _stopped(stop: tuple[str, ...]) -> tuple[str, ...]:
    """What stop strings add to a request key: one part, so that none passes for something else."""
    return (json.dumps(stop),) if stop else ()


def _spelled(answers: schema.Shape) -> tuple[str, ...]:
    """What a shape adds to a request key; free text adds nothing."""
    return () if answers == schema.Text() else ("answers", schema.spell(answers))
