"""An adapter of the peft library on a model: in its weights where its kind allows that, or before its prompts."""

import json
import warnings
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from huggingface_hub import hf_hub_download
from safetensors import SafetensorError
from torch import Tensor
from transformers import PreTrainedModel

from tgc.engine.loading import soft
from tgc.engine.loading.tensors import counted
from tgc.errors import BackendError
from tgc.origin import Origin

if TYPE_CHECKING:
    from peft.tuners.tuners_utils import BaseTuner

CONFIG, WEIGHTS = "adapter_config.json", "adapter_model.safetensors"

BROKEN = (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError)
"""What peft raises when an adapter is missing, incomplete or unknown."""

BESIDE = (NotImplementedError, RuntimeError, UserWarning)
"""What peft raises when an adapter cannot become part of the weights: a layer has no bias to add one to, say."""

TIED = "Model with `tie_word_embeddings=True`"
"""How peft begins to warn that merging would change the embeddings of input and output both."""


FITS = "an adapter is for models of the architecture that it was trained on"


@dataclass(frozen=True, slots=True)
class Adapted:
    """A model with its adapter; `head` are the ids that go before every prompt."""

    model: PreTrainedModel
    head: tuple[int, ...] = ()


def adapt(model: PreTrainedModel, adapter: Origin) -> Adapted:
    """The model with an adapter, whose weights are safetensors; the model given is used up.

    Raises:
        BackendError: peft is not installed, or the adapter cannot be loaded, is not for such a model or changes
            more than weights and prompts.
    """
    with _wrapped(adapter):
        directory = _directory(adapter)
        count = _learned(directory)
        if count:
            return Adapted(model, _prepended(model, adapter, soft.read(directory / WEIGHTS, count)))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # peft asks transformers for what is deprecated there
            warnings.filterwarnings("error", TIED)
            adapted = _adapted(model, adapter, str(directory))
    return Adapted(cast("PreTrainedModel", adapted.eval()))  # type: ignore[no-untyped-call]


def head_length(adapter: Origin | None) -> int:
    """How many tokens an adapter puts before every prompt; nothing is downloaded to find out.

    Raises:
        BackendError: the adapter cannot be read, or is not on this machine.
    """
    if adapter is None:
        return 0
    with _wrapped(adapter):
        return _learned(_directory(adapter, offline=True))


@contextmanager
def _wrapped(adapter: Origin) -> Iterator[None]:
    try:
        yield
    except BROKEN as error:
        raise BackendError(
            f"the adapter `{adapter.source}` cannot be loaded: {str(error).strip().splitlines()[0]}",
            f"an adapter is a directory or a hub id with `{CONFIG}` and `{WEIGHTS}`",
        ) from error


def _learned(directory: Path) -> int:
    """How many tokens of a prompt were learned, if the adapter is one."""
    config = json.loads((directory / CONFIG).read_text())
    return int(config["num_virtual_tokens"]) if config["peft_type"] in soft.KINDS else 0


def _prepended(model: PreTrainedModel, adapter: Origin, learned: Tensor) -> tuple[int, ...]:
    try:
        return soft.prepend(model, learned)
    except ValueError as error:
        raise BackendError(f"the adapter `{adapter.source}` does not fit the model: {error}", FITS) from error


def _adapted(model: PreTrainedModel, adapter: Origin, directory: str) -> PreTrainedModel:
    try:
        from peft import PeftConfig, PeftModel, PeftType
        from peft.tuners.tuners_utils import BaseTuner
    except ImportError as error:
        raise BackendError(
            f"the adapter `{adapter.source}` needs the package peft", "`pip install 'tgc[adapters]'`"
        ) from error
    config = PeftConfig.from_pretrained(directory)
    config.inference_mode = True
    adapted = PeftModel(model, config)
    if not isinstance(adapted.base_model, BaseTuner):
        kind = PeftType(config.peft_type).value
        raise BackendError(
            f"the adapter `{adapter.source}` is of the kind `{kind}`, which is more than weights",
            "an adapter changes the weights of layers, as LoRA does, or is vectors before the prompt",
        )
    found = adapted.load_adapter(directory, "default", torch_device=str(model.device))
    _refuse_misfits(adapter, found.missing_keys, found.unexpected_keys)
    return _merged(adapted.base_model)


def _directory(adapter: Origin, *, offline: bool = False) -> Path:
    """Where an adapter is on this machine; from a hub, its two files are downloaded."""
    home = Path(adapter.source)
    if not home.is_dir():
        paths = [
            hf_hub_download(adapter.source, file, revision=adapter.revision, local_files_only=offline)
            for file in (CONFIG, WEIGHTS)
        ]
        return Path(paths[0]).parent
    if not (home / WEIGHTS).is_file():
        raise FileNotFoundError(f"there is no `{WEIGHTS}`")  # or peft would unpickle another file
    return home


def _refuse_misfits(adapter: Origin, missing: Collection[str], surplus: Collection[str]) -> None:
    flaws = {"missing": missing, "for no layer that the model has": surplus}
    if missing or surplus:
        said = "; ".join(counted(names, what) for what, names in flaws.items() if names)
        raise BackendError(
            f"the adapter `{adapter.source}` does not fit the model: {said}",
            FITS,
        )


def _merged(adapted: "BaseTuner") -> PreTrainedModel:
    """The model with the adapter in its weights, or beside them: the same up to rounding, but slower."""
    try:
        return cast("PreTrainedModel", adapted.merge_and_unload(safe_merge=True))
    except BESIDE:  # a safe merge leaves the layer at which it fails, and those after it, as they were
        return cast("PreTrainedModel", adapted.model)
