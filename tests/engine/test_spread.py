"""Models larger than a device, on a CPU that is told to have little memory: the rest of them stays on disk."""

import gc
import sys
from pathlib import Path
from tempfile import gettempdir

import pytest
import torch
from transformers import AutoConfig

from tests.engine.test_adapters import CPU, lora, saved, tied
from tests.engine.test_soft import KINDS, PROMPT, written
from tests.models import ARCHITECTURES, tiny, tiny_llama
from tgc.engine.loading import checkpoint, spread, weights
from tgc.engine.loading.checkpoint import Checkpoint
from tgc.errors import BackendError
from tgc.origin import Origin

SMALL = int(110_000 / spread.SHARE)
"""Bytes that hold the embeddings and a layer of the tiny Llama, and room to bring in another."""


@pytest.fixture(scope="module")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_llama(tmp_path_factory.mktemp("llama"))


@pytest.fixture
def crowded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Little memory is free."""
    monkeypatch.setattr("accelerate.utils.get_max_memory", lambda: {"cpu": SMALL})


@pytest.mark.usefixtures("crowded")
@pytest.mark.parametrize("architecture", sorted(ARCHITECTURES))
def test_a_model_that_is_spread_writes_the_same(architecture: str, tmp_path: Path) -> None:
    origin = Origin(str(tiny(tmp_path, architecture)))
    found = load(origin)
    assert "disk" in layout(found).values()
    assert written(found, PROMPT) == written(checkpoint.load(origin, CPU), PROMPT)


@pytest.mark.usefixtures("crowded")
@pytest.mark.parametrize("kind", ["plain", "tied", "merged", "lora", "soft", "both"])
def test_whatever_is_put_together_can_be_spread(kind: str, llama: Path, tmp_path: Path) -> None:
    base = tied(llama, tmp_path / "tied") if kind == "tied" else llama
    other = Origin(str(tiny(tmp_path / "other", seed=1)))
    merge = ((other, 0.5),) if kind in ("merged", "both") else ()
    adapter = {
        "lora": lambda: lora(base, tmp_path / "adapter"),
        "both": lambda: lora(base, tmp_path / "adapter"),
        "soft": lambda: saved(base, tmp_path / "adapter", KINDS["PROMPT_TUNING"]),
    }.get(kind)
    origin = Origin(str(base), merge=merge, adapter=adapter and Origin(str(adapter())))
    found = load(origin)
    assert "disk" in layout(found).values()
    assert written(found, PROMPT) == written(checkpoint.load(origin, CPU), PROMPT)


@pytest.mark.usefixtures("crowded")
def test_what_is_put_on_disk_goes_with_the_model(llama: Path, tmp_path: Path) -> None:
    other = Origin(str(tiny(tmp_path / "other", seed=1)))
    before = scratch()
    found = load(Origin(str(llama), merge=((other, 0.5),)))
    (folder,) = scratch() - before
    assert any(folder.glob("*.safetensors"))
    del found
    gc.collect()
    assert not folder.exists()


@pytest.mark.usefixtures("crowded")
def test_spreading_says_nothing(llama: Path, capfd: pytest.CaptureFixture[str]) -> None:
    load(Origin(str(llama)))
    assert capfd.readouterr() == ("", "")


def test_a_device_without_room_for_the_embeddings_is_refused(
    llama: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("accelerate.utils.get_max_memory", lambda: {"cpu": 1000})
    with pytest.raises(BackendError, match="is too large for this machine: the first device has no room"):
        load(Origin(str(llama)))


@pytest.mark.gpu
@pytest.mark.parametrize("adapted", ["as it is", "adapted"])
def test_what_a_gpu_has_no_room_for_stays_in_memory(
    adapted: str, llama: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    adapter = Origin(str(lora(llama, tmp_path / "adapter"))) if adapted == "adapted" else None
    origin, gpu = Origin(str(llama), adapter=adapter), torch.device("cuda")
    monkeypatch.setattr("accelerate.utils.get_max_memory", lambda: {0: SMALL, "cpu": 10**9})
    found = checkpoint.load(origin, gpu, "float32", spread=True)
    assert set(layout(found).values()) == {0, "cpu"}
    assert written(found, PROMPT) == written(checkpoint.load(origin, gpu, "float32"), PROMPT)


def test_a_model_that_fits_is_not_spread(llama: Path) -> None:
    assert not hasattr(load(Origin(str(llama))).model, "hf_device_map")


def test_without_accelerate_the_extra_is_named(llama: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "accelerate.utils", None)
    with pytest.raises(BackendError, match="needs the package accelerate") as caught:
        load(Origin(str(llama)))
    assert caught.value.hint == "`pip install 'tgc[device-map]'`"


def test_gpus_get_as_many_layers_each_before_memory_and_disk_get_any(llama: Path) -> None:
    model = weights.empty(AutoConfig.from_pretrained(llama))
    roomy: dict[spread.Device, int] = {0: 150_000, 1: 150_000, "cpu": 10**6}
    found = spread.plan(model, torch.float32, roomy)
    assert [found[name] for name in ("model.embed_tokens", "model.layers.0", "lm_head")] == [0, 0, 1]
    assert set(found.values()) == {0, 1}
    tight: dict[spread.Device, int] = {0: 110_000, 1: 30_000, "cpu": 200_000}
    assert {0, "cpu"} <= set(spread.plan(model, torch.float32, tight).values())


def test_half_the_precision_needs_half_the_room(llama: Path) -> None:
    model = weights.empty(AutoConfig.from_pretrained(llama))
    size = 4 * sum(weight.numel() for weight in model.parameters())
    assert spread.plan(model, torch.float32, {0: size - 1, "cpu": 10**6})
    assert spread.plan(model, torch.bfloat16, {0: size // 2, "cpu": 10**6}) == {}


def load(origin: Origin) -> Checkpoint:
    return checkpoint.load(origin, CPU, "float32", spread=True)


def layout(loaded: Checkpoint) -> dict[str, spread.Device]:
    found: dict[str, spread.Device] = loaded.model.hf_device_map  # type: ignore[assignment]
    return found


def scratch() -> set[Path]:
    return set(Path(gettempdir()).glob("tgc-*"))
