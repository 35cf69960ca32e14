"""What a model would be asked, as text: just what it would see, and what stands in for texts not written yet."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any, assert_never

from tgc import schema
from tgc.backends.base import Request, Shown
from tgc.counts import count
from tgc.errors import Diagnostic
from tgc.planner.samples import Sample
from tgc.render.plain import BAR, plain

LONGEST = 24
"""How many characters of a text name its node."""


def explain(samples: Sequence[Sample], shown: Mapping[str, Shown], *, tokens: bool = False) -> str:
    """One block per sample; characters that would move the cursor are spelled out.

    Args:
        samples: what is asked.
        shown: what the model would be given, by request key; the messages are shown where that is not known.
        tokens: whether to list the tokens, each with its id.
    """
    return plain("\n\n".join("\n".join(_block(sample, shown, tokens=tokens)) for sample in samples))


def as_json(samples: Sequence[Sample], shown: Mapping[str, Shown]) -> str:
    """The same for scripts: an array with an object per sample."""
    return json.dumps([_facts(sample, shown) for sample in samples], indent=2, ensure_ascii=False)


def _block(sample: Sample, shown: Mapping[str, Shown], *, tokens: bool) -> Iterator[str]:
    yield " · ".join([f"{sample.level.name} {sample.ordinal + 1}", *_where(sample)])
    if sample.imagined:
        yield f"  not written yet: {', '.join(f'⟨{name}⟩' for name in sample.imagined)}"
    match sample.asks:
        case Diagnostic(message=message):
            yield f"  cannot be rendered: {message}"
        case Request() as request if request.key in shown:
            yield from _given(shown[request.key], imagined=bool(sample.imagined), tokens=tokens)
        case Request() as request:
            yield from _said(request)
        case _:
            assert_never(sample.asks)


def _where(sample: Sample) -> Iterator[str]:
    above = (f"{node.level} `{_short(node.text)}`" for node in sample.path)
    if sample.path:
        yield f"under {' / '.join(above)}"
    if isinstance(sample.asks, Request):
        yield f"as {sample.asks.role or 'plain text'}"
        yield f"at most {count(sample.asks.max_tokens, 'token')}"
    if sample.level.ask:
        yield sample.level.ask.model.id


def _given(shown: Shown, *, imagined: bool, tokens: bool) -> Iterator[str]:
    yield from (BAR + line for line in shown.text.split("\n"))
    counted = f"  {count(len(shown.tokens), 'token')}{', stand-ins included' if imagined else ''}"
    pieces = (f"{number}:{json.dumps(piece, ensure_ascii=False)}" for number, piece in shown.tokens)
    yield f"{counted}: {' '.join(pieces)}" if tokens else counted


def _said(request: Request) -> Iterator[str]:
    for message in request.messages:
        yield from _quoted(message.role, message.content)
    if request.prefix or request.role is None:
        yield from _quoted(request.role or "text", request.prefix)


def _quoted(who: str, text: str) -> Iterator[str]:
    first, *rest = text.split("\n")
    yield f"{BAR}{who}: {first}"
    yield from (f"{BAR}{line}" for line in rest)


def _facts(sample: Sample, shown: Mapping[str, Shown]) -> dict[str, Any]:
    path = [{"level": node.level, "text": node.text} for node in sample.path]
    head = {"level": sample.level.name, "ordinal": sample.ordinal, "path": path, "imagined": sample.imagined}
    match sample.asks:
        case Diagnostic(message=message):
            return {**head, "problem": message}
        case Request() as request:
            return {**head, **_request(request), **_exact(shown.get(request.key))}
        case _:
            assert_never(sample.asks)


def _request(request: Request) -> dict[str, Any]:
    return {
        "key": request.key,
        "role": request.role,
        "messages": [asdict(message) for message in request.messages],
        "prefix": request.prefix,
        "answers": json.loads(schema.spell(request.answers)),
        "stop": request.stop,
        "max_tokens": request.max_tokens,
        "seed": request.seed,
    }


def _exact(shown: Shown | None) -> dict[str, Any]:
    return {"text": shown and shown.text, "tokens": shown and shown.tokens}


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"
