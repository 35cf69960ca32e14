"""Personal data is told by its form and check digits; numbers that only look alike are let pass."""

import csv
import json
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tgc.detect.personal import iban, luhn
from tgc.filters.base import MEASURES, VERDICT
from tgc.filters.pii import ALL, Pii

DATA = Path(__file__).parents[3] / "shared" / "data"


def nodes(*texts: str) -> pl.DataFrame:
    schema = {"node_id": pl.UInt64, "text": pl.String}
    return pl.DataFrame({"node_id": range(1, len(texts) + 1), "text": texts}, schema=schema)


def reasons(*texts: str) -> list[str | None]:
    return Pii().judge(nodes(*texts))["reason"].to_list()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Write to ann.smith+news@mail.site.org.", "an email address"),
        ("mailto:ann_smith@site.co.uk?subject=hi", "an email address"),
        ("电邮：ann@site.org。", "an email address"),
        ("Call +49 (0)30 901820 today", "a telephone number"),
        ("Tel. +33 1 42 68 53 00", "a telephone number"),
        ("Reach me at +442079460958.", "a telephone number"),
        ("call (212) 736-5000 now", "a telephone number"),
        ("call 1-212-736-5000 or leave it", "a telephone number"),
        ("212.736.5000", "a telephone number"),
        ("+1 212-736-5000", "a telephone number"),
        ("The server at 81.200.64.50 is down", "a public IP address"),
        ("http://81.200.64.50/index.html", "a public IP address"),
        ("ping 2a00:1450:4001:81b::200e twice", "a public IP address"),
        ("Visa 4539 1488 0343 6467, 12/27", "a payment card"),
        ("card=4539148803436467;", "a payment card"),
        ("Amex 3714 496353 98431", "a payment card"),
        ("IBAN DE89 3704 0044 0532 0130 00 OF MINE", "a bank account"),
        ("GB82WEST12345698765432", "a bank account"),
        ("My number is 536-90-4399.", "a social security number"),
    ],
)
def test_personal_data_is_found_and_not_repeated(text: str, said: str) -> None:
    assert reasons(text) == [f"holds {said}"]


@pytest.mark.parametrize(
    "text",
    [
        "Write to user@example.com, me@host.example or a@b.test.",
        "git clone git@github.com:user/repo.git",
        "@property and @app.route are decorators; a@b is none",
        "icon@2x.png and icon@large.png; lodash@4.17.21, pkg@1.0.0-beta.rc",
        "In films one calls 212-555-0123 or (212) 555-0199.",
        "500-300-1000 = -800, and 900-200-5000=x; 2+12345678=12345680",
        "Values of +2.25 3.75 1.00 4.50, then 10 +20000000 = 20000010",
        "-33 1 42 68 53 00, 2026-11-22 10:30:00, 1 234 567 890",
        "Version 10.15.17.21, v12.14.15.16 and section 12.10.11.12 follow 1.2.3.4 and 8.8.8.8.",
        "Chrome/99.10.48.12, 256.300.10.20 and 10.0.19041.1",
        "127.0.0.1, 10.10.20.30, 192.168.10.20, 203.0.113.77, 224.10.20.30",
        "std::vector, dead::beef, 12:30:45, 2001:db8::ff00:42:8329, 2001:xyz",
        "ISBN 978-0-306-40615-7, ISBN 0-306-40615-2, ISSN 2049-3630",
        "4242 4242 4242 4242 and 4111111111111111 are for tests; 4539 1488 0343 6468 has a wrong digit",
        "0.4539148803436467, 1732270000000000 ms, 9007199254740993, 14539148803436467000",
        "DE89 3704 0044 0532 0130 01 and XX82WEST12345698765432; AB12 CDEF 3456 7890 1234",
        "123-45-6789, 000-12-3456, 666-12-3456, 912-34-5678, 500-30-2000 = -1530",
        "5-3-2 formations, 2020-05-17, 1914-18, 24/7 and 100-10-1",
        "",
    ],
)
def test_what_only_looks_alike_is_let_pass(text: str) -> None:
    assert reasons(text) == [None]


def test_kinds_say_what_counts_and_measure_nothing_anew() -> None:
    texts = nodes("ann@site.org, bob@site.org: +442079460958", "nothing")
    assert Pii().measure(texts).rows() == [(1, 3.0, "email 2, phone 1"), (2, 0.0, None)]
    verdicts = Pii(kinds=("phone", "ssn")).judge(texts)
    assert dict(verdicts.schema) == VERDICT
    assert verdicts.rows() == [(1, False, "holds a telephone number", 1.0), (2, True, None, 0.0)]
    assert len({Pii(kinds=(kind,)).metric for kind in ALL}) == 1


@given(st.text("0123456789", min_size=12, max_size=18))
def test_one_wrong_digit_breaks_a_check(digits: str) -> None:
    (right,) = (digits + last for last in "0123456789" if luhn(digits + last))
    assert [luhn(right[:3] + digit + right[4:]) for digit in "0123456789"].count(True) == 1


@given(st.text("0123456789ABCXYZ", min_size=11, max_size=26))
def test_an_account_has_one_pair_of_check_digits_below_97(rest: str) -> None:
    assert sum(iban(f"DE{check:02}{rest}") for check in range(97)) == 1


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text() | st.text("+-.: @()0123456789abcDE/"), max_size=5))
def test_any_text_has_one_measure(texts: list[str]) -> None:
    measured = Pii().measure(nodes(*texts))
    assert dict(measured.schema) == MEASURES
    assert measured["node_id"].to_list() == list(range(1, len(texts) + 1))


@pytest.mark.skipif(not DATA.exists(), reason="gsm8k and mmlu are not beside the checkout (../shared/data)")
def test_questions_of_school_hold_nothing_personal() -> None:
    sums = [json.loads(line) for line in (DATA / "gsm8k" / "test.jsonl").read_text("utf-8").splitlines()]
    texts = [row[key] for row in sums for key in ("question", "answer")]
    for path in sorted((DATA / "mmlu").glob("**/test/*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            texts += [row["question"] for row in csv.DictReader(file)]
    assert len(texts) > 10_000
    assert [reason for reason in reasons(*texts) if reason] == []
