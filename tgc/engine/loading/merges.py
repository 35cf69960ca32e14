"""Models of one architecture, averaged tensor by tensor while they load: "model soups", arXiv 2203.05482."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol, cast

import torch
from safetensors import safe_open
from transformers.utils import SAFE_WEIGHTS_INDEX_NAME, SAFE_WEIGHTS_NAME
from transformers.utils.hub import cached_file, get_checkpoint_shard_files

from tgc.engine.loading.tensors import counted
from tgc.errors import BackendError
from tgc.origin import Origin

TIED = "lm_head.weight"
"""What may be saved or left out where it is the embedding of the input as well."""


class Slice(Protocol):
    """A tensor in a file, not read yet."""

    def __getitem__(self, index: object) -> torch.Tensor: ...

    def get_shape(self) -> list[int]:
        """Its shape."""
        ...


class File(Protocol):
    """An open file of safetensors, as far as it is asked."""

    def keys(self) -> list[str]:
        """The names of the tensors in it."""
        ...

    def get_slice(self, name: str) -> Slice:
        """The tensor of that name."""
        ...


@dataclass(frozen=True, slots=True)
class Average:
    """A tensor that is read, and averaged in float32, when it is asked for, as a slice of a file is.

    Attributes:
        parts: of each model the tensor, and what share of the whole it is.
    """

    parts: tuple[tuple[Slice, float], ...]

    def __getitem__(self, index: object) -> torch.Tensor:
        (base, rest), *others = self.parts
        first = base[index]
        if not first.is_floating_point():
            return first
        total = first.float() * rest
        for other, share in others:
            total.add_(other[index].float(), alpha=share)
        return total

    @property
    def dtype(self) -> torch.dtype:
        """As the first part is saved."""
        return self.parts[0][0][...].dtype

    def is_floating_point(self) -> bool:
        """Whether it is averaged; where not, it is the first part."""
        return self.dtype.is_floating_point


def average(origin: Origin, *, tied: bool) -> dict[str, Average]:
    """The tensors of a model that others are merged into, by name; nothing is read before it is asked for.

    Args:
        origin: the model, and what is merged into it.
        tied: whether the embeddings of input and output are one.

    Raises:
        BackendError: the models differ in the names or shapes of their tensors.
        OSError, SafetensorError: a model has no safetensors, or they cannot be read.
    """
    base = _slices(origin, tied=tied)
    others = [(_slices(other, tied=tied), share) for other, share in origin.merge]
    for (other, _), (slices, _) in zip(origin.merge, others, strict=True):
        _refuse_another_shape(origin, other, base, slices)
    rest = 1 - sum(share for _, share in others)
    return {
        name: Average(((first, rest), *((slices[name], share) for slices, share in others)))
        for name, first in base.items()
    }


def _slices(origin: Origin, *, tied: bool) -> dict[str, Slice]:
    """The tensors of a model by name; what is tied is left to the other tensor."""
    found = {name: file.get_slice(name) for file in _files(origin) for name in file.keys()}  # noqa: SIM118
    return {name: found[name] for name in found if not (tied and name == TIED)}


def _files(origin: Origin) -> Iterator[File]:
    where = {"revision": origin.revision or "main"}
    whole = cached_file(
        origin.source, SAFE_WEIGHTS_NAME, _raise_exceptions_for_missing_entries=False, **where
    )
    if whole is None:
        index = cached_file(origin.source, SAFE_WEIGHTS_INDEX_NAME, **where)
        paths, _ = get_checkpoint_shard_files(origin.source, index, **where)  # type: ignore[no-untyped-call]
    for path in [whole] if whole is not None else paths:
        yield cast("File", safe_open(path, framework="pt"))


def _refuse_another_shape(
    origin: Origin, other: Origin, base: Mapping[str, Slice], slices: Mapping[str, Slice]
) -> None:
    both = base.keys() & slices.keys()
    flaws = {
        "missing": base.keys() - both,
        "too many": slices.keys() - both,
        "of another shape": {name for name in both if base[name].get_shape() != slices[name].get_shape()},
    }
    if any(flaws.values()):
        said = "; ".join(counted(names, what) for what, names in flaws.items() if names)
        raise BackendError(
            f"`{other.source}` cannot be merged into `{origin.source}`: {said}",
            "models that are merged have one architecture, and are saved alike",
        )
