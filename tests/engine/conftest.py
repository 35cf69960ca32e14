"""Tiny models that the tests of the engine share, each made once a file."""

import pytest
from transformers import PreTrainedModel

from tests.models import ARCHITECTURES, loaded, tiny


@pytest.fixture(scope="module", params=sorted(ARCHITECTURES))
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> PreTrainedModel:
    return loaded(tiny(tmp_path_factory.mktemp("model"), request.param))


@pytest.fixture(scope="module")
def llama(tmp_path_factory: pytest.TempPathFactory) -> PreTrainedModel:
    return loaded(tiny(tmp_path_factory.mktemp("model"), "llama"))
