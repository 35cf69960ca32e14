"""What a model reference means: weights that ship with tgc, a local directory, or a repository of a hub."""

import json
import re
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path
from typing import Any

from tgc import assets, ir, source
from tgc.errors import Diagnostic, RecipeError, nearest

BUILTIN = "builtin:"
BLOCKS, BLOCK = 64, 64 * 1024
"""How much of a safetensors file is read: reading 15 GB of weights whole would cost a minute."""

_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
_TEMPLATES = ("chat_template.jinja", "chat_template.json", "*chat_templates/*.jinja")
_IDENTITY = (
    "added_tokens.json",
    "chat_template.*",
    "config.json",
    "generation_config.json",
    "merges.txt",
    "special_tokens_map.json",
    "tokenizer.json",
    "tokenizer.model",
    "tokenizer_config.json",
    "vocab.json",
    "vocab.txt",
)


def resolve(name: str, revision: str | None, folders: tuple[Path, ...]) -> ir.Model:
    """The model of a reference: `builtin:<name>`, a directory looked up in `folders`, or a hub id `org/name`.

    The digest of a directory covers its configuration, tokenizer and chat template, and of every
    safetensors file the size and 64 evenly spaced blocks of 64 KiB; that of a hub id is `id@revision`.

    Raises:
        RecipeError: there is no such model, or its directory holds no chat model that can be loaded.
    """
    if name.startswith(BUILTIN):
        return _local(name, _builtin(name.removeprefix(BUILTIN)), revision)
    directory = next(filter(source.is_directory, (folder / name for folder in folders)), None)
    if directory is not None:
        return _local(name, directory, revision)
    if not _HUB_ID.fullmatch(name):
        hint = nearest(name, (BUILTIN + model for model in assets.models()))
        raise _problem("unknown-model", f"`{name}` is neither a directory nor a hub id `org/name`", hint)
    return ir.Model(name, name, revision, f"{name}@{revision}" if revision else name, None)


def _builtin(name: str) -> Path:
    if name not in assets.models():
        raise _problem("unknown-model", f"no model `{name}` ships with tgc", nearest(name, assets.models()))
    return assets.model(name)


def _local(name: str, directory: Path, revision: str | None) -> ir.Model:
    if revision is not None:
        raise _problem("bad-model", f"the directory `{name}` has no revisions", "leave `revision` out")
    if not (directory / "config.json").is_file():
        raise _problem("bad-model", f"`{name}` has no `config.json`", "name the directory of a saved model")
    if not any(directory.glob("*.safetensors")):
        raise _problem(
            "bad-model", f"`{name}` has no `*.safetensors`", "save the model with safe serialization"
        )
    if not _speaks(name, directory):
        raise _problem(
            "no-chat-template",
            f"`{name}` has no chat template, and levels with a `role` or `prompt` need one",
            "take an instruct or chat variant, or save one with the tokenizer: "
            "`tokenizer.chat_template = …; tokenizer.save_pretrained(dir)`",
        )
    return ir.Model(name, str(directory), None, _digest(directory), _context(name, directory))


def _speaks(name: str, directory: Path) -> bool:
    if any(next(directory.glob(pattern), None) for pattern in _TEMPLATES):
        return True
    file = "tokenizer_config.json"
    return (directory / file).is_file() and bool(_json(name, directory, file).get("chat_template"))


def _context(name: str, directory: Path) -> int | None:
    config = _json(name, directory, "config.json")
    longest = {**config.get("text_config", {}), **config}.get("max_position_embeddings")
    return longest if isinstance(longest, int) else None


def _json(name: str, directory: Path, file: str) -> dict[str, Any]:  # Any: transformers' own formats
    try:
        found = json.loads((directory / file).read_text(encoding="utf-8"))
    except ValueError as error:
        raise _problem("bad-model", f"the `{file}` of `{name}` is not JSON") from error
    if not isinstance(found, dict):
        raise _problem("bad-model", f"the `{file}` of `{name}` is not a mapping")
    return found


def _digest(directory: Path) -> str:
    state = blake2b(digest_size=16)
    for path in sorted(set(_files(directory))):
        state.update(path.name.encode() + b"\0" + str(path.stat().st_size).encode() + b"\0")
        for block in _sampled(path) if path.suffix == ".safetensors" else (path.read_bytes(),):
            state.update(block)
    return state.hexdigest()


def _files(directory: Path) -> Iterator[Path]:
    for pattern in (*_IDENTITY, "*.safetensors"):
        yield from directory.glob(pattern)


def _sampled(path: Path) -> Iterator[bytes]:
    last = max(path.stat().st_size - BLOCK, 0)
    with path.open("rb") as file:
        for offset in sorted({last * index // (BLOCKS - 1) for index in range(BLOCKS)}):
            file.seek(offset)
            yield file.read(BLOCK)


def _problem(code: str, message: str, hint: str | None = None) -> RecipeError:
    return RecipeError([Diagnostic(code, message, None, hint)])
