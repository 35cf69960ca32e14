"""What a model reference means: weights that ship with tgc, a local directory, or a repository of a hub."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from hashlib import blake2b
from pathlib import Path
from types import MappingProxyType
from typing import Any

from tgc import assets, ir, source
from tgc.errors import Diagnostic, RecipeError, nearest
from tgc.origin import Origin

BUILTIN = "builtin:"
BLOCKS, BLOCK = 64, 64 * 1024
"""How much of a safetensors file is read: reading 15 GB of weights whole would cost a minute."""

ASPECTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "weights": ("*.safetensors", "*.safetensors.index.json"),
        "tokenizer": (
            "added_tokens.json",
            "merges.txt",
            "special_tokens_map.json",
            "tokenizer.json",
            "tokenizer.model",
            "tokenizer_config.json",
            "vocab.json",
            "vocab.txt",
        ),
        "chat_template": ("chat_template.*", "*chat_templates/*.jinja"),
        "config": (
            "config.json",
            "generation_config.json",
            "adapter_config.json",
            "modules.json",
            "*_Pooling/config.json",
        ),
    }
)
"""The files that make a model what it is, by what they say of it."""

ADAPTER = ("adapter_config.json", "adapter_model.safetensors")
"""The files of an adapter."""

NO_PINS: Mapping[str, str] = MappingProxyType({})

_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")


def resolve(
    name: str, revision: str | None, folders: tuple[Path, ...], pins: Mapping[str, str] = NO_PINS
) -> ir.Model:
    """The model of a reference: `builtin:<name>`, a directory looked up in `folders`, or a hub id `org/name`.

    The digest of a directory covers its configuration, tokenizer and chat template, and of every
    safetensors file the size and 64 evenly spaced blocks of 64 KiB; that of a hub id is `id@revision`.

    Args:
        name: what the recipe calls it.
        revision: the branch, tag or commit that the recipe asks for.
        folders: where directories are looked up.
        pins: the commit that a reference (see `reference`) of a hub id stands for, by a lock.

    Raises:
        RecipeError: there is no such model, or its directory holds no model that can be loaded.
    """
    directory = locate(name, folders)
    if directory is not None:
        return _local(name, directory, revision)
    commit = pins.get(reference(name, revision), revision)
    return _remote(name, commit)


def embedder(name: str, folders: tuple[Path, ...], pins: Mapping[str, str] = NO_PINS) -> ir.Model:
    """The sentence-transformers model of a directory or hub id.

    Raises:
        RecipeError: it is neither.
    """
    directory = locate(name, folders)
    if directory is not None:
        return ir.Model(name, Origin(str(directory)), digest(directory), None, chats=False)
    return replace(_remote(name, pins.get(name)), chats=False)


def adapter(
    name: str, revision: str | None, folders: tuple[Path, ...], pins: Mapping[str, str] = NO_PINS
) -> ir.Model:
    """The PEFT adapter of a directory or hub id; its digest is as that of a model.

    Raises:
        RecipeError: it is neither, or the directory holds no adapter that can be loaded.
    """
    directory = locate(name, folders)
    if directory is None:
        commit = pins.get(reference(name, revision), revision)
        return replace(_remote(name, commit), chats=False)
    _refuse_revision(name, revision)
    for file in ADAPTER:
        if not (directory / file).is_file():
            raise _problem("bad-model", f"`{name}` has no `{file}`", "an adapter is what peft saves")
    _json(name, directory, ADAPTER[0])
    return ir.Model(name, Origin(str(directory)), digest(directory), None, chats=False)


def differences(
    one: ir.Model, other: ir.Model, settings: Iterable[str]
) -> Iterator[tuple[str, object, object]]:
    """The settings that the configurations of two models both say, and differently, with what each says.

    Nothing is known of a model from a hub.
    """
    here, there = (_settings(model) for model in (one, other))
    for key in settings:
        if key in here and key in there and here[key] != there[key]:
            yield key, here[key], there[key]


def locate(name: str, folders: tuple[Path, ...]) -> Path | None:
    """The directory that a model's name means; None where it is a hub id.

    Raises:
        RecipeError: it means neither.
    """
    if name.startswith(BUILTIN):
        return _builtin(name.removeprefix(BUILTIN))
    directory = next(filter(source.is_directory, (folder / name for folder in folders)), None)
    if directory is None and not _HUB_ID.fullmatch(name):
        hint = nearest(name, (BUILTIN + model for model in assets.models()))
        raise _problem("unknown-model", f"`{name}` is neither a directory nor a hub id `org/name`", hint)
    return directory


def reference(name: str, revision: str | None) -> str:
    """A model with the revision asked for, as locks and fingerprints spell it.

    >>> reference("org/name", "main"), reference("org/name", None)
    ('org/name@main', 'org/name')
    """
    return f"{name}@{revision}" if revision else name


def files(directory: Path) -> dict[str, Path]:
    """The files of a saved model that make it what it is, by their names in its directory, sorted."""
    patterns = [pattern for patterns in ASPECTS.values() for pattern in patterns]
    found = {path for pattern in patterns for path in directory.glob(pattern) if path.is_file()}
    return {path.relative_to(directory).as_posix(): path for path in sorted(found)}


def aspect(name: str) -> str | None:
    """What the file of that name says of a model; None where it is no part of what makes it.

    >>> aspect("model-00001-of-00002.safetensors"), aspect("tokenizer.json"), aspect("onnx/config.json")
    ('weights', 'tokenizer', None)
    """
    for found, patterns in ASPECTS.items():
        if any(name.count("/") == pattern.count("/") and fnmatchcase(name, pattern) for pattern in patterns):
            return found
    return None


def digest(directory: Path) -> str:
    """What counts as the identity of a saved model; see `resolve`."""
    state = blake2b(digest_size=16)
    for name, path in files(directory).items():
        state.update(name.encode() + b"\0" + str(path.stat().st_size).encode() + b"\0")
        for block in _sampled(path) if path.suffix == ".safetensors" else (path.read_bytes(),):
            state.update(block)
    return state.hexdigest()


def _builtin(name: str) -> Path:
    if name not in assets.models():
        raise _problem("unknown-model", f"no model `{name}` ships with tgc", nearest(name, assets.models()))
    return assets.model(name)


def _remote(name: str, commit: str | None) -> ir.Model:
    loose = () if commit else (name,)
    return ir.Model(name, Origin(name, commit), reference(name, commit), None, loose=loose)


def _local(name: str, directory: Path, revision: str | None) -> ir.Model:
    _refuse_revision(name, revision)
    if not (directory / "config.json").is_file():
        raise _problem("bad-model", f"`{name}` has no `config.json`", "name the directory of a saved model")
    if not any(directory.glob("*.safetensors")):
        raise _problem(
            "bad-model", f"`{name}` has no `*.safetensors`", "save the model with safe serialization"
        )
    return ir.Model(
        id=name,
        origin=Origin(str(directory)),
        digest=digest(directory),
        context=_size(name, directory, "max_position_embeddings"),
        chats=_speaks(name, directory),
        vocabulary=_size(name, directory, "vocab_size"),
    )


def _refuse_revision(name: str, revision: str | None) -> None:
    if revision is not None:
        raise _problem("bad-model", f"the directory `{name}` has no revisions", "leave `revision` out")


def _settings(model: ir.Model) -> dict[str, Any]:  # Any: as in `_json`
    directory = Path(model.origin.source)
    if not directory.is_dir():
        return {}
    config = _json(model.id, directory, "config.json")
    return {**config, **config.get("text_config", {})}


def _speaks(name: str, directory: Path) -> bool:
    if any(next(directory.glob(pattern), None) for pattern in ASPECTS["chat_template"]):
        return True
    file = "tokenizer_config.json"
    return (directory / file).is_file() and bool(_json(name, directory, file).get("chat_template"))


def _size(name: str, directory: Path, key: str) -> int | None:
    config = _json(name, directory, "config.json")
    size = {**config.get("text_config", {}), **config}.get(key)
    return size if isinstance(size, int) else None


def _json(name: str, directory: Path, file: str) -> dict[str, Any]:  # Any: transformers' own formats
    try:
        found = json.loads((directory / file).read_text(encoding="utf-8"))
    except ValueError as error:
        raise _problem("bad-model", f"the `{file}` of `{name}` is not JSON") from error
    if not isinstance(found, dict):
        raise _problem("bad-model", f"the `{file}` of `{name}` is not a mapping")
    return found


def _sampled(path: Path) -> Iterator[bytes]:
    last = max(path.stat().st_size - BLOCK, 0)
    with path.open("rb") as file:
        for offset in sorted({last * index // (BLOCKS - 1) for index in range(BLOCKS)}):
            file.seek(offset)
            yield file.read(BLOCK)


def _problem(code: str, message: str, hint: str | None = None) -> RecipeError:
    return RecipeError([Diagnostic(code, message, None, hint)])
