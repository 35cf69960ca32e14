"""An adapter of the peft library on a model, merged into its weights where its kind allows that."""

import warnings
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, cast

from huggingface_hub import hf_hub_download
from safetensors import SafetensorError
from transformers import PreTrainedModel

from tgc.engine.tensors import counted
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


def adapt(model: PreTrainedModel, adapter: Origin) -> PreTrainedModel:
    """The model with an adapter, whose weights are safetensors; the model given is used up.

    Raises:
        BackendError: peft is not installed, or the adapter cannot be loaded, is not for such a model or changes
            more than weights.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # peft asks transformers for what is deprecated there
            warnings.filterwarnings("error", TIED)
            adapted = _adapted(model, adapter)
    except BROKEN as error:
        raise BackendError(
            f"the adapter `{adapter.source}` cannot be loaded: {str(error).strip().splitlines()[0]}",
            f"an adapter is a directory or a hub id with `{CONFIG}` and `{WEIGHTS}`",
        ) from error
    return cast("PreTrainedModel", adapted.eval())  # type: ignore[no-untyped-call]


def _adapted(model: PreTrainedModel, adapter: Origin) -> PreTrainedModel:
    try:
        from peft import PeftConfig, PeftModel, PeftType
        from peft.tuners.tuners_utils import BaseTuner
    except ImportError as error:
        raise BackendError(
            f"the adapter `{adapter.source}` needs the package peft", "`pip install 'tgc[adapters]'`"
        ) from error
    directory = str(_directory(adapter))
    config = PeftConfig.from_pretrained(directory)
    config.inference_mode = True
    adapted = PeftModel(model, config)
    if not isinstance(adapted.base_model, BaseTuner):
        kind = PeftType(config.peft_type).value
        raise BackendError(
            f"the adapter `{adapter.source}` is of the kind `{kind}`, which is more than weights",
            "an adapter changes the weights of layers, as LoRA does",
        )
    found = adapted.load_adapter(directory, "default", torch_device=str(model.device))
    _refuse_misfits(adapter, found.missing_keys, found.unexpected_keys)
    return _merged(adapted.base_model)


def _directory(adapter: Origin) -> Path:
    """Where an adapter is on this machine; from a hub, its two files are downloaded."""
    home = Path(adapter.source)
    if not home.is_dir():
        paths = [
            hf_hub_download(adapter.source, file, revision=adapter.revision) for file in (CONFIG, WEIGHTS)
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
            "an adapter is for models of the architecture that it was trained on",
        )


def _merged(adapted: "BaseTuner") -> PreTrainedModel:
    """The model with the adapter in its weights, or beside them: the same up to rounding, but slower."""
    try:
        return cast("PreTrainedModel", adapted.merge_and_unload(safe_merge=True))
    except BESIDE:  # a safe merge leaves the layer at which it fails, and those after it, as they were
        return cast("PreTrainedModel", adapted.model)
