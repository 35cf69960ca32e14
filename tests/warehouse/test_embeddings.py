"""Vectors are kept once and read as they were kept, whatever interrupted the last batch."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tgc.fingerprint import Ids
from tgc.warehouse import Embeddings
from tgc.warehouse.embeddings import KEYS, VECTORS


def some(*numbers: int) -> tuple[Ids, "np.ndarray[tuple[int, int], np.dtype[np.float32]]"]:
    """Keys, and a vector of three for each."""
    keys = np.array(numbers, dtype=np.uint64)
    return keys, np.array([[number, number / 3, 1] for number in numbers], dtype=np.float32)


def test_vectors_are_read_in_any_order_as_often_as_asked(tmp_path: Path) -> None:
    kept = Embeddings(tmp_path / "a", "org/vectors")
    kept.add(*some(5, 2))
    kept.add(*some(9, 1))
    for held in (kept, Embeddings(tmp_path / "a", "org/vectors")):
        asked, expected = some(1, 5, 5, 9)
        assert held.has(np.array([1, 3, 9, 10], dtype=np.uint64)).tolist() == [True, False, True, False]
        np.testing.assert_array_equal(held.of(asked), expected.astype(np.float16))


def test_nothing_is_written_before_there_is_something_to_keep(tmp_path: Path) -> None:
    kept = Embeddings(tmp_path / "a", "org/vectors")
    assert not kept.has(some(1)[0]).any()
    assert kept.of(some()[0]).shape == (0, 0)
    assert not (tmp_path / "a").exists()


@pytest.mark.parametrize(("file", "left"), [(KEYS, b"\1\2\3"), (VECTORS, b"\1" * 100), (VECTORS, b"")])
def test_what_a_kill_leaves_behind_is_overwritten(tmp_path: Path, file: str, left: bytes) -> None:
    Embeddings(tmp_path, "org/vectors").add(*some(5, 2))
    with (tmp_path / file).open("ab") as torn:
        torn.write(left)
    Embeddings(tmp_path, "org/vectors").add(*some(7))
    held = Embeddings(tmp_path, "org/vectors")
    asked, expected = some(7, 2, 5)
    np.testing.assert_array_equal(held.of(asked), expected.astype(np.float16))


@pytest.mark.parametrize("lost", [KEYS, VECTORS, "about.json"])
def test_a_lost_file_costs_the_vectors_and_nothing_else(tmp_path: Path, lost: str) -> None:
    Embeddings(tmp_path, "org/vectors").add(*some(5, 2))
    (tmp_path / lost).unlink()
    held = Embeddings(tmp_path, "org/vectors")
    assert not held.has(some(5)[0]).any()
    held.add(*some(5))
    assert Embeddings(tmp_path, "org/vectors").of(some(5)[0]).shape == (1, 3)


ADDING = """
import sys
from pathlib import Path
import numpy as np
from tgc.warehouse.embeddings import Embeddings

kept = Embeddings(Path(sys.argv[1]), "org/vectors")
for start in range(1, 10**6, 64):
    keys = np.arange(start, start + 64, dtype=np.uint64)
    kept.add(keys, np.repeat(keys[:, None] % 1000, 99, axis=1).astype(np.float32))
    print(start, flush=True)
"""


def test_after_a_kill_every_key_has_its_own_vector(tmp_path: Path) -> None:
    command = [sys.executable, "-c", ADDING, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as adding:
        assert adding.stdout is not None
        told = [int(next(adding.stdout)) for _ in range(20)]
        adding.kill()
    held = Embeddings(tmp_path, "org/vectors")
    keys = np.arange(1, 10**5, dtype=np.uint64)
    there = keys[held.has(keys)]
    assert there[: told[-1] + 63].tolist() == keys[: told[-1] + 63].tolist()
    np.testing.assert_array_equal(held.of(there), np.repeat(there[:, None] % 1000, 99, axis=1))
