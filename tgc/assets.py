"""Files that ship with tgc: the gallery, templates, warehouse SQL and the embedded model."""

from pathlib import Path


def root() -> Path:
    """The directory that holds `recipes/`, `templates/` and `warehouse/`: in a wheel or in a checkout."""
    package = Path(__file__).parent
    bundled = package / "_bundled"
    return bundled if bundled.is_dir() else package.parent


def model(name: str) -> Path:
    """The directory of the embedded model of that name, such as `atlas`; it may not exist."""
    return Path(__file__).parent / "_models" / name


def models() -> tuple[str, ...]:
    """Names of the embedded models."""
    return tuple(sorted(path.name for path in (Path(__file__).parent / "_models").iterdir() if path.is_dir()))
