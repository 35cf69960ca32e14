"""Forms of answers: which tokens may come next, so that what is drawn has a shape; by llguidance."""

import json
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, assert_never, cast

import numpy as np
import torch
from llguidance import LLMatcher
from llguidance.hf import from_tokenizer
from llguidance.numpy import allocate_token_bitmask, fill_next_token_bitmask
from numpy.typing import NDArray
from torch import Tensor

from tgc import schema
from tgc.errors import BackendError

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase, PreTrainedTokenizerFast

Formed = schema.Line | schema.Choice | schema.Range | schema.Fields
"""The shapes that are more than free text."""

LINE = r"/[^\n\r]*[^\s\x1c-\x1f][^\n\r]*\n?/"

COMPACT = {"x-guidance": {"whitespace_flexible": False, "item_separator": ", ", "key_separator": ": "}}
"""JSON as Python writes it: white space between its parts would be drawn for ever."""


class Form:
    """How far one answer has come in its form.

    Attributes:
        ends: tokens that end a turn; allowed where the form is complete, and only there.
        quote: the token that ends a text within the form; None where there are no texts.
    """

    def __init__(self, matcher: LLMatcher, vocabulary: int, ends: frozenset[int], quote: int | None) -> None:
        self._matcher, self._vocabulary, self.ends, self.quote = matcher, vocabulary, ends, quote

    def allowed(self) -> NDArray[np.uint8]:
        """Which tokens may come next, a bit each."""
        words = allocate_token_bitmask(1, self._vocabulary)
        fill_next_token_bitmask(self._matcher, words)
        bits = words.view(np.uint8)[0]
        stops = _marked(self.ends, len(bits))
        found: NDArray[np.uint8] = bits | stops if self.complete else bits & ~stops
        return found

    def take(self, token: int) -> None:
        """Go on by a token that is no end."""
        self._matcher.consume_token(token)

    @property
    def complete(self) -> bool:
        """Whether the answer may end here."""
        return self._matcher.is_accepting() and not self._matcher.is_error()

    @property
    def closed(self) -> bool:
        """Whether nothing can come after what there is, be it complete or of no form at all."""
        return self._matcher.is_stopped()


class Forms:
    """Compiles forms for one tokenizer, each once.

    Raises:
        BackendError: the tokenizer is of a kind that llguidance cannot read.
    """

    def __init__(self, tokenizer: "PreTrainedTokenizerBase") -> None:
        try:
            self._tokenizer = from_tokenizer(cast("PreTrainedTokenizerFast", tokenizer))
        except (ValueError, RuntimeError) as error:
            raise BackendError(
                f"answers of `{tokenizer.name_or_path}` cannot be held to a form: {error}",
                "levels whose answers are `text` need no form",
            ) from error
        quote = self._tokenizer.greedy_tokenize('"')
        self._quote = quote[0] if len(quote) == 1 else None
        self._compiled: dict[Formed, LLMatcher] = {}

    def of(self, shape: Formed, ends: frozenset[int]) -> Callable[[], Form]:
        """Makes the form of an answer that begins; `ends` are tokens that end its turn.

        Raises:
            BackendError: llguidance refuses the form.
        """
        if shape not in self._compiled:
            self._compiled[shape] = self._compile(shape)
        matcher, vocabulary = self._compiled[shape], self._tokenizer.vocab_size
        quote = self._quote if isinstance(shape, schema.Fields) else None
        return lambda: Form(matcher.deep_copy(), vocabulary, ends, quote)

    def _compile(self, shape: Formed) -> LLMatcher:
        matcher = LLMatcher(self._tokenizer, LLMatcher.grammar_from_lark(lark(shape)), log_level=0)
        if matcher.is_error():
            reason = matcher.get_error().splitlines()[0]
            raise BackendError(
                f"answers cannot be held to the form `{schema.spell(shape)}`: {reason}",
                "fewer choices or fields make a smaller grammar",
            )
        return matcher


def lark(shape: Formed) -> str:
    """The form as llguidance spells grammars; a space may come first, as it does in most tokens.

    >>> print(lark(schema.Choice(("easy", "hard"))))
    start: / ?/ form
    form: "easy" | "hard"
    """
    match shape:
        case schema.Line():
            return f"start: {LINE}"
        case schema.Choice(options):
            form = " | ".join(json.dumps(option, ensure_ascii=False) for option in options)
        case schema.Range():
            form = f"%json {json.dumps(schema.json_schema(shape))}"
        case schema.Fields():
            form = f"%json {json.dumps({**schema.json_schema(shape), **COMPACT}, ensure_ascii=False)}"
        case _:
            assert_never(shape)
    return f"start: / ?/ form\nform: {form}"


def confine(logits: Tensor, forms: Sequence[Form | None]) -> Tensor:
    """Logits of shape (rows, vocabulary), -inf where the form of a row does not allow the token.

    Within a text the ends of a turn are not allowed, and a model that has said all would have to say more; so
    their likelihood goes to the quote that ends the text.
    """
    if not any(forms):
        return logits
    allowed = torch.from_numpy(_allowed(forms, logits.shape[1])).to(logits.device)
    held = logits.masked_fill(~allowed, float("-inf"))
    for quote in {form.quote for form in forms if form and form.quote is not None}:
        held[:, quote] = _quoted(held[:, quote], logits, forms)
    return held


def _quoted(own: Tensor, logits: Tensor, forms: Sequence[Form | None]) -> Tensor:
    """The logits of the quote, where it is allowed, with those of the ends of unfinished forms added to it."""
    within = [form.ends if form and form.quote is not None and not form.complete else () for form in forms]
    ends = sorted({end for row in within for end in row if end < logits.shape[1]})
    counted = torch.tensor(
        [[end in row for end in ends] for row in within], device=logits.device, dtype=torch.bool
    )
    done = logits[:, ends].masked_fill(~counted, float("-inf")).logsumexp(dim=-1)
    return torch.where(own.isfinite(), own.logaddexp(done), own)


def _allowed(forms: Sequence[Form | None], width: int) -> NDArray[np.bool_]:
    """Whether the form of a row allows a token, of shape (rows, width)."""
    packed = np.full((len(forms), -(-width // 8)), 0xFF, dtype=np.uint8)
    for row, form in zip(packed, forms, strict=True):
        if form:
            bits = form.allowed()[: len(row)]
            row[:] = np.pad(bits, (0, len(row) - len(bits)))
    return np.unpackbits(packed, axis=1, count=width, bitorder="little").view(np.bool_)


def _marked(tokens: Iterable[int], width: int) -> NDArray[np.uint8]:
    bits = np.zeros(width, dtype=np.uint8)
    for token in tokens:
        if token < 8 * width:
            bits[token // 8] |= np.uint8(1 << token % 8)
    return bits
