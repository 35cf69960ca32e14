"""Load what each format wrote with `datasets`; tell of each the rows by split, and a digest of what they say."""

import hashlib
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

KINDS = {".json": "json", ".jsonl": "json", ".parquet": "parquet"}


def main(folder: Path, cache: str, *names: str) -> None:
    """Print, by name, what is seen of a file or of a folder with a card."""
    print(json.dumps({name: seen(folder / name, cache) for name in names}))  # noqa: T201


def seen(path: Path, cache: str) -> dict[str, Any]:
    """Rows, columns and digests of the splits."""
    splits = loaded(path, cache)
    return {
        split: {"rows": len(rows), "columns": sorted(rows.column_names), "says": digest(rows)}
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


def digest(rows: Iterable[Any]) -> str:
    """A hash of all texts in the turns of all rows."""
    texts = [list(strings(row.get("messages") or row.get("conversations") or row)) for row in rows]
    return hashlib.sha256(json.dumps(texts).encode()).hexdigest()


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
