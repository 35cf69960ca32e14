"""Secrets are told by how they begin; what documentation puts in their place is let pass."""

import json
import random
import string
from base64 import urlsafe_b64encode

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tgc.filters.base import MEASURES, VERDICT
from tgc.filters.secrets import ALL, Secret, Secrets

SIGNS = string.ascii_letters + string.digits


def drawn(length: int, signs: str = SIGNS) -> str:
    """Random signs, the same ones each time; no secret of a known form stands in this file."""
    return "".join(random.Random(length).choices(signs, k=length))


def encoded(value: object) -> str:
    return urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


HEAD = encoded({"alg": "HS256", "typ": "JWT"})
HELD: dict[Secret, str] = {
    "private_key": f"-----BEGIN RSA PRIVATE {'KEY'}-----\n{drawn(64)}\n{drawn(60)}",
    "aws": "AKI" + "A" + drawn(16, string.ascii_uppercase + "234567"),
    "github": "gh" + "p_" + drawn(36),
    "gitlab": "gl" + "pat-" + drawn(20),
    "openai": "s" + "k-proj-" + drawn(48),
    "anthropic": "s" + "k-ant-api03-" + drawn(80),
    "slack": "xox" + "b-" + drawn(12, string.digits) + "-" + drawn(24),
    "google": "AI" + "za" + drawn(35),
    "stripe": "sk_" + "live_" + drawn(24),
    "huggingface": "h" + "f_" + drawn(34, string.ascii_letters),
    "npm": "np" + "m_" + drawn(36),
    "pypi": "pyp" + "i-AgEIcHlwaS5vcmc" + drawn(70),
    "sendgrid": "S" + "G." + drawn(22) + "." + drawn(43),
    "telegram": drawn(9, "123456789") + ":A" + "A" + drawn(33),
    "jwt": f"{HEAD}.{encoded({'sub': 'ann', 'iat': 1516239022})}.{drawn(43)}",
    "password": "postgres" + f"://ann:{drawn(12)}@db.site.org/main",
}


def nodes(*texts: str) -> pl.DataFrame:
    schema = {"node_id": pl.UInt64, "text": pl.String}
    return pl.DataFrame({"node_id": range(1, len(texts) + 1), "text": texts}, schema=schema)


def reasons(judge: Secrets, *texts: str) -> list[str | None]:
    return judge.judge(nodes(*texts))["reason"].to_list()


def test_every_kind_is_tried() -> None:
    assert tuple(HELD) == ALL


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("around", ["{}", 'key = "{}"', "export KEY={}\n", "Use {}, please."])
def test_a_secret_is_found_and_not_repeated(kind: Secret, around: str) -> None:
    assert reasons(Secrets(), around.format(HELD[kind])) == [f"holds a secret: {kind}"]


@pytest.mark.parametrize(
    "text",
    [
        "AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE",
        "export OPENAI_API_KEY=sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "sk-your-api-key-goes-here-please",
        "class sk-folding-cube-container-wrapper",
        "github token: ghp_" + "x" * 36,
        "A file begins with -----BEGIN PRIVATE KEY----- and goes on in base64.",
        "-----BEGIN PUBLIC KEY-----\n" + drawn(64),
        "postgres://user:password@localhost/db and https://${USER}:${TOKEN}@site.org",
        "http://site.org:8080/@ann and mailto:ann@site.org",
        "eyJabcdefghijklm.eyJabcdefghijkl.abcdefghijklmn",
        "",
    ],
)
def test_what_stands_for_a_secret_is_let_pass(text: str) -> None:
    assert reasons(Secrets(), text) == [None]


def test_high_entropy_is_asked_for() -> None:
    text = f'token = "{drawn(40)}" # not "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" or "/usr/local/lib/python/site"'
    assert reasons(Secrets(), text) == [None]
    verdicts = Secrets(entropy=4.5).judge(nodes(text))
    assert dict(verdicts.schema) == VERDICT
    assert verdicts.row(0) == (1, False, "holds a string of high entropy", 1.0)


def test_kinds_say_what_counts_and_measure_nothing_anew() -> None:
    text = f"{HELD['aws']} {HELD['npm']}"
    assert reasons(Secrets(), text) == ["holds a secret: aws, holds a secret: npm"]
    assert reasons(Secrets(kinds=("jwt",)), text) == [None]
    assert Secrets(kinds=("jwt",)).metric == Secrets().metric != Secrets(entropy=4.5).metric


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text() | st.text("eyJ.sk-gh_p:/@='\" AZaz09"), max_size=5))
def test_any_text_has_one_measure(texts: list[str]) -> None:
    measured = Secrets(entropy=3.0).measure(nodes(*texts))
    assert dict(measured.schema) == MEASURES
    assert measured["node_id"].to_list() == list(range(1, len(texts) + 1))
