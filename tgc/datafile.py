"""Data files that options of plug-ins name: looked up and read before anything runs."""

from dataclasses import dataclass, field
from typing import ClassVar

from pydantic import GetCoreSchemaHandler
from pydantic_core import SchemaSerializer, core_schema

_AS_TEXT = core_schema.plain_serializer_function_ser_schema(str)


@dataclass(frozen=True, slots=True)
class DataFile:
    """A data file as an option names it; lowering finds it and fills in what it holds.

    As an option it is written as its name; once it is found, it is dumped with its digest, so that other content
    is another option.

    Attributes:
        digest: of its bytes, in hex; empty until it is found.
        rows: what stands in it, row by row: texts, or mappings by column or key.
    """

    __pydantic_serializer__: ClassVar[SchemaSerializer] = SchemaSerializer(
        core_schema.any_schema(serialization=_AS_TEXT)
    )
    """How it is dumped where pydantic goes by the value and not by the field, as for plug-ins in a recipe."""

    name: str
    digest: str = ""
    rows: tuple[object, ...] = field(default=(), repr=False, compare=False)

    def __str__(self) -> str:
        """Its name, with its digest once it is known.

        >>> str(DataFile("a.txt")), str(DataFile("a.txt", "00ff"))
        ('a.txt', 'a.txt@00ff')
        """
        return f"{self.name}@{self.digest}" if self.digest else self.name

    @classmethod
    def __get_pydantic_core_schema__(
        cls,
        source: type,
        handler: GetCoreSchemaHandler,
    ) -> core_schema.CoreSchema:
        """Text that is not empty on the way in, the same with a digest on the way out."""
        return core_schema.no_info_after_validator_function(
            cls,
            core_schema.str_schema(min_length=1),
            serialization=_AS_TEXT,
        )
