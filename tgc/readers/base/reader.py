"""What every reader is: options from YAML, and the conversations in the records of a file."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, Strict
from pydantic_core import PydanticCustomError

from tgc import records
from tgc.dialogue import Conversation, Message
from tgc.readers.base import extras
from tgc.readers.base.bad_row import BadRowError
from tgc.readers.base.images import Picture, beside, is_of_images, located, picture, several
from tgc.records import ALL, Record, Take

OTHER_MEDIA = ("video", "videos", "audio", "audios")

NOT_EXTRA = frozenset({"id", "image", "images", *OTHER_MEDIA})
"""What a row of any shape may have beside its messages, and is told apart from what else it has."""

Count = Annotated[int, Strict(), Field(gt=0)]


@dataclass(frozen=True, slots=True)
class Row:
    """A conversation or what is wrong with it, the line on which it begins, and the column where it is wrong."""

    line: int
    found: Conversation | BadRowError
    column: int = 1


def _amount(given: object) -> object:
    if given == "all" or (isinstance(given, int) and not isinstance(given, bool) and given > 0):
        return given
    raise PydanticCustomError("amount", "`all` or a whole number more than 0 should stand here")


class Reader(BaseModel):
    """Base of every reader plug-in; its `format` is its name, its other fields are the options of a source."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    keys: ClassVar[frozenset[str]]
    """What the messages of a row are made from."""

    paired: ClassVar[bool] = False
    """Whether its rows have an answer that is rejected, beside the one at the end."""

    format: str
    source: str = Field(
        min_length=1,
        repr=False,
        description="A file of conversations in `.json`, `.jsonl`, `.parquet` or `.arrow`; several, as in "
        "`part{1,2}.json`; LLaVA-NeXT's list of files in `.yaml`; or a folder as `datasets` has it.",
    )
    config: str | None = Field(default=None, min_length=1, description="Which configuration of a folder.")
    split: str | None = Field(
        default=None, min_length=1, description="Which split of a folder; `train` if it has that."
    )
    rows: Annotated[int | Literal["all"], BeforeValidator(_amount)] | None = Field(
        default=None, description="How many rows to take; `all` if neither this nor `share` is given."
    )
    share: Annotated[float, Strict(), Field(gt=0, lt=1)] | None = Field(
        default=None, description="How much of the whole mix the rows are to be."
    )
    repeat: Count = Field(default=1, description="How often the same row may come.")
    cap: Count | None = Field(default=None, description="The most rows to take, repeated ones included.")
    images: str | None = Field(
        default=None,
        min_length=1,
        description="The folder in which the paths of images begin; each image has to be there.",
    )
    on_error: Literal["fail", "skip"] = Field(
        default="fail", description="Whether rows that cannot be read are an error, or left out and counted."
    )

    def messages(self, row: Mapping[str, object]) -> tuple[Message, ...]:
        """What is said in a row, with `<image>` where an image stands.

        Raises:
            BadRowError: it is not of this shape.
        """
        raise NotImplementedError

    def both(self, row: Mapping[str, object]) -> tuple[tuple[Message, ...], str | None]:
        """What is said in a row, and the answer to which the last one is preferred; None where there is none.

        Raises:
            BadRowError: it is not of this shape.
        """
        return self.messages(row), None

    def pictures(self, row: Mapping[str, object]) -> tuple[Picture, ...]:
        """The images of a row, by their paths or as they stand in it.

        Raises:
            BadRowError: something else stands there.
        """
        return tuple([picture(given) for key in ("image", "images") for given in several(row.get(key))])

    def conversation(self, record: Record, name: str) -> Conversation:
        """What a record says; `name` is its id if it has none.

        Raises:
            BadRowError: it is not of this shape.
        """
        row = record.datum
        if record.flaw is not None:
            reason, colon, detail = record.flaw.partition(":")
            raise BadRowError(reason, colon + detail)
        if not isinstance(row, dict):
            hint = "a list of rows stands in a file called `.json`" if isinstance(row, list) else None
            raise BadRowError("a row should be a mapping", hint=hint)
        for medium in OTHER_MEDIA:
            if row.get(medium):
                raise BadRowError(f"a row with `{medium}`, which no output takes")
        pictures, (said, rejected) = self.pictures(row), self.both(row)
        return Conversation(
            id=extras.name(row.get("id")) or name,
            messages=said,
            images=tuple([one.path for one in pictures]),
            held={one.path: one.content for one in pictures if one.content is not None},
            source=self.source,
            rejected=rejected,
            extras=extras.kept(row, apart=self.keys | NOT_EXTRA),
        )

    def read(self, file: Path, folder: Path | None, take: Take = ALL) -> Iterator[Row]:
        """The rows of a file that are taken, streaming; images are looked for in a folder, if one is given.

        Raises:
            BrokenFileError: the file cannot be read any further.
            OSError: it cannot be opened.
        """
        stem = file.stem
        for number, given in records.taken(file, take):
            record = beside(given, file, folder) if folder and is_of_images(file) else given
            try:
                found = self.conversation(record, f"{stem}-{number}")
                yield Row(record.line, located(found, folder))
            except BadRowError as error:
                yield Row(record.line, error, record.column)
            except RecursionError:
                yield Row(record.line, BadRowError("nested too deeply"))
