"""Tokenizers of other kinds than bytes as letters, trained on a few sentences."""

import json
from collections.abc import Iterable

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

from tests.models import PROSE

SPECIAL = ["<unk>", "</s>", "<s>"]
BYTES = [f"<0x{byte:02X}>" for byte in range(256)]


def metaspace(fallback: Iterable[str] = BYTES) -> PreTrainedTokenizerFast:
    """As SentencePiece makes them: a sign for the space, and single bytes for what is in no token."""
    learnt = Tokenizer(models.BPE())
    learnt.pre_tokenizer = pre_tokenizers.Metaspace()
    learnt.train_from_iterator(
        (*PROSE, "\u3000中 é"), trainers.BpeTrainer(vocab_size=200, show_progress=False)
    )
    found = json.loads(learnt.to_str())["model"]
    vocabulary = {
        piece: token for token, piece in enumerate(dict.fromkeys([*SPECIAL, *fallback, *found["vocab"]]))
    }
    merges = [tuple(pair) for pair in found["merges"]]
    fast = Tokenizer(models.BPE(vocab=vocabulary, merges=merges, unk_token="<unk>", byte_fallback=True))
    fast.pre_tokenizer = pre_tokenizers.Metaspace()
    fast.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    fast.add_special_tokens(SPECIAL)
    return _wrapped(fast)


def wordpiece() -> PreTrainedTokenizerFast:
    """As BERT has them: parts of words are marked, and spaces are put between the rest."""
    fast = Tokenizer(models.WordPiece(unk_token="<unk>"))
    fast.pre_tokenizer = pre_tokenizers.Whitespace()
    trainer = trainers.WordPieceTrainer(vocab_size=200, special_tokens=SPECIAL, show_progress=False)
    fast.train_from_iterator((*PROSE, "the café"), trainer)
    fast.decoder = decoders.WordPiece()
    return _wrapped(fast)


def _wrapped(fast: Tokenizer) -> PreTrainedTokenizerFast:
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=fast, unk_token="<unk>", eos_token="</s>", bos_token="<s>"
    )
