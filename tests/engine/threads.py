"""How many threads torch has for a while."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def on(threads: int) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)
