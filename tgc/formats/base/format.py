"""The base of every output format: options from YAML, what it refuses, and how it writes rows."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import BinaryIO, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from tgc.dialogue import Conversation
from tgc.formats.base.about import About
from tgc.formats.base.rule import Flaw, Rule
from tgc.formats.base.spelling import Spelled, Spelling

TRAIN = "train"
"""The split of what is not held out."""

MANIFEST = "manifest.json"
"""What tgc writes beside the outputs."""


PATH = "File to write, relative to `warehouse/mixes/<recipe>/`."
"""What `path` is, wherever it has a default."""


VIOLATION = (
    "Where a row breaks a rule of the client: `fail`, `drop` leaves it out of all outputs, "
    "`escape` repairs it in this one if that is known, and fails if not."
)
"""What `on_violation` is."""


class Format(BaseModel):
    """Base of every format plug-in; its `format` is its name, its other fields are its YAML options."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    suffixes: ClassVar[tuple[str, ...]] = ()
    """How the name of its file may end, for clients that go by the name; empty where they do not."""

    companions: ClassVar[tuple[str, ...]] = ()
    """Names of the further files that its client wants to have, beside the rows."""

    system: ClassVar[bool] = True
    """Whether its client is given system prompts, rather than writing its own."""

    paired: ClassVar[bool] = False
    """Whether it writes nothing but pairs of answers."""

    both: ClassVar[bool] = False
    """Whether it writes the answer that is rejected too, where there is one."""

    asks: ClassVar[tuple[Rule, ...]] = ()
    """What its client asks of rows, in the order in which they are looked at."""

    spelling: ClassVar[Spelling] = Spelling()
    """How its client spells a row."""

    reads: ClassVar[tuple[str, ...]] = (".json", ".jsonl", ".parquet")
    """How the names of the files end that its client reads, whoever has written them."""

    gaps: ClassVar[bool] = True
    """Whether its client passes over blank lines."""

    inferred: ClassVar[bool] = True
    """Whether its client has `datasets` make columns of JSON, by the first megabytes of a file."""

    foldered: ClassVar[bool] = False
    """Whether its client is told in which folder the paths of images begin, rather than run where they do."""

    format: str
    path: str = Field(description=PATH)
    on_violation: Literal["fail", "drop", "escape"] = Field(default="fail", description=VIOLATION)

    @field_validator("path")
    @classmethod
    def _is_known_by_its_name(cls, path: str) -> str:
        if cls.suffixes and not path.endswith(cls.suffixes):
            ends = " or ".join(f"`{suffix}`" for suffix in cls.suffixes)
            raise ValueError(f"its client reads files that end in {ends}")
        return path

    def file(self, split: str) -> PurePosixPath:
        """Where a split goes: `mix.json` for `train`, `mix.validation.json` for `validation`."""
        path = PurePosixPath(self.path)
        return path if split == TRAIN else path.with_name(f"{path.stem}.{split}{path.suffix}")

    def files(self, splits: Sequence[str]) -> tuple[PurePosixPath, ...]:
        """Everything it writes: the rows of each split, and what goes beside them."""
        return (*map(self.file, splits), *map(self.sibling, self.companions))

    def spelled(self, row: Mapping[str, object]) -> Spelled:
        """What a row of a file says, whoever has written it, and how it is not spelled as its client wants it."""
        return self.spelling.read(row)

    def seen(self, conversation: Conversation) -> Conversation:
        """A row as its client is given it."""
        given = conversation if self.both else conversation.plain
        turns = given.messages if self.system else given.turns
        return given if len(turns) == len(given.messages) else replace(given, messages=turns)

    def flaws(self, conversation: Conversation) -> Iterator[Flaw]:
        """All that the client would fail on, or skip or learn wrongly in silence."""
        seen = self.seen(conversation)
        yield from filter(None, (rule.flaw(seen) for rule in self.asks))

    def flaw(self, conversation: Conversation) -> str | None:
        """The first of them, in words; None where the client trains on the row."""
        return next((flaw.message for flaw in self.flaws(conversation)), None)

    def mended(self, conversation: Conversation) -> tuple[Conversation, tuple[str, ...]]:
        """A row with all put right that can be, and by which rules."""
        broken = []
        for rule in self.asks:
            if rule.mend and rule.flaw(self.seen(conversation)):
                conversation = rule.mend(conversation)
                broken.append(rule.name)
        return conversation, tuple(broken)

    def refusal(self, conversation: Conversation) -> Flaw | None:
        """Why a row cannot be written, even if it may be repaired."""
        row = self.mended(conversation)[0] if self.on_violation == "escape" else conversation
        return next(self.flaws(row), None)

    def refuse(self, conversation: Conversation) -> str | None:
        """The same in words, after the name of the format."""
        flaw = self.refusal(conversation)
        return f"{self.format}: {flaw.message}" if flaw else None

    def repaired(self, conversations: Iterable[Conversation], tally: Counter[str]) -> Iterator[Conversation]:
        """Rows as they are to be written, the repairs counted by rule; streaming."""
        if self.on_violation != "escape":
            yield from conversations
            return
        for conversation in conversations:
            row, broken = self.mended(conversation)
            tally.update(broken)
            yield row

    def write(self, conversations: Iterable[Conversation], out: BinaryIO) -> None:
        """Write all rows; same rows, same bytes."""
        raise NotImplementedError

    def beside(self, about: About) -> Mapping[str, str]:  # noqa: ARG002 - for those that have companions
        """What stands in each of the `companions`."""
        return {}

    def sibling(self, name: str) -> PurePosixPath:
        """The path of a file beside the rows."""
        return PurePosixPath(self.path).with_name(name)
