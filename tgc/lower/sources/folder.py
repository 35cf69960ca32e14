"""Folders as `datasets` has them: by the `configs` of their card, by names of files, or by `save_to_disk`.

https://huggingface.co/docs/datasets/repository_structure; nothing is downloaded, and no code of a folder is run.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path

from tgc import records, source
from tgc.errors import Diagnostic, RecipeError, nearest
from tgc.lower.sources.found import Found
from tgc.readers.base import Reader

CARD = "README.md"
STATE = "state.json"
SPLITS = "dataset_dict.json"
ABOUT = frozenset({STATE, SPLITS, "dataset_info.json", "dataset_infos.json"})
"""Files that tell of the others."""

TRAIN = "train"
WORDS = {
    TRAIN: ("train", "training"),
    "validation": ("validation", "valid", "val", "dev"),
    "test": ("test", "testing", "eval", "evaluation"),
}
"""What a folder or file is called, in part, that is a split."""

SHARD = re.compile(r"(?:.*/)?data/(\w+)-\d{5}-of-\d{5}[^/]*")
"""How the hub names the files of a split."""

FRONT = re.compile(r"\A---\n(.*?)^---$", re.DOTALL | re.MULTILINE)

Splits = Mapping[str, Callable[[], tuple[Path, ...]]]
"""The files of each split, found when they are asked for: those of others may not be there."""


def files(folder: Path, reader: Reader) -> tuple[Found, ...]:
    """The files of a split in their order: of the one that is asked for, of `train`, or of the only one.

    Raises:
        RecipeError: there is no such configuration or split, or several of which none is asked for.
    """
    splits = _splits(folder, reader)
    name = _chosen("split", splits, reader.split, TRAIN, reader.source)
    below = splits[name]()
    if not below:
        raise _unknown(f"`{reader.source}` has no file of the split `{name}`", None)
    return tuple(map(Found, below))


def _splits(folder: Path, reader: Reader) -> Splits:
    if (folder / SPLITS).is_file():
        told = _mapping(folder / SPLITS).get("splits")
        names = told if isinstance(told, list) else []
        return {str(name): partial(_saved, folder / str(name)) for name in names}
    if (folder / STATE).is_file():
        return {TRAIN: partial(_saved, folder)}
    configs = _configs(folder)
    if not configs and reader.config is None:
        return _guessed(folder)
    name = _chosen("configuration", configs, reader.config, "default", reader.source)
    return _matched(folder, configs[name])


def _chosen(what: str, there: Iterable[str], asked: str | None, usual: str, shown: str) -> str:
    """The one that is asked for, or else the usual, or the only one."""
    names = list(there)
    if asked is None and (usual in names or len(names) == 1):
        return usual if usual in names else names[0]
    if asked in names:
        return str(asked)
    if asked is None:
        message = f"`{shown}` has several {what}s" if names else f"`{shown}` has no data"
        hint = "one of them is named by " + ("`split`" if what == "split" else "`config`")
        known = ", ".join(f"`{name}`" for name in names)
        raise _unknown(message, f"{hint}: {known}" if names else None)
    raise _unknown(f"`{shown}` has no {what} `{asked}`", nearest(asked, names))


def _unknown(message: str, hint: str | None) -> RecipeError:
    return RecipeError([Diagnostic("unknown-subset", message, None, hint)])


def _configs(folder: Path) -> dict[str, object]:
    """What the card says of each configuration, the default one as `default`."""
    if not (folder / CARD).is_file():
        return {}
    front = FRONT.match(source.read(folder / CARD, str(folder / CARD)).replace("\r\n", "\n"))
    said = source.parse(front[1], str(folder / CARD)).value if front else None
    listed = said.get("configs") if isinstance(said, dict) else None
    found: dict[str, object] = {}
    for config in listed if isinstance(listed, list) else []:
        if isinstance(config, dict) and "data_files" in config:
            name = str(config.get("config_name", "default"))
            found[name] = config["data_files"]
            if config.get("default") is True:
                found["default"] = config["data_files"]
    return found


def _matched(folder: Path, data_files: object) -> Splits:
    """The files of patterns by split, as a card writes them: one, a list, or by split in either way."""
    match data_files:
        case [{"split": _}, *_]:
            pairs = [(str(one["split"]), one.get("path")) for one in data_files if isinstance(one, dict)]
        case dict():
            pairs = [(str(split), patterns) for split, patterns in data_files.items()]
        case _:
            pairs = [(TRAIN, data_files)]
    return {split: partial(_globbed, folder, patterns) for split, patterns in pairs}


def _globbed(folder: Path, patterns: object) -> tuple[Path, ...]:
    """The files of a folder that patterns name, each of which has to name one."""
    given = patterns if isinstance(patterns, list) else [patterns]
    return tuple(dict.fromkeys(path for pattern in given for path in _named(folder, str(pattern))))


def _named(folder: Path, pattern: str) -> Iterator[Path]:
    try:
        found = sorted(path for path in folder.glob(pattern) if path.is_file())
    except (ValueError, NotImplementedError):  # an empty pattern, or one that begins at the root
        found = []
    if not found or any(source.leads_out(path, folder) for path in found):
        raise _unknown(
            f"`{pattern}` names no files within `{folder.name}`", "its `README.md` says which are data"
        )
    yield from found


def _guessed(folder: Path) -> Splits:
    """Files by the splits that their names tell; all are of `train` where none does."""
    below = sorted(path for path in folder.rglob("*") if _is_data(path, folder))
    named: dict[str, list[Path]] = {}
    for path in below:
        split = _split(path.relative_to(folder).as_posix())
        if split:
            named.setdefault(split, []).append(path)
    found = named or ({TRAIN: below} if below else {})
    return {split: partial(tuple, paths) for split, paths in found.items()}


def _is_data(path: Path, folder: Path) -> bool:
    hidden = any(part.startswith((".", "_")) for part in path.relative_to(folder).parts)
    return (
        records.suffix(path) in records.SUFFIXES and path.name not in ABOUT and not hidden and path.is_file()
    )


def _split(name: str) -> str | None:
    """What a path says which split it is of.

    >>> _split("data/dev_sft-00000-of-00001.parquet"), _split("en/my-train.jsonl"), _split("trainer.json")
    ('dev_sft', 'train', None)
    """
    shard = SHARD.fullmatch(name)
    if shard:
        return shard[1]
    words = set(re.split(r"[ ._\-0-9/]+", name))
    return next((split for split, known in WORDS.items() if words & set(known)), None)


def _saved(folder: Path) -> tuple[Path, ...]:
    """The files that `save_to_disk` wrote to a folder, in their order."""
    told = _mapping(folder / STATE).get("_data_files")
    names = (
        [str(file["filename"]) for file in told if isinstance(file, dict)] if isinstance(told, list) else []
    )
    for name in names:
        if source.leads_out(folder / name, folder):
            raise _unknown(f"`{name}` is not within `{folder.name}`", f"`{STATE}` says which files are data")
    return tuple(folder / name for name in names)


def _mapping(path: Path) -> dict[str, object]:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
