"""Settings of all tests: no property has a deadline, and in CI all are checked on the same examples every time.

Kernels of Triton run in its interpreter where there is no GPU, which must be known before Triton is imported.
"""

import os
from pathlib import Path

from hypothesis import settings

settings.register_profile("local", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")

if not Path("/dev/nvidiactl").exists():
    os.environ["TRITON_INTERPRET"] = "1"
