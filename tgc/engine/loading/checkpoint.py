"""A model and its tokenizer, loaded from a local directory or the hub; and silence while they work."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from logging import ERROR, NOTSET, getLogger
from typing import cast

import torch
from safetensors import SafetensorError
from transformers import (
    AutoConfig,
    AutoTokenizer,
    PreTrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)
from transformers.utils import logging

from tgc.engine.loading import adapters, precision, weights
from tgc.engine.loading.spread import Layout, over
from tgc.engine.loading.weights import revision
from tgc.errors import BackendError
from tgc.origin import Origin

BROKEN = (OSError, ValueError, KeyError, RuntimeError, ImportError, SafetensorError)
"""What transformers raises when a checkpoint is missing, incomplete, unknown or needs another package."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What was loaded; the model is in evaluation mode.

    Attributes:
        ends: tokens that end a text by the checkpoint's own generation config.
        context: the longest prompt and completion together, in tokens; None when the config does not say.
        head: ids that go before every prompt, and that the tokenizer does not know: a prompt that was learned.
    """

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    ends: frozenset[int]
    context: int | None
    head: tuple[int, ...] = ()

    @property
    def pad_id(self) -> int:
        """A token to fill up with; it is masked, so any will do where the tokenizer names none."""
        return int(self.tokenizer.pad_token_id or 0)


def load(
    origin: Origin,
    place: torch.device,
    dtype: str = "auto",
    words: PreTrainedTokenizerBase | None = None,
    *,
    spread: bool = False,
) -> Checkpoint:
    """Load safetensors weights; of a model that also sees images, the whole, to be used with text alone.

    Models are merged first, and an adapter comes on top of what they make.

    Args:
        origin: what to load.
        place: the device it goes to.
        dtype: as torch spells it; `auto` is as `precision.auto` says.
        words: its tokenizer, where that is loaded already.
        spread: whether it may go to other devices as well, where that one is too small; see `spread.over`.

    Raises:
        BackendError: the checkpoint cannot be loaded, or lacks tensors that its config asks for.
    """
    with _wrapped(origin.source), quiet():
        config = AutoConfig.from_pretrained(origin.source, revision=revision(origin))
        exact = _dtype(dtype, place, config)
        layout = _layout(config, exact, place) if spread else None
        adapted = _put_together(origin, config, exact, layout)
        model = adapted.model
        if layout is None:
            model.to(place)  # type: ignore[arg-type]  # their wrapper of torch's method is mistyped
        return Checkpoint(model, words or _tokenizer(origin), _ends(model), _context(config), adapted.head)


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


def fetched_tokenizer(origin: Origin) -> PreTrainedTokenizerBase:
    """Load the tokenizer alone; a hub's is downloaded if it is not on this machine.

    Raises:
        BackendError: it cannot be loaded.
    """
    with _wrapped(origin.source), quiet():
        return _tokenizer(origin)


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
    """Keep transformers and accelerate from writing progress and advice to stderr; errors still show."""
    verbosity, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity(ERROR)
    getLogger("accelerate").setLevel(ERROR)
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
        getLogger("accelerate").setLevel(NOTSET)
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


def _put_together(
    origin: Origin, config: PreTrainedConfig, dtype: torch.dtype, layout: Layout | None
) -> adapters.Adapted:
    """A model with its adapter, for which weights have to be in memory, and then are handed out."""
    if origin.adapter is None:
        return adapters.Adapted(weights.load(origin, config, dtype, layout))
    adapted = adapters.adapt(weights.load(origin, config, dtype, None), origin.adapter)
    if layout is not None:
        layout.hand_out(adapted.model)
    return adapted


def _layout(config: PreTrainedConfig, dtype: torch.dtype, place: torch.device) -> Layout | None:
    return over(weights.empty(config), dtype, place)


def _dtype(name: str, place: torch.device, config: PreTrainedConfig) -> torch.dtype:
    if name != "auto":
        return cast("torch.dtype", getattr(torch, name))
    saved = config.dtype if isinstance(config.dtype, torch.dtype) else None
    return precision.auto(place.type, saved, bfloat16=precision.computes_bfloat16(place))


def _tokenizer(origin: Origin, **where: bool) -> PreTrainedTokenizerBase:
    loaded: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(
        origin.source, revision=revision(origin), **where
    )
    return loaded


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
