"""A model and its tokenizer, loaded from a local directory or the hub; and silence while they work."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from logging import ERROR

import torch
from transformers import (
    MODEL_FOR_CAUSAL_LM_MAPPING,
    AutoConfig,
    AutoModelForCausalLM,
    AutoModelForImageTextToText,
    AutoTokenizer,
    PreTrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)
from transformers.utils import logging

from tgc.errors import BackendError

BROKEN = (OSError, ValueError, KeyError, RuntimeError, ImportError)
"""What transformers raises when a checkpoint is missing, incomplete, unknown or needs another package."""


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


def load(source: str, revision: str | None, place: torch.device, dtype: str) -> Checkpoint:
    """Load safetensors weights; of a model that also sees images, the whole, to be used with text alone.

    Raises:
        BackendError: the checkpoint cannot be loaded.
    """
    with quiet():
        try:
            return _load(source, revision or "main", place, dtype)
        except BROKEN as error:
            raise BackendError(
                f"`{source}` cannot be loaded: {_first_line(error)}",
                "a model is a directory or a hub id with config.json, a tokenizer and safetensors weights",
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


def _load(source: str, revision: str, place: torch.device, dtype: str) -> Checkpoint:
    config = AutoConfig.from_pretrained(source, revision=revision)
    kind = (
        AutoModelForCausalLM if type(config) in MODEL_FOR_CAUSAL_LM_MAPPING else AutoModelForImageTextToText
    )
    model = kind.from_pretrained(source, revision=revision, dtype=dtype, use_safetensors=True)
    model.to(place)  # type: ignore[arg-type]  # their wrapper of torch's method is mistyped
    tokenizer = AutoTokenizer.from_pretrained(source, revision=revision)
    return Checkpoint(model, tokenizer, _ends(model), _context(config))


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
