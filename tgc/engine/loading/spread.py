"""A model larger than one device: its layers on all GPUs, then in memory, then on disk, as accelerate does it."""

import shutil
import weakref
from collections.abc import Mapping
from dataclasses import dataclass
from tempfile import mkdtemp
from typing import Any

import torch
from transformers import PreTrainedModel

from tgc.errors import BackendError

Device = int | str
"""As accelerate spells it: the number of a GPU, `mps`, `cpu` or `disk`."""

SHARE = 0.8
"""How much of the free memory of a device goes to weights; keys, values and activations need the rest."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Which device has which modules.

    Attributes:
        devices: by the name of a module; it goes for all within.
        folder: for weights that stay on disk, where the checkpoint does not have them as they are used.
    """

    devices: Mapping[str, Device]
    folder: str | None

    @property
    def options(self) -> dict[str, Any]:
        """What loads a model so, given to `from_pretrained`; Any: options of several types."""
        return {"device_map": dict(self.devices), "offload_folder": self.folder}

    def hand_out(self, model: PreTrainedModel) -> None:
        """Move the parts of a model that is in memory to where they belong."""
        from accelerate import dispatch_model

        dispatch_model(model, dict(self.devices), offload_dir=self.folder)
        self.keep(model)

    def keep(self, model: PreTrainedModel) -> None:
        """Have what is on disk for as long as the model."""
        if self.folder is not None:
            weakref.finalize(model, shutil.rmtree, self.folder, ignore_errors=True)


def over(model: PreTrainedModel, dtype: torch.dtype, place: torch.device) -> Layout | None:
    """Where the parts of a model go, whose weights need not be there; None where `place` holds it all.

    Raises:
        BackendError: accelerate is not installed, or not even the embeddings fit where tokens come in.
    """
    try:
        from accelerate.utils import get_max_memory
    except ImportError as error:
        raise BackendError(
            "`device_map: auto` needs the package accelerate", "`pip install 'tgc[device-map]'`"
        ) from error
    room = {device: int(SHARE * free) for device, free in get_max_memory().items()}
    if place.type == "cpu":
        room = {"cpu": room["cpu"]}
    devices = plan(model, dtype, room)
    if not devices:
        return None
    if next(iter(devices.values())) != next(iter(room)):
        raise BackendError(
            "the model is too large for this machine: the first device has no room for the embeddings",
            "`dtype: bfloat16` needs half the room of float32",
        )
    return Layout(devices, mkdtemp(prefix="tgc-") if "disk" in devices.values() else None)


def plan(model: PreTrainedModel, dtype: torch.dtype, room: Mapping[Device, int]) -> dict[str, Device]:
    """The device of each module: evenly over GPUs, in whole layers; none where the first device holds all.

    Args:
        model: what is to be placed; meta tensors will do.
        dtype: of its weights.
        room: bytes that there are for weights on each device, fastest first.
    """
    from accelerate import infer_auto_device_map
    from accelerate.utils import get_balanced_memory

    if sum(weight.numel() for weight in model.parameters()) * dtype.itemsize <= next(iter(room.values())):
        return {}
    whole = sorted(model._no_split_modules or ())  # noqa: SLF001 - accelerate has its callers read it
    options = {"no_split_module_classes": whole, "dtype": dtype}
    even = get_balanced_memory(model, dict(room), **options)
    return dict(infer_auto_device_map(model, even, **options))
