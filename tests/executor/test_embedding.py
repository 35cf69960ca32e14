"""Filters that compare vectors: a text is embedded once ever; what is missing is said before anything runs."""

import sys
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
import torch

from tests.workshop import Workshop
from tgc import driver, versions
from tgc.cosine import greedy
from tgc.engine.services import products
from tgc.errors import BackendError, RecipeError
from tgc.executor import embedding, searching
from tgc.executor.watch import Silent
from tgc.project import Project
from tgc.warehouse import Warehouse

JUDGED = "mix: {size: 12, balance: [topic]}"
HUB = "filters:\n  - {kind: semantic_duplicate, level: question, embedder: org/vectors, threshold: 0.5}\n"
OWN = "filters:\n  - {kind: semantic_duplicate, level: question, embedder: model, threshold: 0.5}\n"


@pytest.fixture
def shop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path)


def rejected(shop: Workshop) -> pl.DataFrame:
    return shop.sql("select * from verdicts where not kept and filter = 'semantic_duplicate'")


def mix(shop: Workshop) -> Callable[[], object]:
    return lambda: driver.mix(driver.check(shop.recipe))


def test_each_text_is_embedded_once_ever(shop: Workshop, embedded: list[str]) -> None:
    shop.edit(JUDGED, HUB + JUDGED)
    shop.build()
    assert sorted(embedded) == sorted(shop.texts("question"))
    assert rejected(shop).height == 12 - len({text[-1] for text in embedded})
    embedded.clear()
    shop.edit("threshold: 0.5", "threshold: 0.6, within: topic")
    shop.build()
    shop.edit("{kind: semantic_duplicate", "{kind: length, max_chars: 1000}\n  - {kind: semantic_duplicate")
    mix(shop)()
    assert embedded == []


def test_more_nodes_cost_only_their_own_vectors(shop: Workshop, embedded: list[str]) -> None:
    shop.edit(JUDGED, HUB + JUDGED)
    shop.build()
    before = set(embedded)
    embedded.clear()
    shop.edit("branch: 4", "branch: 5")
    shop.build()
    assert set(embedded) == shop.texts("question") - before


def test_a_gpu_drops_what_a_cpu_does(
    shop: Workshop, embedded: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[torch.device] = []

    def gpu() -> torch.device:
        asked.append(torch.device("cpu"))
        return asked[0]

    shop.edit(JUDGED, HUB + JUDGED)
    shop.build()
    before = rejected(shop)
    monkeypatch.setattr(greedy, "BLOCK", 2)
    monkeypatch.setattr(searching, "WORTH", 3)
    monkeypatch.setattr(products, "gpu", gpu)
    shop.edit("threshold: 0.5", "threshold: 0.51")
    shop.build()
    assert len(asked) == 1
    assert rejected(shop).equals(before)


class Tired(Silent):
    """Wants to stop once an embedder is loaded."""

    def loading(self, model: str) -> None:
        self.stopping = model == "org/vectors"


def test_who_stops_keeps_what_was_embedded(
    shop: Workshop, embedded: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedding, "BATCH", 5)
    shop.edit(JUDGED, HUB + JUDGED)
    with pytest.raises(KeyboardInterrupt):
        shop.build(Tired())
    assert len(embedded) == 5
    shop.build()
    assert sorted(embedded) == sorted(shop.texts("question"))


def test_another_revision_of_the_embedder_is_another_mix(shop: Workshop, embedded: list[str]) -> None:
    shop.edit(JUDGED, HUB + JUDGED)
    shop.build()
    embedded.clear()
    shop.edit("org/vectors", "org/others")
    assert shop.plan().steps
    shop.build()
    assert len(embedded) == 12


def test_a_mix_reads_vectors_of_the_model_and_never_asks_it(shop: Workshop) -> None:
    shop.build()
    shop.edit(JUDGED, OWN + JUDGED)
    with pytest.raises(BackendError, match="has not made the vectors") as caught:
        mix(shop)()
    assert "`tgc build` asks it for them" in str(caught.value.hint)
    shop.build()
    first = rejected(shop)
    shop.edit("threshold: 0.5", "threshold: 0.3")
    mix(shop)()
    assert rejected(shop).height > first.height > 0


def test_a_missing_package_stops_a_build_before_anything_is_asked(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    shop.edit(JUDGED, HUB + JUDGED)
    said = "`semantic_duplicate` needs the package sentence-transformers"
    assert shop.forecast().notes == (f"{said}; `pip install 'tgc[embed]'`",)
    with pytest.raises(BackendError, match=said):
        shop.build()
    assert shop.asked() == 0


def test_so_does_one_for_siblings_that_are_picked(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    shop.edit("branch: 4,", "branch: 4, distinct: {by: mmr, embedder: org/vectors},")
    with pytest.raises(BackendError, match="`question` needs the package sentence-transformers"):
        shop.build()
    assert shop.asked() == 0


def test_what_no_model_wrote_has_no_states_to_compare(shop: Workshop) -> None:
    shop.edit(JUDGED, "filters: [{kind: semantic_duplicate, level: topic, embedder: model}]\n" + JUDGED)
    with pytest.raises(RecipeError, match="no model writes `topic`"):
        shop.plan()


def test_a_collection_forgets_vectors_of_what_goes_and_of_embedders_that_nobody_names(
    shop: Workshop, embedded: list[str]
) -> None:
    shop.edit(JUDGED, HUB + JUDGED)
    shop.build()
    shop.edit("org/vectors", "org/others")
    shop.build()
    shop.edit("Talk about", "Ask about")
    shop.build()
    with Warehouse.open(Project(shop.root).database) as warehouse:
        warehouse._database.script("delete from mix_row; delete from mix")
    embedded.clear()
    versions.collect(Project(shop.root), (), lambda _: True)
    assert len(list((shop.root / "warehouse" / "vectors").iterdir())) == 1
    shop.edit("threshold: 0.5", "threshold: 0.6")
    shop.build()
    assert embedded == []
    shop.edit("Ask about", "Talk about")
    shop.build()
    assert len(embedded) == 12
