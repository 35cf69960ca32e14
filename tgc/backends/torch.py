"""Generates on this machine with torch and transformers: any causal language model, on a CPU or on GPUs."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, PositiveInt, PrivateAttr, model_validator

from tgc.backends.base import Backend, Counter, Request, Session, Shown
from tgc.backends.local.session import TorchSession, opening
from tgc.chat import Openings
from tgc.origin import Origin

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


class TorchBackend(Backend):
    """Options of a profile with `backend: torch`; the number of threads is torch's, by `OMP_NUM_THREADS`.

    Attributes:
        device: as torch spells it, or a list, with a process for each; `auto` is every CUDA device there is, else
            MPS, else the CPU.
        dtype: `auto` is float32 on a CPU; elsewhere the checkpoint's own where that has 16 bits, else one that the
            device computes in.
        batch_size: sequences that grow side by side on a device; `auto` is 128 on a CPU, 256 elsewhere.
        numerics: `exact` draws the same text whatever grows beside it, to the last bit on a CPU; `fast` lets sums
            round as it suits the hardware.
        device_map: `auto` spreads a model over several devices where one is too small for it.
    """

    backend: Literal["torch"] = "torch"
    device: str | Annotated[tuple[str, ...], Field(min_length=1)] = "auto"
    dtype: Literal["auto", "float32", "bfloat16", "float16"] = "auto"
    batch_size: PositiveInt | Literal["auto"] = "auto"
    numerics: Literal["exact", "fast"] = "exact"
    device_map: Literal["auto"] | None = None

    _words: dict[Origin, "PreTrainedTokenizerBase"] = PrivateAttr(default_factory=dict)

    @model_validator(mode="after")
    def _one_way_to_use_devices(self) -> Self:
        if self.device_map and not isinstance(self.device, str):
            raise ValueError("`device_map` spreads a model over all devices, and takes no list of them")
        return self

    def open(self, origin: Origin) -> Session:
        """Load a model on every device; only safetensors, never code.

        Raises:
            BackendError: the model cannot be loaded, or there is no such device.
        """
        from tgc.backends.workers import Workers

        names = self._names
        if len(names) == 1:
            return self.on(names[0], origin)
        return Workers([(name, partial(_load_beside, self, origin, name, len(names))) for name in names])

    def on(self, device: str, origin: Origin) -> TorchSession:
        """Load a model on one device, in this process.

        Raises:
            BackendError: as for `open`.
        """
        from tgc.engine.loading import checkpoint

        place = checkpoint.device(device)
        usual = 128 if place.type == "cpu" else 256
        rows = usual if self.batch_size == "auto" else self.batch_size
        words = self._words.get(origin)
        loaded = checkpoint.load(origin, place, self.dtype, words, spread=self.device_map == "auto")
        return TorchSession(loaded, rows, exact=self.numerics == "exact")

    def devices(self) -> tuple[str, ...]:
        """The names of the GPUs, or what kind of device it is.

        Raises:
            BackendError: there is no such device.
        """
        import torch

        from tgc.engine.loading import checkpoint

        names = self._names
        alone = len(names) == 1  # what workers have filled is not touched from here, for that takes memory
        places = [checkpoint.device(name) if alone else torch.device(name) for name in names]
        return tuple(
            torch.cuda.get_device_name(place) if place.type == "cuda" else place.type for place in places
        )

    def count(self, origin: Origin, requests: Sequence[Request]) -> list[int]:
        """The exact prompt tokens of each request; loads the tokenizer and no weights.

        Raises:
            BackendError: the tokenizer cannot be loaded, has no chat template for a request with a role, or its
                template refuses the order of roles.
        """
        from tgc.engine.loading import adapters, checkpoint

        head = adapters.head_length(origin.adapter)
        openings = Openings(self._words_of(origin))
        asked = [opening(request) for request in requests]
        with checkpoint.quiet():
            lengths = openings.lengths(asked)
        return [head + lengths[one] for one in asked]

    def counter(self, origin: Origin) -> Counter:
        """What counts texts by a model's tokenizer, which is downloaded if need be; loads no weights.

        Raises:
            BackendError: the tokenizer cannot be loaded.
        """
        from tgc.engine.loading import checkpoint

        if origin not in self._words:
            self._words[origin] = checkpoint.fetched_tokenizer(origin)
        openings = Openings(self._words[origin])

        def count(texts: Sequence[str]) -> list[int]:
            with checkpoint.quiet():
                return openings.turns(texts)

        return count

    def show(self, origin: Origin, requests: Sequence[Request]) -> list[Shown]:
        """What the model would be given for each request; loads the tokenizer and no weights.

        Raises:
            BackendError: as for `count`.
        """
        from tgc.engine.loading import checkpoint

        openings = Openings(self._words_of(origin))
        asked = [opening(request) for request in requests]
        with checkpoint.quiet():
            ids = openings.tokens(asked)
        pieces = openings.tokenizer.convert_ids_to_tokens
        return [
            Shown(openings.text(one), tuple(zip(ids[one], pieces(list(ids[one])), strict=True)))
            for one in asked
        ]

    def _words_of(self, origin: Origin) -> "PreTrainedTokenizerBase":
        """The tokenizer of a model, loaded once."""
        from tgc.engine.loading import checkpoint

        if origin not in self._words:
            self._words[origin] = checkpoint.tokenizer(origin)
        return self._words[origin]

    @property
    def _names(self) -> tuple[str, ...]:
        """The devices that have a model each."""
        import torch

        if self.device != "auto" or self.device_map:
            return (self.device,) if isinstance(self.device, str) else self.device
        return tuple(f"cuda:{index}" for index in range(torch.cuda.device_count())) or ("auto",)


def _load_beside(backend: TorchBackend, origin: Origin, device: str, workers: int) -> TorchSession:
    """In a process of its own, one of so many that share the cores."""
    import torch

    from tgc.engine.loading import checkpoint

    torch.set_num_threads(max(1, torch.get_num_threads() // workers))
    if checkpoint.device(device).type == "cuda":
        torch.cuda.set_device(device)
    return backend.on(device, origin)
