"""One node, or one row of a mix, with all that is known of it."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from tgc.counts import count
from tgc.fingerprint import seed, spell
from tgc.render import plain
from tgc.render.table import align, width

if TYPE_CHECKING:
    from tgc.backends.base import Request, Shown
    from tgc.catalog import Run
    from tgc.corpus import Account, Row
    from tgc.corpus.place import Place
    from tgc.corpus.recorded import Asked

COMMIT = 8
"""How many digits of a commit are shown."""


def explain(row: "Row | None", account: "Account | None", given: "Shown | None", columns: int) -> str:
    """A row, if one was asked for, and the node in which it ends; or a node.

    Args:
        row: a row of a mix.
        account: a node; None where the row was taken from a file.
        given: what the model was given, for it is more than what it was asked; None where that is not known.
        columns: how wide a line is.
    """
    parts = [_row(row, account)] if row else []
    if account:
        parts += [_node(account), _lineage(account, columns), _verdicts(account), _asked(account, given)]
        parts += [_emissions(account)]
    return "\n\n".join("\n".join(part) for part in parts)


def as_json(row: "Row | None", account: "Account | None", given: "Shown | None") -> str:
    """The same for scripts."""
    node = _facts(account, given) if account else None
    return plain.as_json({"row": _position(row), "node": node} if row else node)


def _row(row: "Row", account: "Account | None") -> list[str]:
    amount = f"{count(row.turns, 'turn')}, {count(row.tokens, 'token')}"
    title = (
        f"{row.recipe}:{row.position} · {row.split} · {amount} · mix {row.mix_id}, {count(row.rows, 'row')}"
    )
    if account is None:
        line = "" if row.line is None else f", line {row.line:,}"
        return [title, f"  taken from `{plain.plain(row.source)}`{line}; the warehouse has no rows of files"]
    spoken = account.path.drop_nulls("role").select("role", "text").iter_rows()
    said = [f"{role}: {text}" for role, text in spoken]
    if row.rejected:
        said.append(f"rejected, {spell(row.rejected[0])}: {row.rejected[1]}")
    return [title, *(line for text in said for line in plain.block(text))]


def _node(account: "Account") -> list[str]:
    node = account.path.row(-1, named=True)
    said = [("fields", line) for line in _fields(node["value"])]
    return [
        f"{node['level']} {spell(node['node_id'])}",
        *plain.block(node["text"]),
        *_named([*said, *_written(node), *_origin(account)]),
    ]


def _fields(data: str | None) -> list[str]:
    value = None if data is None else json.loads(data)
    if not isinstance(value, dict):
        return []
    return [f"{name}: {json.dumps(given, ensure_ascii=False)}" for name, given in value.items()]


def _written(node: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """How a model wrote it."""
    if node["request_key"] is None:
        yield "written", "by no model"
        return
    counts = f"{count(node['completion_tokens'], 'token')} after {count(node['prompt_tokens'], 'token')}"
    logprob = node["mean_logprob"]
    sure = [] if logprob is None else [f"mean logprob {logprob:.3f}"]
    yield "written", " · ".join([f"by {node['model']}", f"{node['finish_reason']}", counts, *sure])
    yield "seed", str(seed(node["request_key"]))


def _origin(account: "Account") -> Iterator[tuple[str, str]]:
    ordinal = account.path.row(-1, named=True)["ordinal"]
    yield "ordinal", f"{ordinal:,}, of {count(account.siblings, 'sibling')} held"
    if account.run:
        yield "run", _run(account.run)
    for place in account.places:
        yield "recipe", _place(place)
    if not account.places:
        yield "recipe", "none has it, as of its last build"


def _run(run: "Run") -> str:
    dirty = ", and edits that are not in it" if run.dirty else ""
    commit = f"commit {run.commit[:COMMIT]}{dirty}" if run.commit else "not in git"
    return f"{run.run_id} of {run.recipe} · {run.started:%Y-%m-%d %H:%M} UTC · {commit}"


def _place(place: "Place") -> str:
    where = f"{place.span.path}:{place.span.line}" if place.span else "not in any recipe of the project now"
    return f"{where} · level {place.level} of {place.recipe}"


def _lineage(account: "Account", columns: int) -> list[str]:
    rows = account.path.select("level", "node_id", "text").rows()
    widest = max(width(level) for level, _, _ in rows)
    room = max(columns - widest - 16 - 6, 20)
    return [
        "lineage",
        *(
            f"  {level:<{widest}}  {spell(node_id)}  {plain.line(text, room)}"
            for level, node_id, text in rows
        ),
    ]


def _verdicts(account: "Account") -> list[str]:
    if not account.verdicts.height:
        return ["verdicts", "  no filter has judged it"]
    rows = [_verdict(*verdict) for verdict in account.verdicts.iter_rows()]
    table = align([("recipe", "filter", "verdict", "score", "reason"), *rows], right={3}, indent="  ")
    return ["verdicts", *table]


def _verdict(recipe: str, name: str, kept: bool, reason: str | None, score: float | None) -> tuple[str, ...]:
    said = "kept" if kept else "rejected"
    return recipe, name, said, "-" if score is None else f"{score:.4g}", plain.plain(reason or "-")


def _asked(account: "Account", given: "Shown | None") -> list[str]:
    match account.asked:
        case None:
            return ["asked", "  no model was asked"]
        case str() as reason:
            return ["asked", f"  cannot be made again: {reason}"]
        case asked:
            return [_heading(asked), *(plain.block(given.text) if given else _messages(asked.request))]


def _heading(asked: "Asked") -> str:
    request = asked.request
    how = "as sent" if asked.exact else "as near as can be told: what it is made of has changed since"
    return f"asked, {how} · as {request.role or 'plain text'} · at most {count(request.max_tokens, 'token')}"


def _messages(request: "Request") -> list[str]:
    said = [f"{message.role}: {message.content}" for message in request.messages]
    begun = [f"{request.role or 'text'}: {request.prefix}"] if request.prefix or request.role is None else []
    return [line for text in (*said, *begun) for line in plain.block(text)]


def _emissions(account: "Account") -> list[str]:
    if not account.emissions.height:
        return ["emitted", "  in no mix"]
    leaf = account.path["node_id"][-1]
    lines = []
    for recipe, mix_id, rows, first in account.emissions.iter_rows():
        places = ", ".join(f"{place['position']} ({place['split']})" for place in first)
        ends = any(place["leaf_id"] == leaf for place in first)
        rejected = any(place["rejected_id"] == leaf for place in first)
        lone = "rejected in row" if rejected else "at the end of row" if ends else "in row"
        how = lone if rows == 1 else f"in {rows:,} rows:"
        lines.append(f"  mix {mix_id} of {recipe}: {how} {places}{', …' if rows > len(first) else ''}")
    return ["emitted", *lines]


def _named(rows: list[tuple[str, str]]) -> list[str]:
    return [f"  {name:<8}  {plain.plain(text)}" for name, text in rows]


def _facts(account: "Account", given: "Shown | None") -> dict[str, Any]:
    return {
        **_held(account.path.row(-1, named=True)),
        "siblings": account.siblings,
        "lineage": [_held(node) for node in account.path[:-1].iter_rows(named=True)],
        "asked": _request(account.asked, given),
        "run": _when(account.run) if account.run else None,
        "recipes": [_written_at(place) for place in account.places],
        "verdicts": account.verdicts.to_dicts(),
        "mixes": [_mix(mix) for mix in account.emissions.to_dicts()],
    }


def _held(node: dict[str, Any]) -> dict[str, Any]:
    value = None if node["value"] is None else json.loads(node["value"])
    parent = spell(node["parent_id"]) if node["parent_id"] else None
    facts = {name: said for name, said in node.items() if name != "recipe"}
    return {**facts, "node_id": spell(node["node_id"]), "parent_id": parent, "value": value}


def _request(asked: "Asked | str | None", given: "Shown | None") -> dict[str, Any] | None:
    match asked:
        case None:
            return None
        case str():
            return {"problem": asked}
        case _:
            request = asked.request
            messages = [asdict(message) for message in request.messages]
            facts = {"role": request.role, "prefix": request.prefix, "max_tokens": request.max_tokens}
            sampling = {"sampling": asdict(request.sampling), "stop": request.stop}
            text = given.text if given else None
            return {"exact": asked.exact, "text": text, "messages": messages, **facts, **sampling}


def _when(run: "Run") -> dict[str, Any]:
    commit = {"git_commit": run.commit, "git_dirty": run.dirty}
    return {"run_id": run.run_id, "recipe": run.recipe, "started_at": run.started.isoformat(), **commit}


def _written_at(place: "Place") -> dict[str, Any]:
    where = {"path": place.span.path, "line": place.span.line} if place.span else {"path": None, "line": None}
    return {"recipe": place.recipe, "level": place.level, **where}


def _mix(mix: dict[str, Any]) -> dict[str, Any]:
    return {**mix, "first": [{**place, **_ends(place)} for place in mix["first"]]}


def _ends(place: dict[str, Any]) -> dict[str, str | None]:
    rejected = place["rejected_id"]
    return {"leaf_id": spell(place["leaf_id"]), "rejected_id": None if rejected is None else spell(rejected)}


def _position(row: "Row") -> dict[str, Any]:
    names = ("recipe", "mix_id", "rows", "position", "split", "source", "line", "turns", "tokens")
    rejected = {"node_id": spell(row.rejected[0]), "text": row.rejected[1]} if row.rejected else None
    return {name: getattr(row, name) for name in names} | {"rejected": rejected}
