"""A model and its tokenizer, loaded from a local directory or the hub; and silence while they work."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from logging import ERROR
from typing import Any, cast

import torch
from safetensors import SafetensorError
from transformers import (
    MODEL_FOR_CAUSAL_LM_MAPPING,
    AutoConfig,
    AutoModelForCausalLM,
    AutoModelForImageTextToText,
    AutoTokenizer,
    GenerationConfig,
    PreTrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)
from transformers.utils import logging

from tgc.engine import adapters, merges
from tgc.engine.tensors import counted
from tgc.errors import BackendError
from tgc.origin import Origin

BROKEN = (OSError, ValueError, KeyError, RuntimeError, ImportError, SafetensorError)
"""What transformers raises when a checkpoint is missing, incomplete, unknown or needs another package."""

Found = tuple[PreTrainedModel, dict[str, Any]]
"""A model and what transformers lists of its loading; Any: their sets of names and of shapes."""

LISTED = {"ignore_mismatched_sizes": True, "output_loading_info": True}
"""So that tensors that are missing or of another shape are listed."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What was loaded; the model is in evaluation mode.

    Attributes:
        ends: tokens that end a text by the checkpoint's own generation config.
        context: the longest prompt and completion together, in tokens; None when the config does not say.
    """

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    ends: frozenset[int]
    context: int | None

    @property
    def pad_id(self) -> int:
        """A token to fill up with; it is masked, so any will do where the tokenizer names none."""
        return int(self.tokenizer.pad_token_id or 0)


def load(origin: Origin, place: torch.device, dtype: str) -> Checkpoint:
    """Load safetensors weights; of a model that also sees images, the whole, to be used with text alone.

    Models are merged first, and an adapter comes on top of what they make.

    Raises:
        BackendError: the checkpoint cannot be loaded, or lacks tensors that its config asks for.
    """
    with _wrapped(origin.source), quiet():
        return _load(origin, place, dtype)


def tokenizer(origin: Origin) -> PreTrainedTokenizerBase:
    """Load the tokenizer alone, from this machine: nothing is downloaded to look at a prompt.

    Raises:
        BackendError: it cannot be loaded, or is not on this machine.
    """
    try:
        with quiet():
            return _tokenizer(origin, local_files_only=True)
    except BROKEN as error:
        raise BackendError(
            f"`{origin.source}` cannot be loaded from this machine: {_first_line(error)}",
            "a build downloads the models of a hub",
        ) from error


def device(name: str) -> torch.device:
    """The device of that name; `auto` is CUDA where there is one, else MPS, else the CPU.

    Raises:
        BackendError: there is no such device.
    """
    try:
        return torch.empty(0, device=_best() if name == "auto" else name).device
    except (RuntimeError, AssertionError) as error:
        raise BackendError(
            f"there is no device `{name}`: {_first_line(error)}", "`device: auto` takes the best there is"
        ) from error


@contextmanager
def quiet() -> Iterator[None]:
    """Keep transformers from writing progress and advice to stderr; its errors still show."""
    verbosity, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity(ERROR)
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
        if bars:
            logging.enable_progress_bar()  # type: ignore[no-untyped-call]


@contextmanager
def _wrapped(source: str) -> Iterator[None]:
    try:
        yield
    except BROKEN as error:
        raise BackendError(
            f"`{source}` cannot be loaded: {_first_line(error)}",
            "a model is a directory or a hub id with config.json, a tokenizer and safetensors weights",
        ) from error


def _load(origin: Origin, place: torch.device, dtype: str) -> Checkpoint:
    config = AutoConfig.from_pretrained(origin.source, revision=_revision(origin))
    model = _model(origin, config, dtype)
    if origin.adapter is not None:
        model = adapters.adapt(model, origin.adapter)
    model.to(place)  # type: ignore[arg-type]  # their wrapper of torch's method is mistyped
    return Checkpoint(model, _tokenizer(origin), _ends(model), _context(config))


def _revision(origin: Origin) -> str:
    return origin.revision or "main"


def _tokenizer(origin: Origin, **where: bool) -> PreTrainedTokenizerBase:
    loaded: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(
        origin.source, revision=_revision(origin), **where
    )
    return loaded


def _model(origin: Origin, config: PreTrainedConfig, dtype: str) -> PreTrainedModel:
    model, found = (_averaged if origin.merge else _saved)(origin, config, dtype)
    _refuse_holes(origin.source, set(found["missing_keys"]), {name for name, *_ in found["mismatched_keys"]})
    return model


def _saved(origin: Origin, config: PreTrainedConfig, dtype: str) -> Found:
    """The weights as they are saved in one place."""
    loaded = _kind(config).from_pretrained(
        origin.source, revision=_revision(origin), dtype=dtype, use_safetensors=True, **LISTED
    )
    return cast("Found", loaded)


def _averaged(origin: Origin, config: PreTrainedConfig, dtype: str) -> Found:
    """The weights of several places, which transformers takes without knowing of any."""
    with torch.device("meta"):
        empty = _kind(config).from_config(config)  # type: ignore[no-untyped-call]
    weights = merges.average(origin, tied=config.get_text_config().tie_word_embeddings)
    loaded = type(empty).from_pretrained(None, config=empty.config, state_dict=weights, dtype=dtype, **LISTED)
    model, found = cast("Found", loaded)
    with suppress(OSError):
        model.generation_config = GenerationConfig.from_pretrained(origin.source, revision=_revision(origin))
    return model, found


def _kind(config: PreTrainedConfig) -> type[AutoModelForCausalLM | AutoModelForImageTextToText]:
    speaks_alone = type(config) in MODEL_FOR_CAUSAL_LM_MAPPING
    return AutoModelForCausalLM if speaks_alone else AutoModelForImageTextToText


def _refuse_holes(source: str, missing: set[str], misfits: set[str]) -> None:
    """Raise where transformers fills in random numbers; it leaves out tied weights and buffers of its own."""
    flaws = {"missing": missing - misfits, "of another shape than `config.json` says": misfits}
    if missing or misfits:
        said = "; ".join(counted(names, what) for what, names in flaws.items() if names)
        raise BackendError(
            f"the weights of `{source}` do not fit its config: {said}",
            "save the model again, or take the config.json that belongs to the weights",
        )


def _ends(model: PreTrainedModel) -> frozenset[int]:
    ids = getattr(model.generation_config, "eos_token_id", None)
    return frozenset([ids] if isinstance(ids, int) else ids or ())


def _context(config: PreTrainedConfig) -> int | None:
    return getattr(config.get_text_config(), "max_position_embeddings", None)


def _best() -> str:
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
