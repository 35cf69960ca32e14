"""What a model is asked for a node, and the values that it may be shown."""

from dataclasses import dataclass, field

import numpy as np

from tgc import fingerprint, schema
from tgc.fingerprint import Ids
from tgc.ir.model import Model
from tgc.sampling import Sampling
from tgc.template import Template


@dataclass(frozen=True, slots=True)
class Value:
    """One enumerated datum: its text, and its JSON when it has fields."""

    text: str
    data: str | None = None

    @property
    def content(self) -> str:
        """What identifies it: its JSON, or its text, marked where that might be JSON.

        >>> Value('{"era": 1920}').content == Value("1920", '{"era": 1920}').content
        False
        """
        if self.data is not None:
            return self.data
        return f"\0{self.text}" if self.text.startswith(("{", "\0")) else self.text


@dataclass(frozen=True, slots=True)
class Examples:
    """A pool of which each prompt shows `count`, drawn by what the prompt is about.

    Attributes:
        words: 64 bits of each value's content.
    """

    pool: tuple[Value, ...]
    count: int
    words: Ids = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        words = np.array([fingerprint.word(value.content) for value in self.pool], dtype=np.uint64)
        object.__setattr__(self, "words", words)


@dataclass(frozen=True, slots=True)
class Opening:
    """The system prompt of a dialogue, set by one level and the same for all below it.

    Attributes:
        depth: how many nodes from the root it may refer to: those above the level that sets it.
    """

    template: Template
    depth: int
    examples: Examples | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked of a model for one node.

    Attributes:
        stop: strings that end the text.
        system: how the dialogue opens, by the level itself or the nearest above that says so.
        answers: the shape of the answer, under which it is decoded.
        examples: what the level's own template may show.
    """

    model: Model
    sampling: Sampling
    max_tokens: int
    stop: tuple[str, ...] = ()
    system: Opening | None = None
    answers: schema.Shape = field(default_factory=schema.Text)
    examples: Examples | None = None

    @property
    def listed(self) -> bool:
        """Whether siblings are the items of one list, each written after those before it."""
        return isinstance(self.answers, schema.Items)
