"""Answers that are a choice, a number or fields: which tokens may come next, by llguidance."""

import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, assert_never, cast

import numpy as np
from numpy.typing import NDArray

from tgc import schema
from tgc.engine.drawing.forms.marks import marked
from tgc.errors import BackendError

if TYPE_CHECKING:
    from llguidance import LLMatcher
    from transformers import PreTrainedTokenizerBase, PreTrainedTokenizerFast

Guided = schema.Choice | schema.Range | schema.Fields

COMPACT = {"x-guidance": {"whitespace_flexible": False, "item_separator": ", ", "key_separator": ": "}}
"""JSON as Python writes it: white space between its parts would be drawn for ever."""


class Guide:
    """Compiles forms for one tokenizer, each once.

    Raises:
        BackendError: the tokenizer is of a kind that llguidance cannot read.
    """

    def __init__(self, tokenizer: "PreTrainedTokenizerBase") -> None:
        from llguidance import LLExecutor
        from llguidance.hf import from_tokenizer

        try:
            self._tokenizer = from_tokenizer(cast("PreTrainedTokenizerFast", tokenizer))
        except (ValueError, RuntimeError) as error:
            raise BackendError(
                f"answers of `{tokenizer.name_or_path}` cannot be held to a form: {error}",
                "answers that are `text` or lists of `str` need nothing of the tokenizer",
            ) from error
        quote = self._tokenizer.greedy_tokenize('"')
        self._quote = quote[0] if len(quote) == 1 else None
        self._compiled: dict[Guided, LLMatcher] = {}
        self._executor = LLExecutor()

    def of(self, shape: Guided, ends: frozenset[int]) -> "Callable[[], GuidedForm]":
        """Makes the form of an answer that begins; `ends` are tokens that end its turn.

        Raises:
            BackendError: llguidance refuses the form.
        """
        if shape not in self._compiled:
            self._compiled[shape] = self._compile(shape)
        matcher = self._compiled[shape]
        quote = self._quote if isinstance(shape, schema.Fields) else None
        return lambda: GuidedForm(self, matcher.deep_copy(), ends, quote)

    def look(self, forms: "Sequence[GuidedForm]") -> None:
        """Work out side by side which tokens may come next in each of its forms."""
        from llguidance.numpy import allocate_token_bitmask, fill_next_token_bitmask_par

        words = allocate_token_bitmask(len(forms), self._tokenizer.vocab_size)
        fill_next_token_bitmask_par(
            self._executor, [(one.matcher, row) for row, one in enumerate(forms)], words
        )
        for form, bits in zip(forms, words.view(np.uint8), strict=True):
            form.see(bits)

    def _compile(self, shape: Guided) -> "LLMatcher":
        from llguidance import LLMatcher

        matcher = LLMatcher(self._tokenizer, LLMatcher.grammar_from_lark(lark(shape)), log_level=0)
        if matcher.is_error():
            reason = matcher.get_error().splitlines()[0]
            raise BackendError(
                f"answers cannot be held to the form `{schema.spell(shape)}`: {reason}",
                "fewer choices or fields make a smaller grammar",
            )
        return matcher


class GuidedForm:
    """How far one answer has come in its form; what it is, `grammar.Form` says."""

    def __init__(self, guide: Guide, matcher: "LLMatcher", ends: frozenset[int], quote: int | None) -> None:
        self.guide, self.matcher, self.ends, self.quote = guide, matcher, ends, quote
        self._allowed: NDArray[np.uint8] | None = None

    def allowed(self) -> NDArray[np.uint8]:
        """Which tokens may come next, a bit each; not to be written to."""
        if self._allowed is None:
            self.guide.look([self])
        assert self._allowed is not None
        return self._allowed

    def see(self, bits: NDArray[np.uint8]) -> None:
        """Remember which tokens may come next, up to the next that does; the ends of a turn are seen to here."""
        stops = marked(self.ends, len(bits))
        self._allowed = bits | stops if self.complete else bits & ~stops

    def take(self, token: int) -> None:
        """Go on by a token that is no end."""
        self.matcher.consume_token(token)
        self._allowed = None

    @property
    def complete(self) -> bool:
        """Whether the answer may end here."""
        return self.matcher.is_accepting() and not self.matcher.is_error()

    @property
    def closed(self) -> bool:
        """Whether nothing can come after what there is, be it complete or of no form at all."""
        return self.matcher.is_stopped()


def look_ahead(forms: Sequence[GuidedForm]) -> None:
    """Work out side by side which tokens may come next in each, whatever they are guided by."""
    for guide in {form.guide for form in forms}:
        guide.look([form for form in forms if form.guide is guide])


def lark(shape: Guided) -> str:
    """The form as llguidance spells grammars; a space may come first, as it does in most tokens.

    >>> print(lark(schema.Choice(("easy", "hard"))))
    start: / ?/ form
    form: "easy" | "hard"
    """
    match shape:
        case schema.Choice(options):
            form = " | ".join(json.dumps(option, ensure_ascii=False) for option in options)
        case schema.Range():
            form = f"%json {json.dumps(schema.json_schema(shape))}"
        case schema.Fields():
            form = f"%json {json.dumps({**schema.json_schema(shape), **COMPACT}, ensure_ascii=False)}"
        case _:
            assert_never(shape)
    return f"start: / ?/ form\nform: {form}"
