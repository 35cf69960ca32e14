"""Whether kernels are tested: their files are collected only where Triton is installed."""

import platform
import sys
from importlib.util import find_spec

import pytest


def test_kernels_are_tested_wherever_triton_is_built_for() -> None:
    if find_spec("triton") is None and (sys.platform, platform.machine()) != ("linux", "x86_64"):
        pytest.skip("Triton is not installed: no kernel was tested")
    assert find_spec("triton"), (
        "`pip install -e '.[dev]'` installs Triton here, without which no kernel is tested"
    )
