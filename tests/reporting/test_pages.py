"""The page as a browser takes it: well-formed, bounded, and with nothing in it that a model could have run."""

import re
from itertools import pairwise
from pathlib import Path

import pytest

from tests.echo import Echo, EchoSession
from tests.reporting.reading import Read, told
from tests.workshop import Workshop
from tgc import reporting
from tgc.backends.base import Completion, Failure, Request
from tgc.origin import Origin

HOSTILE = (
    '"><script>alert(1)</script></style></title></svg><!-- <img src=x onerror=alert(1)>'
    "{{ report }} &lt;b&gt; \x00\x1b[2J\x9b \u202egnirts\u2066 ]]>"
)
LONG = '"\u202e' * 5_000


class Speaker(EchoSession):
    """Says the same every time."""

    def _answer(self, request: Request) -> Completion | Failure:
        return Completion(request.key, HOSTILE, "stop", 1, 4, -0.5)


class Rambler(EchoSession):
    """Never comes to an end."""

    def _answer(self, request: Request) -> Completion | Failure:
        return Completion(request.key, f"{request.seed} {LONG}", "stop", 1, 4, -0.5)


class Hostile(Echo):
    """A model that would like to be run."""

    def open(self, origin: Origin) -> EchoSession:
        return Speaker([], self.failing, self.room)


class Endless(Echo):
    """A model whose every text takes six times its length in HTML."""

    def open(self, origin: Origin) -> EchoSession:
        return Rambler([], self.failing, self.room)


def shop(home: Path, backend: Echo, topics: list[str]) -> Workshop:
    found = Workshop(home, backend)
    found.edit("[physics, law, music]", "topics.yaml")
    lines = (f'- "{topic}"\n' for topic in topics)
    found.recipe.with_name("topics.yaml").write_text("".join(lines), encoding="utf-8")
    found.edit("mix: {", "filters: [{kind: exact_duplicate}]\nmix: {")
    found.build()
    return found


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> str:
    topics = ["<b>law</b></text>", r"\u202eair", "a'b"]
    return reporting.page(told(shop(tmp_path_factory.mktemp("home"), Hostile(), topics)))


def test_what_a_model_wrote_is_text(hostile: str) -> None:
    found = Read(hostile)
    names = {name for name, _ in found.elements}
    assert not names & {"script", "img"}
    assert "<script>alert(1)</script></style></title></svg><!-- <img src=x onerror=alert(1)>" in found.text
    assert "{{ report }} &lt;b&gt; " in found.text
    assert "<b>law</b></text>" in found.text


def test_no_control_character_or_mark_of_direction_is_left(hostile: str) -> None:
    assert re.findall("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]", hostile) == []
    assert r"\x1b[2J\x9b \u202egnirts\u2066" in hostile


def test_nothing_is_loaded_and_nothing_runs(hostile: str) -> None:
    found = Read(hostile)
    (policy,) = (meta["content"] for meta in found.every("meta") if "http-equiv" in meta)
    assert policy == "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    links = [attributes.get("href") or "" for name in ("a", "link") for attributes in found.every(name)]
    assert all(link == "data:," or link.startswith("#") for link in links)
    attributes = {name for _, given in found.elements for name in given}
    assert not {
        name for name in attributes if name.startswith("on") or name in ("src", "style", "xlink:href")
    }
    assert "url(" not in hostile
    assert "@import" not in hostile


def test_it_can_be_read_without_seeing_it(hostile: str) -> None:
    found = Read(hostile)
    assert found.every("html") == [{"lang": "en"}]
    assert all(cell.get("scope") in ("row", "col") for cell in found.every("th"))
    levels = [int(name[1]) for name, _ in found.elements if re.fullmatch("h[1-6]", name)]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    drawings = [place for place, (_, given) in enumerate(found.elements) if given.get("role") == "img"]
    assert drawings
    assert all(
        [name for name, _ in found.elements[place + 1 :]][:2] == ["title", "desc"] for place in drawings
    )


def test_every_place_that_is_pointed_to_is_there_once(hostile: str) -> None:
    found = Read(hostile)
    ids = [given["id"] for _, given in found.elements if "id" in given]
    assert len(ids) == len(set(ids))
    keys = ("aria-labelledby", "href")
    named = [given[key] for _, given in found.elements for key in keys if given.get(key)]
    pointed = {word.removeprefix("#") for words in named if words for word in words.split()} - {"data:,"}
    assert pointed <= set(ids)


def test_a_page_stays_below_a_megabyte(tmp_path: Path) -> None:
    endless = shop(tmp_path, Endless(), [f"{number}{'&' * 200}" for number in range(40)])
    report = told(endless)
    assert any(turn.cut for sample in report.kept for turn in sample.turns)
    size = len(reporting.page(report).encode())
    assert 300_000 < size < 1_000_000
