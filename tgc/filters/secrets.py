"""Texts that hold keys, tokens or passwords."""

from typing import ClassVar, Literal, get_args

import polars as pl
from pydantic import Field

from tgc.detect import secrets, tally
from tgc.filters.base import Measuring

Secret = Literal[
    "private_key",
    "aws",
    "github",
    "gitlab",
    "openai",
    "anthropic",
    "slack",
    "google",
    "stripe",
    "huggingface",
    "npm",
    "pypi",
    "sendgrid",
    "telegram",
    "jwt",
    "password",
]

ALL: tuple[Secret, ...] = get_args(Secret)


class Secrets(Measuring):
    """Reject texts that hold secrets as their issuers write them; the reason names the kind, never the value.

    Private keys in PEM or PGP, tokens by the beginnings that GitHub's secret scanning and detect-secrets know
    them by, JSON web tokens (RFC 7519), passwords inside URLs. Made-up ones pass: with few different characters,
    or words such as `EXAMPLE`. The score counts what was found.
    """

    blended: ClassVar[bool] = True
    thresholds: ClassVar[frozenset[str]] = frozenset({"kinds"})

    kind: Literal["secrets"] = "secrets"
    kinds: tuple[Secret, ...] = Field(default=ALL, min_length=1, description="What is secret.")
    entropy: float | None = Field(
        default=None,
        strict=True,
        gt=0,
        le=6,
        description="Bits per character from which on a string given as a value is a secret too; base64 has 4.5.",
    )

    def measure(self, nodes: pl.DataFrame) -> pl.DataFrame:
        """How many of which kind each text holds."""
        dense = () if self.entropy is None else (secrets.dense(self.entropy),)
        return nodes.select("node_id").hstack(tally.tally(nodes["text"], (*secrets.KINDS, *dense)))

    def decide(self, measured: pl.DataFrame) -> pl.DataFrame:
        """None of the kinds that count may be there."""
        says = {kind: f"holds a secret: {kind}" for kind in self.kinds}
        dense = {} if self.entropy is None else {"entropy": "holds a string of high entropy"}
        return tally.verdicts(measured, says | dense)
