"""Running a script with a client's own interpreter, and what it tells."""

import json
import math
import os
import subprocess
from pathlib import Path
from typing import Any

from tests.clients import environments
from tests.clients.mixes import Mix

REPOSITORY = Path(__file__).parents[2]

QUIET = {
    "HF_HUB_OFFLINE": "1",
    "HF_DATASETS_OFFLINE": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "OMP_WAIT_POLICY": "passive",
    "CUDA_VISIBLE_DEVICES": "",
    "USE_HF": "1",
    "DISABLE_VERSION_CHECK": "1",
    "WANDB_DISABLED": "true",
    "WANDB_MODE": "disabled",
    "AXOLOTL_DO_NOT_TRACK": "1",
    "PYTHONPATH": str(REPOSITORY),
}


def tell(client: str, script: str, *arguments: object, at: Path, **variables: str) -> dict[str, Any]:
    """What a script of `tests/clients/scripts` prints last, as JSON, run in a folder by a client's interpreter.

    Raises:
        AssertionError: it failed; with the end of what it said.
    """
    home = at / ".cache"
    command = [str(environments.python(client)), "-m", f"tests.clients.scripts.{script}"]
    done = subprocess.run(
        [*command, *map(str, arguments)],
        cwd=at,
        env={**os.environ, **QUIET, "HF_HOME": str(home), "MODELSCOPE_CACHE": str(home), **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-6000:]
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told | {"said": done.stdout + done.stderr}


def learned(told: dict[str, Any], mix: Mix) -> bool:
    """Whether a client was given all rows and images, learns something of each row, and its losses are numbers.

    All rows of a mix differ, and so do those that a client was given, unless it puts some in the place of others.
    """
    given = told["rows"] == told["different"] == mix.rows["train"] and told["images"] == mix.images
    losses = [value for name, value in told.items() if name in ("loss", "held_out")]
    return given and told["least"] > 0 and len(losses) > 0 and all(map(math.isfinite, losses))
