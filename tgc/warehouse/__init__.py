"""Every node ever generated, with its verdicts, runs and mixes: one DuckDB file, one writer, many readers."""

from tgc.warehouse.database import compact
from tgc.warehouse.embeddings import Embeddings, forget
from tgc.warehouse.query import answer
from tgc.warehouse.reader import Reader, read
from tgc.warehouse.repair import Repair, repair
from tgc.warehouse.writer import Status, Warehouse

__all__ = [
    "Embeddings",
    "Reader",
    "Repair",
    "Status",
    "Warehouse",
    "answer",
    "compact",
    "forget",
    "read",
    "repair",
]
