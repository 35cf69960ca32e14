"""What a recipe asks the warehouse for: one SELECT, whether there is a warehouse yet or not."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tgc.warehouse import migrations
from tgc.warehouse.attended import Attended
from tgc.warehouse.reader import Reader, read


def answer(path: Path, query: str) -> list[dict[str, object]]:
    """The rows that one SELECT gives, by column; over an empty warehouse where there is none, and none is created.

    Raises:
        UsageError: when it is anything else, or not valid SQL.
        WarehouseError: as `read`.
    """
    with read(path) as reader:
        if reader is not None:
            return reader.sql(query).to_dicts()
    with _empty() as reader:
        return reader.sql(query).to_dicts()


@contextmanager
def _empty() -> Iterator[Reader]:
    database = Attended.open(Path(":memory:"))
    try:
        migrations.migrate(database)
        yield Reader(database)
    finally:
        database.close()
