"""The warehouse of a project that has one."""

from collections.abc import Iterator
from contextlib import contextmanager

from tgc.errors import WarehouseError
from tgc.project import Project
from tgc.warehouse import Reader, read


@contextmanager
def opened(home: Project) -> Iterator[Reader]:
    """The warehouse of a project, to be read; closed in the end.

    Raises:
        WarehouseError: there is none, or who holds it cannot be asked.
    """
    with read(home.database) as reader:
        if reader is None:
            raise WarehouseError("there is no warehouse here yet", "`tgc build RECIPE` makes one")
        yield reader
