"""Forms of answers: which tokens may come next, so that what is drawn has a shape."""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tgc import schema
from tgc.engine.drawing.forms.guided import Guide, Guided, GuidedForm, look_ahead
from tgc.engine.drawing.forms.lines import Lines

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

Formed = schema.Line | Guided
"""The shapes that are more than free text."""


class Form(Protocol):
    """How far one answer has come in its form."""

    @property
    def ends(self) -> frozenset[int]:
        """Tokens that end a turn; allowed where the form is complete, and only there."""
        ...

    @property
    def quote(self) -> int | None:
        """The token that ends a text within the form; None where there are no texts."""
        ...

    def allowed(self) -> NDArray[np.uint8]:
        """Which tokens may come next, a bit each (`forms.marks`); not to be written to."""
        ...

    def take(self, token: int) -> None:
        """Go on by a token that is no end."""
        ...

    @property
    def complete(self) -> bool:
        """Whether the answer may end here."""
        ...

    @property
    def closed(self) -> bool:
        """Whether nothing can come after what there is, be it complete or of no form at all."""
        ...


class Forms:
    """Makes forms for one tokenizer; what lines need and what other forms need is made ready when first asked."""

    def __init__(self, tokenizer: "PreTrainedTokenizerBase") -> None:
        self._tokenizer = tokenizer

    def of(self, shape: Formed, ends: frozenset[int]) -> Callable[[], Form]:
        """Makes the form of an answer that begins; `ends` are tokens that end its turn.

        Raises:
            BackendError: not of a line: llguidance refuses the form, or cannot read the tokenizer.
        """
        return self._lines.of(ends) if isinstance(shape, schema.Line) else self._guide.of(shape, ends)

    @cached_property
    def _lines(self) -> Lines:
        return Lines(self._tokenizer)

    @cached_property
    def _guide(self) -> Guide:
        return Guide(self._tokenizer)


def confine(logits: Tensor, forms: Sequence[Form | None]) -> Tensor:
    """Logits of shape (rows, vocabulary), -inf where the form of a row does not allow the token.

    Within a text the ends of a turn are not allowed, and a model that has said all would have to say more; so
    their likelihood goes to the quote that ends the text.
    """
    if not any(forms):
        return logits
    look_ahead([form for form in forms if isinstance(form, GuidedForm)])
    held = _held(logits, _allowed(forms, logits.shape[1]))
    for quote in {form.quote for form in forms if form and form.quote is not None}:
        held[:, quote] = _quoted(held[:, quote], logits, forms)
    return held


def _allowed(forms: Sequence[Form | None], width: int) -> NDArray[np.uint8]:
    """Which of `width` tokens the form of a row allows, a bit each: of shape (rows, bytes)."""
    packed = np.zeros((len(forms), -(-width // 8)), dtype=np.uint8)
    for row, form in zip(packed, forms, strict=True):
        if form:
            bits = form.allowed()[: len(row)]
            row[: len(bits)] = bits
        else:
            row[:] = 0xFF
    return packed


def _held(logits: Tensor, packed: NDArray[np.uint8]) -> Tensor:
    """The logits where their bit is set, else -inf; on a CPU by numpy, which takes half as long as torch."""
    if logits.device.type == "cpu":
        allowed = np.unpackbits(packed, axis=1, count=logits.shape[1], bitorder="little").view(np.bool_)
        return torch.from_numpy(np.where(allowed, logits.numpy(), np.float32(-np.inf)))
    return _held_there(logits, torch.from_numpy(packed).to(logits.device))


def _held_there(logits: Tensor, packed: Tensor) -> Tensor:
    """The same where the logits are: bits are an eighth of the way of booleans."""
    bits = 2 ** torch.arange(8, dtype=torch.uint8, device=logits.device)
    allowed = (packed.unsqueeze(-1) & bits).bool().flatten(1)[:, : logits.shape[1]]
    return logits.masked_fill(~allowed, float("-inf"))


def _quoted(own: Tensor, logits: Tensor, forms: Sequence[Form | None]) -> Tensor:
    """The logits of the quote, where it is allowed, with those of the ends of unfinished forms added to it."""
    within = [form.ends if form and form.quote is not None and not form.complete else () for form in forms]
    ends = sorted({end for row in within for end in row if end < logits.shape[1]})
    counted = torch.tensor(
        [[end in row for end in ends] for row in within], device=logits.device, dtype=torch.bool
    )
    done = logits[:, ends].masked_fill(~counted, float("-inf")).logsumexp(dim=-1)
    return torch.where(own.isfinite(), own.logaddexp(done), own)
