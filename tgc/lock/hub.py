"""What a hub or its local cache has of a model at a commit; small files are fetched, weights are not."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tgc.errors import Diagnostic, RecipeError
from tgc.lower.models import ADAPTER, ASPECTS, aspect, files, reference

if TYPE_CHECKING:
    from huggingface_hub import ModelInfo

CONFIG, WEIGHTS, INDEX = "config.json", "model.safetensors", "model.safetensors.index.json"
LOGIN = "`hf auth login` says who asks, where a model is private or gated"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A model at a commit: its files by name, each as the sha256 that the hub gives or as a file to read."""

    commit: str
    files: Mapping[str, str | Path]


def snapshot(name: str, revision: str | None, pinned: str | None = None) -> Snapshot:
    """The commit that a revision stands for now; small files are downloaded, of weights only the hash is asked.

    Offline, the cache is asked in the hub's place; where it does not know the revision, the commit pinned so far
    stands.

    Raises:
        RecipeError: the hub does not give the model, or the cache lacks it.
    """
    from huggingface_hub.constants import is_offline_mode

    if not is_offline_mode():
        return _asked(name, revision)
    return _cached(name, pinned if pinned and cached(name, revision) is None else revision)


def cached(name: str, revision: str | None) -> Path | None:
    """The directory of a model or an adapter in the cache, whole or not; None where there is none."""
    from huggingface_hub import try_to_load_from_cache

    try:
        found = [try_to_load_from_cache(name, file, revision=revision) for file in (CONFIG, ADAPTER[0])]
    except ValueError:  # such a name is none
        return None
    return next((Path(path).parent for path in found if isinstance(path, str)), None)


def lacking(name: str, revision: str | None) -> str | None:
    """The first file that the cache lacks for a model or an adapter to be loaded; None where it has them all."""
    directory = cached(name, revision)
    if directory is None:
        return CONFIG
    if not (directory / CONFIG).is_file():
        return None if (directory / ADAPTER[1]).is_file() else ADAPTER[1]
    missing = [file for file in _weights(directory) if not (directory / file).is_file()]
    if not missing and not any((directory / file).is_file() for file in ASPECTS["tokenizer"]):
        return "tokenizer.json"
    return missing[0] if missing else None


def unavailable(name: str, revision: str | None, missing: str) -> RecipeError:
    """What to say of a model of which the cache lacks a file, while the hub is not to be asked."""
    named = reference(name, revision)
    message = f"`{missing}` of `{named}` is not in the local cache, and the hub is not to be asked"
    hint = "a build without `--offline` downloads it; `HF_HOME` says where the cache is"
    return RecipeError([Diagnostic("unavailable-model", message, None, hint)])


def _weights(directory: Path) -> list[str]:
    index = directory / INDEX
    if not index.is_file():
        return [WEIGHTS]
    return sorted(set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values()))


def _cached(name: str, revision: str | None) -> Snapshot:
    directory, missing = cached(name, revision), lacking(name, revision)
    if directory is None or missing is not None:
        raise unavailable(name, revision, missing or CONFIG)
    return Snapshot(directory.name, files(directory))


def _asked(name: str, revision: str | None) -> Snapshot:
    from huggingface_hub import HfApi
    from huggingface_hub.constants import HF_HUB_ETAG_TIMEOUT
    from huggingface_hub.errors import HTTPError  # type: ignore[attr-defined]  # httpx's, or its successor's

    try:
        info = HfApi().model_info(name, revision=revision, timeout=HF_HUB_ETAG_TIMEOUT, files_metadata=True)
        return Snapshot(str(info.sha), _listed(name, info))
    except (HTTPError, OSError, ValueError) as error:
        raise _refused(reference(name, revision), error) from error


def _listed(name: str, info: "ModelInfo") -> dict[str, str | Path]:
    from huggingface_hub import hf_hub_download
    from huggingface_hub.utils.tqdm import disable_progress_bars

    disable_progress_bars()
    found = [file for file in info.siblings or () if aspect(file.rfilename)]
    return {
        file.rfilename: file.lfs.sha256
        if file.lfs
        else Path(hf_hub_download(name, file.rfilename, revision=info.sha))
        for file in found
    }


def _refused(named: str, error: Exception) -> RecipeError:
    from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError, RevisionNotFoundError

    hint: str | None = LOGIN
    match error:
        case GatedRepoError():
            message = f"the hub gives `{named}` only to those whom its owner lets"
        case RepositoryNotFoundError():
            message = f"the hub has no model `{named}`"
        case RevisionNotFoundError():
            message, hint = f"the hub has no revision `{named}`", None
        case _:
            message = f"the hub cannot be asked for `{named}`: {type(error).__name__}"
            hint = "`--offline` takes what is in the local cache"
    return RecipeError([Diagnostic("unavailable-model", message, None, hint)])
