"""Reports as tests make and read them."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from html.parser import HTMLParser

from tests.echo import Echo, EchoSession
from tests.workshop import Workshop
from tgc import reporting
from tgc.backends.base import Completion, Failure, Request
from tgc.origin import Origin
from tgc.project import Project
from tgc.warehouse import read

EMPTY = frozenset({"meta", "link"})
"""Elements that have no end."""

Attributes = dict[str, str | None]

SAYS = (
    "What is the speed of light?",
    "Light is faster than sound.",
    "I'm sorry, but I can't help with that.",
    "Who wrote the law of the land?",
    "So.",
)


class Chatter(EchoSession):
    """Says one of a few things."""

    def _answer(self, request: Request) -> Completion | Failure:
        text = SAYS[request.seed % len(SAYS)]
        return Completion(request.key, text, "stop", len(request.messages), len(text.split()), -0.5)


class Talkative(Echo):
    """A backend whose texts are refused, too short, or said before."""

    def open(self, origin: Origin) -> EchoSession:
        return Chatter([], self.failing, self.room)


def told(shop: Workshop, recipe: str = "demo") -> reporting.Report:
    """What there is to say of a recipe of the workshop."""
    home = Project(shop.root)
    with read(home.database) as reader:
        assert reader is not None
        return reporting.told(shop.plan(), reporting.answers(reader, recipe, home.output(recipe)))


def timeless(report: reporting.Report) -> reporting.Report:
    """The same, had it been made at a time of the test's choice by a version that never changes."""
    build = replace(report.build, started=datetime(2030, 1, 2, 3, 4), seconds=5.0, version="0.0.0")  # noqa: DTZ001
    standings = tuple(replace(level, seconds=level.tokens and 1.5) for level in report.standings)
    return replace(report, build=build, standings=standings)


@dataclass
class Read(HTMLParser):
    """A page as a browser takes it, which must be well-formed.

    Attributes:
        elements: names and attributes, in their order.
        said: the texts between them, by the element around.
    """

    page: str
    elements: list[tuple[str, Attributes]] = field(default_factory=list)
    said: list[tuple[str, str]] = field(default_factory=list)
    open: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.page)
        self.close()
        assert self.open == []

    @property
    def text(self) -> str:
        """All that is said, less the style."""
        return " ".join(" ".join(text for within, text in self.said if within != "style").split())

    def every(self, name: str) -> list[Attributes]:
        """The attributes of all elements of that name."""
        return [attributes for element, attributes in self.elements if element == name]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.said.append((self.open[-1] if self.open else "", data))

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)
