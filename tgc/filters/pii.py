"""Texts that hold personal data."""

from typing import ClassVar, Literal, get_args

import polars as pl
from pydantic import Field

from tgc.detect import personal, tally
from tgc.filters.base import Measuring

Personal = Literal["email", "phone", "ip", "card", "iban", "ssn"]

ALL: tuple[Personal, ...] = get_args(Personal)

CALLED = {
    "email": "an email address",
    "phone": "a telephone number",
    "ip": "a public IP address",
    "card": "a payment card",
    "iban": "a bank account",
    "ssn": "a social security number",
}


class Pii(Measuring):
    """Reject texts that hold personal data in forms that can be told; the reason names the kind, never the value.

    Email addresses but for reserved domains (RFC 2606); telephones with a country's code (E.164) or as North
    America writes them, but for exchange 555; IPv4 and IPv6 of the public internet; payment cards by issuer,
    length and check digit (ISO/IEC 7812); bank accounts by country, length and check digits (IBAN, ISO 13616);
    social security numbers of the United States that may exist. The score counts them. Names, streets, and
    telephones elsewhere without a country's code need a model that reads, such as presidio's; a level that
    scores can be one.
    """

    blended: ClassVar[bool] = True
    thresholds: ClassVar[frozenset[str]] = frozenset({"kinds"})

    kind: Literal["pii"] = "pii"
    kinds: tuple[Personal, ...] = Field(default=ALL, min_length=1, description="What is personal.")

    def measure(self, nodes: pl.DataFrame) -> pl.DataFrame:
        """How many of which kind each text holds."""
        return nodes.select("node_id").hstack(tally.tally(nodes["text"], personal.KINDS))

    def decide(self, measured: pl.DataFrame) -> pl.DataFrame:
        """None of the kinds that count may be there."""
        return tally.verdicts(measured, {kind: f"holds {CALLED[kind]}" for kind in self.kinds})
