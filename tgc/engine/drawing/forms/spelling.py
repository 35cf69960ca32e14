"""How the tokens of a tokenizer are spelled, in bytes, whatever kind of tokenizer it is."""

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

BEFORE = "a"
"""What stands before a token where it is asked for its text: many decoders drop a space that comes first."""

LOST = "\ufffd"
"""What decoders put for bytes that are no whole character."""

BYTE = re.compile(r"<0x([0-9A-F]{2})>")


def spellings(tokenizer: "PreTrainedTokenizerBase") -> list[bytes | None]:
    """What each token adds to a text, by id: None for control tokens and ids without a token.

    Nothing (`b""`) where the tokenizer does not tell, as some do not of parts of characters.
    """
    pieces = {token: piece for piece, token in tokenizer.get_vocab().items()}
    added = tokenizer.added_tokens_decoder
    control = {token for token in added if added[token].special}.union(tokenizer.all_special_ids)
    plain = sorted(pieces.keys() - control)
    found: list[bytes | None] = [None] * (max(pieces) + 1)
    for token, text in zip(plain, _texts(tokenizer, plain), strict=True):
        found[token] = _bytes(pieces[token]) if LOST in text else text.encode()
    return found


def _texts(tokenizer: "PreTrainedTokenizerBase", tokens: list[int]) -> list[str]:
    before = tokenizer.encode(BEFORE, add_special_tokens=False)
    said = tokenizer.batch_decode(
        [before, *([*before, token] for token in tokens)], clean_up_tokenization_spaces=False
    )
    return [text.removeprefix(said[0]) for text in said[1:]]


def _bytes(piece: str) -> bytes:
    """The bytes of a piece that is no text: one byte in hex, or each byte as a letter (as GPT-2 has it)."""
    if byte := BYTE.fullmatch(piece):
        return bytes.fromhex(byte[1])
    letters = _letters()
    return bytes(letters[letter] for letter in piece) if letters.keys() >= set(piece) else b""


def _letters() -> dict[str, int]:
    printable = (*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100))
    others = [byte for byte in range(256) if byte not in printable]
    return {
        **{chr(byte): byte for byte in printable},
        **{chr(256 + index): byte for index, byte in enumerate(others)},
    }
