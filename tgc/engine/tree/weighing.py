"""Reads options behind prompts, so that they can be weighed: each set of them once behind each prompt."""

from collections.abc import Sequence

from torch import Tensor

from tgc.engine.drawing.choices import Options, choose
from tgc.engine.tree.piece import Piece
from tgc.engine.tree.prefix import Segment
from tgc.engine.tree.schedule import Place

CHUNK = 256
"""Tokens of options that are read at once: logits are kept after each of them."""


class Weighing:
    """Options behind one prompt, and the rows that are to have one of them.

    Attributes:
        logprobs: of the `asked` tokens of their tree, as far as it is read.
    """

    def __init__(self, leaf: Segment, options: Options) -> None:
        self.places: list[Place] = []
        self.tree = options.tree
        self.logprobs = [0.0] * len(options.tree.asked)
        self.read = 0
        self._leaf = leaf

    @property
    def done(self) -> bool:
        """Whether all is read."""
        return self.read == len(self.tree.tokens)

    @property
    def due(self) -> range:
        """What to read next; cut alike whatever else is read."""
        return range(self.read, min(self.read + CHUNK, len(self.tree.tokens)))

    def piece(self) -> Piece:
        """What is due, in the pages of the first row."""
        due = self.due
        return Piece(
            tokens=self.tree.tokens[due.start : due.stop],
            positions=tuple(self._leaf.end + depth for depth in self.tree.depths[due.start : due.stop]),
            path=self._leaf.path,
            pages=tuple(self.places[0].pages),
            first=due.start,
            seen=self.tree.seen(due.start, due.stop),
            kept=tuple(range(len(due))),
        )

    def following(self, places: range) -> list[int]:
        """Which of the `asked` tokens follow the tokens in these places."""
        return [index for index, (before, _) in enumerate(self.tree.asked) if before in places]


class Weighings:
    """All that are under way."""

    def __init__(self) -> None:
        self._open: dict[tuple[Segment, Options], Weighing] = {}

    def begin(self, places: Sequence[Place], firsts: Tensor) -> None:
        """Weigh the options of rows that start; `firsts` are the logits after their prompts, a row each."""
        new = dict[int, Weighing]()
        for index, place in enumerate(places):
            options = place.row.sequence.options
            if options is not None:
                key = place.leaf, options
                if key not in self._open:
                    new[index] = self._open[key] = Weighing(*key)
                self._open[key].places.append(place)
        if new:
            _note([(weighing, range(-1, 0)) for weighing in new.values()], firsts[list(new)])

    def due(self) -> list[Weighing]:
        """What to read now: a few hundred tokens."""
        chosen, tokens = list[Weighing](), 0
        for weighing in self._open.values():
            if tokens >= CHUNK:
                break
            chosen.append(weighing)
            tokens += len(weighing.due)
        return chosen

    def take(self, read: Sequence[Weighing], logits: Tensor) -> None:
        """Go on by what was due of these, with the logits after each token."""
        if read:
            _note([(weighing, weighing.due) for weighing in read], logits)
        for weighing in read:
            weighing.read = weighing.due.stop

    def settle(self) -> None:
        """Draw an option for every row whose options are weighed."""
        done = {key: weighing for key, weighing in self._open.items() if weighing.done}
        choose((place.row, one.logprobs) for one in done.values() for place in one.places)
        for key in done:
            del self._open[key]


def _note(read: Sequence[tuple[Weighing, range]], logits: Tensor) -> None:
    """Note how likely the tokens are that follow those in some places, by the logits after each of these."""
    homes, rows, tokens, start = list[tuple[Weighing, int]](), list[int](), list[int](), 0
    for weighing, places in read:
        for index in weighing.following(places):
            before, token = weighing.tree.asked[index]
            homes.append((weighing, index))
            rows.append(start + before - places.start)
            tokens.append(token)
        start += len(places)
    found = logits[rows, tokens] - logits.logsumexp(dim=-1)[rows]
    for (weighing, index), logprob in zip(homes, found.tolist(), strict=True):
        weighing.logprobs[index] = logprob
