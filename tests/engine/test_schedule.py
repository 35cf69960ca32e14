"""The schedule over a memory that is only counted: what every row would attend to is its own text, always."""

import random
from collections import Counter
from itertools import chain

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tgc.engine.drawing.sequence import Output, Sequence
from tgc.engine.tree.pages import PAGE, Pages, needed
from tgc.engine.tree.prefix import Prefixes, Segment
from tgc.engine.tree.schedule import Cramped, Place, Schedule
from tgc.sampling import Sampling

CONTROL, STOP = 1, 0
CONTROLS = frozenset({CONTROL})


class Memory:
    """Runs a schedule as a model would be run, and looks into every page that a row would read.

    Attributes:
        reads: how often each prompt up to a cut was read.
        steps: forward passes so far.
    """

    def __init__(self, rows: int, pages: int, seed: int = 0, ending: float = 0.1) -> None:
        self.schedule = Schedule(rows, Pages(pages), CONTROLS)
        self.outputs: list[Output] = []
        self.reads = Counter[tuple[int, ...]]()
        self.steps = 0
        self._cells: dict[tuple[int, int], int] = {}
        self._first = set[Segment]()
        self._random, self._ending = random.Random(seed), ending

    @property
    def busy(self) -> bool:
        return bool(self.schedule.waiting or self.schedule.growing)

    def step(self) -> None:
        """Read what is due, draw a token for every row, and let others start."""
        segments = self.schedule.reads()
        self.schedule.extend()
        self._forward(segments)
        self._first |= set(self.schedule.read(segments))
        self._advance(self.schedule.growing)
        while places := self.schedule.admit():
            assert self._first >= {place.leaf for place in places}
            self._advance(places)
        self._first = {leaf for leaf in self._first if self.schedule.expects(leaf)}
        self.steps += 1

    def drain(self, most: int) -> list[Output]:
        """Go on to the end, which is no more than so many steps away."""
        last = self.steps + most
        while self.busy:
            assert self.steps < last
            self.step()
        return self.outputs

    def _forward(self, segments: list[Segment]) -> None:
        for place in self.schedule.growing:
            self._write(place.pages, len(place.row.tokens) - 1, place.row.tokens[-1:])
        for segment in segments:
            assert all(before.written or before in segments for before in segment.path[:-1])
            self.reads[_text(segment)] += 1
            self._write(segment.pages, 0, segment.tokens)
            assert self._remembered(segment) == _text(segment)
        for place in self.schedule.growing:
            drawn = self._held(place.pages, len(place.row.tokens))
            assert (*self._remembered(place.leaf), *drawn) == place.row.text

    def _write(
        self, pages: tuple[int, ...] | list[int], start: int, tokens: tuple[int, ...] | list[int]
    ) -> None:
        for index, token in enumerate(tokens, start):
            self._cells[pages[index // PAGE], index % PAGE] = token

    def _held(self, pages: tuple[int, ...] | list[int], count: int) -> list[int]:
        return [self._cells[pages[index // PAGE], index % PAGE] for index in range(count)]

    def _remembered(self, leaf: Segment) -> tuple[int, ...]:
        held = (self._held(segment.pages, len(segment.tokens)) for segment in leaf.path)
        return tuple(chain.from_iterable(held))

    def _advance(self, places: list[Place]) -> None:
        for place in places:
            place.row.take(
                STOP if self._random.random() < self._ending else self._random.randrange(2, 9), 0.0
            )
        self.outputs += [place.row.output for place in self.schedule.retire()]


def _text(segment: Segment) -> tuple[int, ...]:
    return tuple(token for one in segment.path for token in one.tokens)


def room(prompt: tuple[int, ...], max_tokens: int) -> int:
    """The pages that a sequence takes when it is alone."""
    path = Prefixes(CONTROLS).leaf(prompt).path
    return sum(needed(len(segment.tokens)) for segment in path) + needed(max_tokens - 1)


turns = st.builds(
    lambda word, length: (CONTROL, *[word] * length), st.integers(2, 3), st.sampled_from([0, 15, 16, 31, 40])
)
trunks = st.sampled_from([(), (2,) * 300, (3,) * 300, (2,) * 600])
prompts = st.builds(
    lambda trunk, parts: (*trunk, *chain.from_iterable(parts)),
    trunks,
    st.lists(turns, min_size=1, max_size=3),
)
limits = st.sampled_from([1, 2, 33, 34, 70, 300])
asked = st.lists(st.tuples(prompts, limits, st.integers(1, 4)), min_size=1, max_size=10)


def siblings(groups: list[tuple[tuple[int, ...], int, int]], first: int = 0) -> list[Sequence]:
    """So many sequences over each prompt, with keys that go on from the first."""
    flat = [(prompt, limit) for prompt, limit, count in groups for _ in range(count)]
    return [
        Sequence(str(key), prompt, Sampling(), key, limit, frozenset({STOP}))
        for key, (prompt, limit) in enumerate(flat, first)
    ]


class Life(RuleBasedStateMachine):
    """Submits, steps and cancels at any moment, with room for hardly more than one sequence or for many."""

    @initialize(rows=st.integers(1, 9), pages=st.integers(12, 50), seed=st.integers(0, 99))
    def start(self, rows: int, pages: int, seed: int) -> None:
        self.memory = Memory(rows, pages, seed)
        self.schedule = self.memory.schedule
        self.waiting: dict[str, Sequence] = {}
        self.forgotten: list[Sequence] = []
        self.submitted = 0

    @rule(groups=asked)
    def submit(self, groups: list[tuple[tuple[int, ...], int, int]]) -> None:
        fitting = [one for one in groups if room(one[0], one[1]) < self.schedule.pages.count]
        sequences = siblings(fitting, self.submitted)
        self.schedule.submit(sequences)
        self.waiting |= {sequence.key: sequence for sequence in sequences}
        self.submitted += len(sequences)

    @precondition(lambda self: self.forgotten)
    @rule()
    def submit_again(self) -> None:
        self.schedule.submit(self.forgotten)
        self.waiting |= {sequence.key: sequence for sequence in self.forgotten}
        self.forgotten = []

    @precondition(lambda self: self.memory.busy)
    @rule(count=st.integers(1, 12))
    def step(self, count: int) -> None:
        for _ in range(count if self.memory.busy else 0):
            self.memory.step()
            self._note()

    @rule()
    def cancel(self) -> None:
        forgotten = self.schedule.cancel()
        assert sorted(one.key for one in forgotten) == sorted(self.waiting)
        self.forgotten += forgotten
        self.waiting = {}

    def _note(self) -> None:
        begun = {place.row.sequence.key for place in self.schedule.growing}
        begun |= {output.key for output in self.memory.outputs}
        self.waiting = {key: one for key, one in self.waiting.items() if key not in begun}

    @invariant()
    def every_page_is_free_or_has_one_owner(self) -> None:
        owned = [page for segment in self.schedule.prefixes for page in segment.pages]
        owned += [page for place in self.schedule.growing for page in place.pages]
        assert len(owned) == len(set(owned)) == self.schedule.pages.count - 1 - self.schedule.pages.free
        assert 0 not in owned

    @invariant()
    def what_was_promised_is_free(self) -> None:
        promised = sum(place.most - len(place.pages) for place in self.schedule.growing)
        assert 0 <= promised <= self.schedule.pages.free

    @invariant()
    def what_is_read_has_its_beginning_read(self) -> None:
        for segment in self.schedule.prefixes:
            assert segment.placed or not segment.written
            assert segment.parent is None or segment.parent.placed or not segment.placed
            assert segment.parent is None or segment.parent.written or not segment.written

    @invariant()
    def segments_know_who_waits_for_them_and_who_grows_from_them(self) -> None:
        waits, grows = Counter[Segment](), Counter[Segment]()
        for sequence in self.waiting.values():
            waits.update(self.schedule.prefixes.leaf(sequence.prompt).path)
        for place in self.schedule.growing:
            grows.update(place.leaf.path)
        assert self.schedule.waiting == len(self.waiting)
        for segment in self.schedule.prefixes:
            assert (segment.waiting, segment.running) == (waits[segment], grows[segment])
            assert segment.waiting or segment.placed

    @invariant()
    def rows_are_few_enough_and_in_the_order_of_their_leaves(self) -> None:
        assert len(self.schedule.growing) <= self.schedule.rows
        orders = [place.leaf.order for place in self.schedule.growing]
        assert orders == sorted(orders)

    def teardown(self) -> None:
        left = [*self.waiting.values(), *(place.row.sequence for place in self.schedule.growing)]
        self.memory.drain(sum(one.max_tokens + 8 for one in left))
        ended = [output.key for output in self.memory.outputs]
        assert sorted([*ended, *(one.key for one in self.forgotten)]) == sorted(
            map(str, range(self.submitted))
        )
        idle = sum(len(segment.pages) for segment in self.schedule.prefixes)
        assert self.schedule.pages.free + idle == self.schedule.pages.count - 1


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=60, stateful_step_count=20)


@given(asked, st.integers(1, 9))
def test_with_room_for_all_every_beginning_is_read_once(
    groups: list[tuple[tuple[int, ...], int, int]], rows: int
) -> None:
    memory = Memory(rows, 2000)
    memory.schedule.submit(siblings(groups))
    memory.drain(2000)
    assert set(memory.reads.values()) == {1}


@given(asked, st.integers(1, 9), st.integers(0, 30))
def test_room_for_one_sequence_is_enough_for_any(
    groups: list[tuple[tuple[int, ...], int, int]], rows: int, spare: int
) -> None:
    sequences = siblings(groups)
    most = max(room(one.prompt, one.max_tokens) for one in sequences)
    memory = Memory(rows, 1 + most + spare)
    memory.schedule.submit(sequences)
    outputs = memory.drain(sum(one.max_tokens + 8 for one in sequences))
    assert sorted(output.key for output in outputs) == sorted(one.key for one in sequences)


@given(asked, st.integers(1, 9))
@example([((2,) * 600 + (CONTROL,), 1, 1), ((CONTROL,), 1, 1), ((2,) * 600 + (CONTROL,), 34, 1)], 2)
def test_room_for_less_than_one_sequence_is_said_at_once(
    groups: list[tuple[tuple[int, ...], int, int]], rows: int
) -> None:
    sequences = siblings(groups)
    most = max(room(one.prompt, one.max_tokens) for one in sequences)
    memory = Memory(rows, most)
    memory.schedule.submit(sequences)
    with pytest.raises(Cramped):
        memory.drain(sum(one.max_tokens + 8 for one in sequences))
