"""What a report shows, as plain values: figures and texts, nothing of how they look."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Build:
    """The last build of a recipe, as the warehouse has recorded it.

    Attributes:
        commit: the git commit of the recipe; None outside git.
        dirty: whether the recipe's files differed from it.
        started: when, in UTC.
        seconds: how long it took; None where it has not ended.
    """

    run_id: int
    status: str
    commit: str | None
    dirty: bool
    started: datetime
    seconds: float | None
    version: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a level stands.

    Attributes:
        missing: nodes that the recipe wants and the warehouse lacks.
        hidden: nodes of the last build that it no longer wants.
        why: what a build would make them for.
        prompt: tokens read for what is held, and so on; None where no model was asked.
        seconds: that models took; None where none are recorded.
    """

    level: str
    held: int
    missing: int
    hidden: int
    why: str
    prompt: int | None = None
    tokens: int | None = None
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """Requests of a run that failed for the same reason, and were not answered since."""

    level: str
    run_id: int
    reason: str
    requests: int


@dataclass(frozen=True, slots=True)
class Reason:
    """Why nodes were rejected, of many that differ in numbers only the first."""

    says: str
    nodes: int


@dataclass(frozen=True, slots=True)
class Loss:
    """What a filter rejected on a level.

    Attributes:
        duplicates: how many of the nodes were rejected in favour of another that is known.
        reasons: the most frequent ones.
        others: how many further ones there are.
    """

    filter: str
    nodes: int
    duplicates: int = 0
    reasons: tuple[Reason, ...] = ()
    others: int = 0


@dataclass(frozen=True, slots=True)
class Stage:
    """What became of the nodes of a level; `below` counts those that hang below rejected ones."""

    level: str
    held: int
    kept: int
    below: int
    losses: tuple[Loss, ...]

    @property
    def rejected(self) -> int:
        """How many filters rejected."""
        return sum(loss.nodes for loss in self.losses)


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of a mix with the same split and source."""

    split: str
    source: str
    rows: int
    tokens: int


@dataclass(frozen=True, slots=True)
class Stratum:
    """Rows of one kind; `asked` is None where the mix is as large as it gets."""

    name: str
    available: int
    asked: int | None
    achieved: int


@dataclass(frozen=True, slots=True)
class Margin:
    """How a mix is spread over the kinds of a key, those furthest behind first where not all are told.

    Attributes:
        more: how many kinds are not told.
    """

    name: str
    strata: tuple[Stratum, ...]
    more: int = 0

    @property
    def most(self) -> int:
        """The most rows that a kind is asked for or has, one at least."""
        return max([1, *(max(stratum.asked or 0, stratum.achieved) for stratum in self.strata)])


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole; `asked` is None where the recipe asks for a number or for all there is."""

    name: str
    asked: float | None
    achieved: float


@dataclass(frozen=True, slots=True)
class Shares:
    """What parts a whole has.

    Attributes:
        of: what the shares are of, and by what it is parted.
    """

    of: str
    parts: tuple[Share, ...]

    @property
    def most(self) -> float:
        """The largest share that is asked for or achieved."""
        return max([0.01, *(max(part.asked or 0, part.achieved) for part in self.parts)])


@dataclass(frozen=True, slots=True)
class Mix:
    """The last mix.

    Attributes:
        parts: its rows by split and source.
        asked: the rows that the recipe asks of the tree, `budget` the tokens; None where it names none.
        rows: those that the tree gave, and so on.
        shares: of its splits and of its sources, where there are several.
        drops: conversations that were left out, by reason, the most frequent first.
    """

    parts: tuple[Part, ...]
    asked: int | None
    rows: int
    budget: int | None
    tokens: int
    shares: tuple[Shares, ...]
    margins: tuple[Margin, ...]
    drops: tuple[tuple[str, int], ...]
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Bin:
    """How many nodes have so many generated tokens."""

    at_least: int
    below: int
    nodes: int


@dataclass(frozen=True, slots=True)
class Lengths:
    """Generated tokens of the nodes of a level; `cut` counts those that ended at `max_tokens`."""

    level: str
    nodes: int
    shortest: int
    quarter: int
    median: int
    three_quarters: int
    longest: int
    cut: int
    bins: tuple[Bin, ...]


@dataclass(frozen=True, slots=True)
class Novelty:
    """What share of the texts, words and pairs of words of the siblings in one place no earlier sibling has."""

    ordinal: int
    texts: float
    words: float
    pairs: float


@dataclass(frozen=True, slots=True)
class Variety:
    """How much the texts of a level differ.

    Attributes:
        texts: how many of the nodes differ at all.
        likeness: the mean Jaccard index of siblings by their words; None where none has any.
        duplicates: how many each filter rejected in favour of another node.
        novelty: by the place among siblings, of which there are two or more, or none is told.
    """

    level: str
    nodes: int
    texts: int
    likeness: float | None
    duplicates: tuple[tuple[str, int], ...]
    novelty: tuple[Novelty, ...]


@dataclass(frozen=True, slots=True)
class Patch:
    """A node in the upper part of the tree, or several that are not told one by one.

    Attributes:
        name: its text; None for several.
        several: how many it stands for.
        nodes: what models wrote in it and below.
        kept: how many of these were kept.
        rows: of the last mix that end there.
        patches: what it is made of, as far as that is told.
    """

    name: str | None
    several: int
    nodes: int
    kept: int
    rows: int
    patches: tuple["Patch", ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why a node was rejected."""

    filter: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class Turn:
    """A node on the path of a sample; `cut` counts the letters that are left out at its end."""

    speaker: str
    node_id: str
    text: str
    cut: int
    verdicts: tuple[Verdict, ...]


@dataclass(frozen=True, slots=True)
class Sample:
    """A conversation, whole; `topic` has the values on its path, from the root."""

    node_id: str
    topic: tuple[str, ...]
    turns: tuple[Turn, ...]
    rejected_by: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What there is to say of a recipe.

    Attributes:
        live: whether a build is writing, so that all is as of a moment ago.
        models: that wrote what is held.
        removed: levels of the last build that the recipe no longer has, with their nodes.
        failures: the last of them.
        due: why a build would make another mix; empty where it would not.
        more: levels that are not told.
        conversations: kept ends of conversations, of which a mix may take its rows.
        mix: None where none was emitted.
        kept: conversations that no filter rejected.
        rejected: others.
    """

    recipe: str
    build: Build
    live: bool
    models: tuple[str, ...]
    standings: tuple[Standing, ...]
    removed: tuple[tuple[str, int], ...]
    failures: tuple[Failure, ...]
    due: tuple[str, ...]
    more: int
    stages: tuple[Stage, ...]
    conversations: int
    mix: Mix | None
    lengths: tuple[Lengths, ...]
    varieties: tuple[Variety, ...]
    map: tuple[Patch, ...]
    kept: tuple[Sample, ...]
    rejected: tuple[Sample, ...]

    @property
    def held(self) -> int:
        """Nodes that the tree has."""
        return sum(level.held for level in self.standings)

    @property
    def missing(self) -> int:
        """Nodes that it lacks."""
        return sum(level.missing for level in self.standings)

    @property
    def written(self) -> int:
        """Nodes of it that models wrote."""
        return sum(variety.nodes for variety in self.varieties)

    @property
    def tokens(self) -> int:
        """Tokens that these have."""
        return sum(level.tokens or 0 for level in self.standings)

    @property
    def hidden(self) -> int:
        """Nodes of the last build that the recipe no longer wants."""
        return sum(level.hidden for level in self.standings) + sum(nodes for _, nodes in self.removed)

    @property
    def read(self) -> int:
        """Tokens of the prompts that its nodes were asked for with."""
        return sum(level.prompt or 0 for level in self.standings)

    @property
    def seconds(self) -> float | None:
        """That models took for its nodes; None where none are recorded."""
        known = [level.seconds for level in self.standings if level.seconds is not None]
        return sum(known) if known else None
