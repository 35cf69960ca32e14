"""The weights of a model, from one place or averaged from several, checked against its config."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any, cast

import torch
from transformers import (
    MODEL_FOR_CAUSAL_LM_MAPPING,
    AutoModelForCausalLM,
    AutoModelForImageTextToText,
    GenerationConfig,
    PreTrainedConfig,
    PreTrainedModel,
)

from tgc.engine.loading import merges
from tgc.engine.loading.spread import Layout
from tgc.engine.loading.tensors import counted
from tgc.errors import BackendError
from tgc.origin import Origin

Found = tuple[PreTrainedModel, dict[str, Any]]
"""A model and what transformers lists of its loading; Any: their sets of names and of shapes."""

LISTED = {"ignore_mismatched_sizes": True, "output_loading_info": True}
"""So that tensors that are missing or of another shape are listed."""


def load(
    origin: Origin, config: PreTrainedConfig, dtype: torch.dtype, layout: Layout | None
) -> PreTrainedModel:
    """A model without its adapter: where the layout says, in memory where there is none.

    Raises:
        BackendError: it lacks tensors that its config asks for, or is merged of models that differ.
    """
    options = {"dtype": dtype, **LISTED, **(layout.options if layout else {})}
    model, found = (_averaged if origin.merge else _saved)(origin, config, options)
    _refuse_holes(origin.source, set(found["missing_keys"]), {name for name, *_ in found["mismatched_keys"]})
    if layout is not None:
        layout.keep(model)
    return model


def empty(config: PreTrainedConfig) -> PreTrainedModel:
    """A model whose weights have shapes and nothing in them."""
    with torch.device("meta"):
        return cast("PreTrainedModel", _kind(config).from_config(config))  # type: ignore[no-untyped-call]


def revision(origin: Origin) -> str:
    """The branch, tag or commit that is loaded."""
    return origin.revision or "main"


def _saved(origin: Origin, config: PreTrainedConfig, options: Mapping[str, Any]) -> Found:
    """The weights as they are saved in one place."""
    loaded = _kind(config).from_pretrained(
        origin.source, revision=revision(origin), use_safetensors=True, **options
    )
    return cast("Found", loaded)


def _averaged(origin: Origin, config: PreTrainedConfig, options: Mapping[str, Any]) -> Found:
    """The weights of several places, which transformers takes without knowing of any."""
    shape = empty(config)
    weights = merges.average(origin, tied=config.get_text_config().tie_word_embeddings)
    loaded = type(shape).from_pretrained(None, config=shape.config, state_dict=weights, **options)
    model, found = cast("Found", loaded)
    with suppress(OSError):
        model.generation_config = GenerationConfig.from_pretrained(origin.source, revision=revision(origin))
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
