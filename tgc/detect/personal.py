"""Personal data by its form: addresses, numbers of telephones, cards, accounts and social security."""

import re
from ipaddress import ip_address

from tgc.detect.kind import Kind, by_pattern

RESERVED = re.compile(r"(?i)(?:^|[@.])(?:example\.(?:com|net|org)|example|invalid|localhost|test)$")
"""Domains that are nobody's (RFC 2606)."""

FILES = frozenset({"gif", "ico", "jpeg", "jpg", "pdf", "png", "svg", "webp"})
"""What ends the name of a file, as in `icon@large.png`, and no domain."""

NUMBERED = re.compile(r"(?i)(?:version|\bver|\bv|release|build|firmware|section|chapter|§)[.:]?\W{0,2}$")
"""What four numbers with dots follow that are no address."""

NORTH_AMERICAN = re.compile(r"(?![2-7]00|900|.11)[2-9]\d\d(?!555|.11)[2-9]\d{6}")
"""Area, exchange and line that may exist; round areas are calculated with, and exchange 555 is for films."""

E164 = range(8, 16)
"""How many digits a number with its country's code has: 15 at most, and who has fewer than 8 is an island."""

MOST_GROUPS = 6
"""Groups of digits that people write a telephone's number in, at most."""

VOID_SSN = frozenset({"078-05-1120", "123-45-6789", "219-09-9999"})
"""Numbers that the Social Security Administration has voided for having been printed, and the usual example."""

CARDS = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|(?:5[1-5]\d\d|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}|3[47]\d{13}"
    r"|(?:6011|64[4-9]\d|65\d\d)\d{12}|35(?:2[89]|[3-8]\d)\d{12}|3(?:0[0-5]|[68]\d)\d{11}|62\d{14,17}"
)
"""Lengths and first digits of Visa, Mastercard, American Express, Discover, JCB, Diners Club and UnionPay."""

PLACEHOLDER_DIGITS = 4
"""Numbers of fewer different digits are made up, such as 4242 4242 4242 4242."""

_IBAN = """
AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24
FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32
LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24
RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30
"""
IBAN_LENGTHS = {code[:2]: int(code[2:]) for code in _IBAN.split()}
"""How long accounts of each country are, by the registry of ISO 13616."""


def _mailbox(match: re.Match[str]) -> bool:
    domain = match["domain"]
    return not RESERVED.search(domain) and domain.rpartition(".")[2].lower() not in FILES


def _telephone(match: re.Match[str]) -> bool:
    """Numbers with a country's code, in groups with one sign between them, or spaces and hyphens."""
    said, digits = match[0], _digits(match[0])
    grouped = len(re.findall(r"\d+", said)) <= MOST_GROUPS and re.search(r"\d\d$", said)
    if not grouped or ("." in said and re.search("[ -]", said)):
        return False
    return bool(NORTH_AMERICAN.fullmatch(digits[1:])) if digits[0] == "1" else len(digits) in E164


def _local(match: re.Match[str]) -> bool:
    return bool(NORTH_AMERICAN.fullmatch(_digits(match["number"])))


def _digits(said: str) -> str:
    return re.sub("[^0-9]", "", said)


def _address(match: re.Match[str]) -> bool:
    """Addresses of the public internet; versions and sections look alike, but are small or announced."""
    if ":" not in match[0] and len(re.findall(r"\d\d+", match[0])) <= 1:
        return False
    if NUMBERED.search(match.string[max(0, match.start() - 16) : match.start()]):
        return False
    try:
        address = ip_address(match[0])
    except ValueError:
        return False
    return address.is_global and not address.is_multicast


def _card(match: re.Match[str]) -> bool:
    digits = _digits(match[0])
    return len(set(digits)) >= PLACEHOLDER_DIGITS and bool(CARDS.fullmatch(digits)) and luhn(digits)


def luhn(digits: str) -> bool:
    """Whether the last digit checks the others (ISO/IEC 7812-1, annex B).

    >>> luhn("79927398713"), luhn("79927398710")
    (True, False)
    """
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(map(int, digits[::-2])) + sum(doubled)) % 10 == 0


def _account(match: re.Match[str]) -> bool:
    compact = match[0].replace(" ", "")
    length = IBAN_LENGTHS.get(compact[:2], len(compact) + 1)
    return len(compact) >= length and iban(compact[:length])


def iban(account: str) -> bool:
    """Whether the check digits of an account are right: 1 modulo 97 (ISO 13616).

    >>> iban("GB82WEST12345698765432"), iban("GB83WEST12345698765432")
    (True, False)
    """
    return int("".join(str(int(sign, 36)) for sign in account[4:] + account[:4])) % 97 == 1


def _social(match: re.Match[str]) -> bool:
    return match[0] not in VOID_SSN


KINDS: tuple[Kind, ...] = (
    by_pattern(
        "email",
        "@",
        r"(?<![\w.+%-])\w[\w.+%-]{0,63}@(?P<domain>(?:[A-Za-z][A-Za-z0-9-]{0,62}|\d{1,3}[A-Za-z][A-Za-z0-9-]{0,58})"
        r"(?:\.[A-Za-z0-9-]{1,63}){0,6}?\.[A-Za-z]{2,24})(?![\w-]|\.\w|:[\w~/])",
        _mailbox,
    ),
    by_pattern(
        "phone",
        r"\+[1-9][0-9 ().\-]{7}|[2-9][0-9]{2}[).\-] ?[2-9][0-9]{2}[.\-][0-9]{4}",
        r"(?<![\w+./)=-])(?<!\d )(?<!= )\+[1-9](?:[ .-]?\(?\d\)?){7,14}(?!\d|[.,]\d)(?!\s*=)",
        _telephone,
    ),
    by_pattern(
        "phone",
        r"[2-9][0-9]{2}[).\-] ?[2-9][0-9]{2}[.\-][0-9]{4}",
        r"(?<![\w+./-])(?<!\+1[ .-])(?:1[ .-])?(?P<number>(?:\(\d{3}\) ?|\d{3}(?P<sign>[.-]))\d{3}"
        r"(?:(?P=sign)|-)\d{4})(?![\w-]|[.,]\d)(?!\s*=)",
        _local,
    ),
    by_pattern(
        "ip",
        r"[0-9]\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]|[23][0-9A-Fa-f]{3}:[0-9A-Fa-f:]{4}",
        r"(?:(?<=//)|(?<![\w./+:-]))(?:(?:\d{1,3}\.){3}\d{1,3}(?![\w-]|\.\d)"
        r"|[23][0-9A-Fa-f]{3}:[0-9A-Fa-f:]{4,34}(?![\w:.]))",
        _address,
    ),
    by_pattern(
        "card",
        "[0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]{2}",
        r"(?<![\w.,+-])(?:\d{4}(?P<sign>[ -])\d{4}(?P=sign)\d{4}(?P=sign)\d{4}"
        r"|\d{4}(?P<mark>[ -])\d{6}(?P=mark)\d{4,5}|\d{13,19})(?![\w-]|[.,]\d)",
        _card,
    ),
    by_pattern(
        "iban",
        "[A-Z]{2}[0-9]{2} ?[A-Z0-9]{4}",
        r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}",
        _account,
    ),
    by_pattern(
        "ssn",
        "[0-9]{3}-[0-9]{2}-[0-9]{4}",
        r"(?<![\w.,+-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\w-]|[.,]\d)(?!\s*=)",
        _social,
    ),
)
