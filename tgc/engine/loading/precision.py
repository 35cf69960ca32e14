"""The floating-point type that a model works in where none is asked for."""

import torch

HALF = (torch.bfloat16, torch.float16)


def auto(kind: str, saved: torch.dtype | None, *, bfloat16: bool) -> torch.dtype:
    """float32 on a CPU, float16 on MPS; elsewhere the checkpoint's own where it has 16 bits, else a type that has.

    >>> auto("cuda", torch.float16, bfloat16=True), auto("cuda", torch.float32, bfloat16=True)
    (torch.float16, torch.bfloat16)

    Args:
        kind: of the device, as torch calls it.
        saved: what the checkpoint's config says of its weights, if anything.
        bfloat16: whether the device computes in bfloat16 itself.
    """
    if kind == "cpu":
        return torch.float32
    if kind == "mps":
        return torch.float16
    if saved in HALF:
        return saved
    return torch.bfloat16 if bfloat16 else torch.float16


def computes_bfloat16(place: torch.device) -> bool:
    """Whether a device does so itself; before compute capability 8.0, CUDA does it by way of float32."""
    if place.type != "cuda":
        return True
    with torch.cuda.device(place):
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
