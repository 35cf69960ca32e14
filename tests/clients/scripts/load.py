"""Load what each format wrote with `datasets`; tell of rows and images by split, and a digest of what they say."""

import hashlib
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

KINDS = {".json": "json", ".jsonl": "json", ".parquet": "parquet"}


def main(folder: Path, cache: str, *names: str) -> None:
    """Print, by name, what is seen of a file or of a folder with a card."""
    print(json.dumps({name: seen(folder / name, cache) for name in names}))  # noqa: T201


def seen(path: Path, cache: str) -> dict[str, Any]:
    """Rows of the splits, how many of them have images, and digests."""
    splits = loaded(path, cache)
    return {
        split: {"rows": len(rows), "images": sum(map(pictured, rows)), "says": digest(texts(rows))}
        for split, rows in splits.items()
    }


def loaded(path: Path, cache: str) -> Any:  # noqa: ANN401 - a DatasetDict of a library that is not ours
    """The splits; those of a file are found by its name."""
    from datasets import load_dataset

    if path.is_dir():
        return load_dataset(str(path), cache_dir=cache)
    held_out = path.with_name(f"{path.stem}.validation{path.suffix}")
    files = {"train": str(path), "validation": str(held_out)}
    return load_dataset(KINDS[path.suffix], data_files=files, cache_dir=cache)


def texts(rows: Any) -> Any:  # noqa: ANN401 - a Dataset of a library that is not ours
    """The rows without images, which then are not opened again."""
    return rows.remove_columns([name for name in ("images", "image") if name in rows.column_names])


def pictured(row: Mapping[str, object]) -> bool:
    """Whether a row has images, which are opened where a column is of images."""
    return bool(row.get("images") or row.get("image"))


def digest(rows: Iterable[Any]) -> str:
    """A hash of all texts in the turns of all rows."""
    told = [list(strings(row.get("messages") or row.get("conversations") or row)) for row in rows]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def strings(value: object) -> Iterator[str]:
    """All texts within a value, by the names of keys."""
    match value:
        case str():
            yield value
        case dict():
            for key in sorted(value):
                yield from strings(value[key])
        case list():
            for inner in value:
                yield from strings(inner)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
