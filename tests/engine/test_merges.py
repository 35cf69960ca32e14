"""Tiny models averaged while they load, against their state dicts averaged by hand."""

import json
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM, PreTrainedModel

from tests.models import ARCHITECTURES, tiny
from tgc.engine.loading import checkpoint, merges
from tgc.errors import BackendError
from tgc.origin import Origin

CPU = torch.device("cpu")
State = dict[str, torch.Tensor]


@pytest.fixture(scope="module")
def soup(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """Three Llamas of one shape."""
    home = tmp_path_factory.mktemp("soup")
    one, two, three = (tiny(home / str(seed), seed=seed) for seed in range(3))
    return one, two, three


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize("architecture", sorted(ARCHITECTURES))
def test_half_of_another_is_the_mean_of_their_weights(architecture: str, dtype: str, tmp_path: Path) -> None:
    one, two = (tiny(tmp_path / str(seed), architecture, seed=seed) for seed in range(2))
    found = merged(one, (two, 0.5), dtype=dtype)
    here, there = state(one), state(two)
    assert found.keys() == here.keys()
    for name, tensor in found.items():
        assert tensor.dtype == getattr(torch, dtype)
        assert torch.equal(tensor, ((here[name] + there[name]) / 2).to(tensor.dtype)), name


def test_what_is_merged_leaves_the_rest_to_the_model(soup: tuple[Path, Path, Path]) -> None:
    one, two, three = soup
    found = merged(one, (two, 0.2), (three, 0.3))
    parts = [(state(model), share) for model, share in ((one, 0.5), (two, 0.2), (three, 0.3))]
    for name, tensor in found.items():
        torch.testing.assert_close(tensor, sum_of(parts, name))


def test_weights_in_half_precision_are_summed_in_full(soup: tuple[Path, Path, Path], tmp_path: Path) -> None:
    halves = [tmp_path / model.name for model in soup]
    for model, half in zip(soup, halves, strict=True):
        shutil.copytree(model, half)
        tensors = load_file(model / "model.safetensors")
        save_file({name: t.bfloat16() for name, t in tensors.items()}, half / "model.safetensors")
    found = merged(halves[0], (halves[1], 0.3), (halves[2], 0.3), dtype="float32")
    parts = [(state(half), share) for half, share in zip(halves, (0.4, 0.3, 0.3), strict=True)]
    for name, tensor in found.items():
        torch.testing.assert_close(tensor, sum_of(parts, name), rtol=1e-6, atol=1e-7)


def test_the_tokenizer_context_and_ends_are_the_models_own(soup: tuple[Path, Path, Path]) -> None:
    one, two, _ = soup
    alone = checkpoint.load(Origin(str(one)), CPU, "float32")
    found = checkpoint.load(Origin(str(one), merge=((Origin(str(two)), 0.5),)), CPU, "float32")
    assert (found.ends, found.context) == (alone.ends, alone.context)
    assert found.tokenizer.get_vocab() == alone.tokenizer.get_vocab()
    assert not found.model.training


def test_shards_are_merged_as_a_whole_is(soup: tuple[Path, Path, Path], tmp_path: Path) -> None:
    one, two, _ = soup
    plain(two).save_pretrained(tmp_path, max_shard_size="40KB")
    assert (tmp_path / "model.safetensors.index.json").is_file()
    whole, sharded = merged(one, (two, 0.5)), merged(one, (tmp_path, 0.5))
    assert all(torch.equal(whole[name], sharded[name]) for name in whole)


def test_tied_embeddings_may_be_saved_once_or_twice(soup: tuple[Path, Path, Path], tmp_path: Path) -> None:
    homes = [tmp_path / model.name for model in soup[:2]]
    for model, home in zip(soup, homes, strict=False):
        shutil.copytree(model, home)
        config = json.loads((home / "config.json").read_text())
        (home / "config.json").write_text(json.dumps({**config, "tie_word_embeddings": True}))
    tensors = load_file(homes[1] / "model.safetensors")
    del tensors["lm_head.weight"]
    save_file(tensors, homes[1] / "model.safetensors", metadata={"format": "pt"})
    found = merged(homes[0], (homes[1], 0.5))
    assert torch.equal(found["lm_head.weight"], found["model.embed_tokens.weight"])


def test_counts_are_not_averaged(tmp_path: Path) -> None:
    for number in (1, 3):
        (tmp_path / str(number)).mkdir()
        tensors = {"steps": torch.tensor([number]), "weight": torch.tensor([float(number)])}
        save_file(tensors, tmp_path / str(number) / "model.safetensors")
    one, three = (Origin(str(tmp_path / str(number))) for number in (1, 3))
    found = merges.average(Origin(one.source, merge=((three, 0.5),)), tied=False)
    assert {name: tensor[...].tolist() for name, tensor in found.items()} == {"steps": [1], "weight": [2.0]}
    assert [found[name].is_floating_point() for name in ("steps", "weight")] == [False, True]


def test_models_of_another_shape_are_refused_by_name(soup: tuple[Path, Path, Path], tmp_path: Path) -> None:
    with pytest.raises(BackendError, match=r"cannot be merged into `.*`: \d+ tensors are missing"):
        merged(soup[0], (tiny(tmp_path / "neox", "neox"), 0.5))
    shutil.copytree(soup[1], tmp_path / "cut")
    tensors = load_file(soup[1] / "model.safetensors")
    save_file({**tensors, "model.norm.weight": torch.ones(4)}, tmp_path / "cut" / "model.safetensors")
    with pytest.raises(BackendError, match=r"1 tensor is of another shape \(`model.norm.weight`\)"):
        merged(soup[0], (tmp_path / "cut", 0.5))


def test_a_model_without_weights_cannot_be_merged(soup: tuple[Path, Path, Path], tmp_path: Path) -> None:
    shutil.copytree(soup[1], tmp_path / "empty")
    (tmp_path / "empty" / "model.safetensors").unlink()
    with pytest.raises(BackendError, match="cannot be loaded"):
        merged(soup[0], (tmp_path / "empty", 0.5))


def merged(base: Path, *others: tuple[Path, float], dtype: str = "float32") -> State:
    merge = tuple((Origin(str(path)), share) for path, share in others)
    return checkpoint.load(Origin(str(base), merge=merge), CPU, dtype).model.state_dict()


def plain(model: Path) -> PreTrainedModel:
    loaded: PreTrainedModel = AutoModelForCausalLM.from_pretrained(model, dtype="float32")
    return loaded


def state(model: Path) -> State:
    return plain(model).state_dict()


def sum_of(parts: list[tuple[State, float]], name: str) -> torch.Tensor:
    return torch.stack([tensors[name] * share for tensors, share in parts]).sum(0)
