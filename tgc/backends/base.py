"""What the executor asks of a backend: open a session on a model, submit requests, take completions."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Literal, Protocol, Self, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from tgc import schema
from tgc.dialogue import Message, Role
from tgc.likelihood import Likelihood, Measure
from tgc.origin import Origin
from tgc.sampling import Sampling

FinishReason = Literal["stop", "length"]

Counter = Callable[[Sequence[str]], list[int]]
"""How many tokens each of some texts has as a turn, the one that ends it included, as completions count them."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a model is asked: continue `messages` by one turn of `role`, or `prefix` as plain text.

    Attributes:
        key: the request key, 32 hex digits; equal keys mean equal requests.
        messages: the chat so far; may start with a system message, may be empty; empty where `role` is None.
        role: whose turn the completion is; the chat template is cut at the start of that turn. None asks for
            no chat at all: the model continues `prefix`, after what its tokenizer puts before a text.
        seed: first 63 bits of the key; the only source of randomness.
        stop: strings that end the turn; not part of the text. An answer of some form ends where it is complete.
        prefix: how the turn begins: given to the model, not part of the completion. Spaces at its end are
            left to the model, whose tokens begin with them.
        answers: the shape of the answer; of a list, the answer is one item. Where options are `Weighed` nothing is
            drawn: the completion says how likely each is, and a backend that cannot tell, that the request failed.
        family: 63 bits that siblings share, and the ordinal among them, where they draw their first tokens without
            replacement; None where each draws for itself.
        measured: a turn that is there already, and what is to be made of its likelihood: the completion is that
            number, and nothing is drawn. None where the model is to go on.
    """

    key: str
    messages: tuple[Message, ...]
    role: Role | None
    sampling: Sampling
    max_tokens: int
    seed: int
    stop: tuple[str, ...] = ()
    prefix: str = ""
    answers: schema.Shape = schema.Text()  # noqa: RUF009 - frozen
    family: tuple[int, int] | None = None
    measured: tuple[Measure, str] | None = None


@dataclass(frozen=True, slots=True)
class Completion:
    """What the model answered to the request of that key.

    Attributes:
        text: the turn, stripped of surrounding white space, without end-of-turn tokens or stop strings; where
            the request states a shape, as it was written: JSON where there are fields. `schema.read` reads it.
        finish_reason: `stop` at an end of turn, at a stop string, or where the form is complete; `length` at
            max_tokens.
        mean_logprob: mean natural-log probability of the generated tokens under the model itself
            (temperature 1, nothing filtered), end-of-turn token included, to a millionth; None when nothing was
            generated.
    """

    key: str
    text: str
    finish_reason: FinishReason
    prompt_tokens: int
    completion_tokens: int
    mean_logprob: float | None


@dataclass(frozen=True, slots=True)
class Failure:
    """Why the request of that key has no completion; never passed off as a node."""

    key: str
    reason: str


@dataclass(frozen=True, slots=True)
class Shown:
    """What a model is given for a request: the text, and its tokens as ids and as the tokenizer's pieces.

    The tokens are the truth; a plain text is shown less those that the tokenizer puts before it.
    """

    text: str
    tokens: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Said:
    """A turn that is there already, after what `messages`, `role` and `prefix` say as in a `Request`."""

    messages: tuple[Message, ...]
    role: Role | None
    text: str
    prefix: str = ""


@runtime_checkable
class Session(Protocol):
    """A loaded model. Requests go in by `submit`, results come out of `step`, in any order."""

    @property
    def room(self) -> int:
        """How many more requests are worth submitting before the next `step`."""
        ...

    def submit(self, requests: Sequence[Request]) -> None:
        """Queue requests; siblings (equal messages) are best submitted together."""
        ...

    def step(self) -> list[Completion | Failure]:
        """Work until something finishes; empty only when nothing is queued."""
        ...

    def cancel(self) -> list[str]:
        """Forget what is queued and not under way; the keys of the requests forgotten."""
        ...

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors of shape (len(texts), width): mean of the last hidden states over the tokens."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


@runtime_checkable
class Scoring(Protocol):
    """What a session may be able to do besides: say how likely its model finds turns that are there already."""

    def score(self, said: Sequence[Said]) -> list[Likelihood | None]:
        """The likelihood of each; None where a turn does not fit the context.

        What several were said after is read once. With the question before an answer, and the answer alone
        (`role` None, no messages), `likelihood.ifd` is its Instruction-Following Difficulty.

        Raises:
            BackendError: as for `Session.submit`, or the device has no memory for a single turn.
        """
        ...


class Backend(BaseModel):
    """Base of every backend plug-in: fields are the options of a profile, `backend` is its name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    backend: str

    def open(self, origin: Origin) -> Session:
        """Load a model.

        Raises:
            BackendError: the model cannot be loaded, is more than the backend can put together, or a needed
                package is missing (the hint says which).
        """
        raise NotImplementedError

    @property
    def spelled(self) -> str:
        """The backend and those of its options that are not the default: what its speed is remembered under.

        >>> Backend(backend="torch").spelled
        'torch'
        """
        options = self.model_dump(mode="json", exclude={"backend"}, exclude_defaults=True)
        return " ".join((self.backend, *(f"{name}={value}" for name, value in sorted(options.items()))))

    def devices(self) -> tuple[str, ...] | None:
        """The names of the devices that it generates on, each as often as there are; None where it cannot tell."""
        return None

    def count(
        self,
        origin: Origin,  # noqa: ARG002 - for backends that can know
        requests: Sequence[Request],  # noqa: ARG002
    ) -> list[int] | None:
        """The exact prompt tokens of each request, by the tokenizer alone; None when the backend cannot know.

        A tokenizer is loaded per call, so one call for all requests of a model is best.

        Raises:
            BackendError: as for `open`, where the tokenizer cannot be loaded or has no chat template to use.
        """
        return None

    def counter(self, origin: Origin) -> Counter | None:  # noqa: ARG002 - for backends that can know
        """What counts texts by a model's tokenizer; None when the backend cannot know.

        Raises:
            BackendError: as for `open`, where the tokenizer cannot be loaded.
        """
        return None

    def show(
        self,
        origin: Origin,  # noqa: ARG002 - for backends that can know
        requests: Sequence[Request],  # noqa: ARG002
    ) -> list[Shown] | None:
        """What the model would be given for each request; None when the backend cannot know.

        Raises:
            BackendError: as for `count`.
        """
        return None
