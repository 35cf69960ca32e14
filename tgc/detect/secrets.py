"""Secrets by their form: keys, tokens and passwords as their issuers write them."""

import json
import math
import re
from base64 import urlsafe_b64decode
from collections import Counter
from functools import partial

from tgc.detect.kind import Kind, by_pattern

MADE_UP = re.compile(r"(?i)example|redacted|placeholder|your|dummy|x{4}|\*{3}|\.{3}|0123456|1234567|abcdefg")
"""What stands where documentation leaves a secret out."""

VARIED = 8
"""Different characters that a random token of 16 and more has at least."""

NO_PASSWORDS = frozenset({"pass", "passwd", "password", "pw", "pwd", "secret"})

QUOTED = re.compile(r"""["'`=:]\s{0,2}["'`]?([A-Za-z0-9+/_=-]{20,200})(?![A-Za-z0-9+/_=-])""")
"""What is given as a string or a value, of 20 characters of base64 and more."""


def _random(match: re.Match[str]) -> bool:
    return len(set(match[0])) >= VARIED and not MADE_UP.search(match[0])


def _mixed(match: re.Match[str]) -> bool:
    """Random, and of small letters, capitals and digits: not a name with hyphens."""
    return _random(match) and all(re.search(signs, match[0]) for signs in ("[a-z]", "[A-Z]", "[0-9]"))


def _signed(match: re.Match[str]) -> bool:
    """Whose head is a JSON object that names the algorithm (RFC 7519)."""
    head = match[0].partition(".")[0]
    try:
        return "alg" in json.loads(urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    except ValueError:
        return False


def _password(match: re.Match[str]) -> bool:
    password = match[1]
    named = password.lower().strip("<>[]{}$%*_") in NO_PASSWORDS
    return not named and not re.search(r"[<>{}$*]", password) and not MADE_UP.search(password)


KINDS: tuple[Kind, ...] = (
    by_pattern(
        "private_key",
        "PRIVATE KEY",
        r"-----BEGIN (?:[A-Z0-9]{1,16} ){0,3}PRIVATE KEY(?: BLOCK)?-----(?:\s|\\[nr]){1,8}"
        r"(?:[A-Za-z-]{1,32}: [^\n]{0,200}\n\s{0,8}){0,8}(?P<body>[A-Za-z0-9+/=]{32})",
        _random,
    ),
    by_pattern(
        "aws",
        "A(?:KIA|SIA|BIA|CCA)[0-9A-Z]{16}",
        r"(?<![A-Za-z0-9])A(?:KIA|SIA|BIA|CCA)[0-9A-Z]{16}(?![A-Za-z0-9])",
        _random,
    ),
    by_pattern(
        "github",
        "gh[pousr]_[A-Za-z0-9]{36}|github_pat_",
        r"(?<!\w)(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{60,120})(?!\w)",
        _random,
    ),
    by_pattern("gitlab", "glpat-", r"(?<!\w)glpat-[\w-]{20,64}(?![\w-])", _random),
    by_pattern("openai", "sk-[A-Za-z0-9_-]{20}", r"(?<![\w-])sk-(?!ant-)[\w-]{20,250}(?![\w-])", _mixed),
    by_pattern("anthropic", "sk-ant-", r"(?<![\w-])sk-ant-[\w-]{20,250}(?![\w-])", _mixed),
    by_pattern("slack", "xox[abeoprs]-", r"(?<!\w)xox[abeoprs]-[A-Za-z0-9-]{16,250}(?![\w-])", _random),
    by_pattern("google", "AIza", r"(?<!\w)AIza[\w-]{35}(?![\w-])", _random),
    by_pattern("stripe", "[sr]k_live_", r"(?<!\w)[sr]k_live_[A-Za-z0-9]{16,250}(?!\w)", _random),
    by_pattern("huggingface", "hf_[A-Za-z0-9]{30}", r"(?<!\w)hf_[A-Za-z0-9]{34,40}(?!\w)", _random),
    by_pattern("npm", "npm_[A-Za-z0-9]{36}", r"(?<!\w)npm_[A-Za-z0-9]{36}(?!\w)", _random),
    by_pattern("pypi", "pypi-AgE", r"(?<!\w)pypi-AgE[\w-]{50,250}(?![\w-])", _random),
    by_pattern("sendgrid", r"SG\.[A-Za-z0-9_-]{22}\.", r"(?<!\w)SG\.[\w-]{22}\.[\w-]{43}(?![\w-])", _random),
    by_pattern("telegram", ":AA[A-Za-z0-9_-]{33}", r"(?<!\w)\d{8,10}:AA[\w-]{33}(?![\w-])", _random),
    by_pattern("jwt", r"eyJ[A-Za-z0-9_-]+\.eyJ", r"(?<!\w)eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}", _signed),
    by_pattern(
        "password",
        "://[^ /@:]{1,64}:[^ /@]{3,64}@",
        r"(?<=\w)://[^\s/@:]{1,64}:([^\s/@]{3,64})@[\w\[]",
        _password,
    ),
)
"""As GitHub, detect-secrets and the issuers' documentation have them; a `password` is one inside a URL."""


def dense(bits: float) -> Kind:
    """Strings given as a value whose characters have an entropy of at least so many bits each."""
    return Kind("entropy", "[A-Za-z0-9+/_=-]{20}", partial(_dense, bits=bits))


def entropy(text: str) -> float:
    """Bits per character by the frequencies in the text itself (Shannon).

    >>> entropy("aabb"), entropy("abcd")
    (1.0, 2.0)
    """
    shares = (count / len(text) for count in Counter(text).values())
    return -sum(share * math.log2(share) for share in shares)


def _dense(text: str, bits: float) -> int:
    strings = QUOTED.findall(text)
    return sum(entropy(string) >= bits and not MADE_UP.search(string) for string in strings)
