"""Prompts are cut by themselves alone, and what several begin with is one segment."""

from hypothesis import given
from hypothesis import strategies as st

from tgc.engine.tree.prefix import CHUNK, LEAST, Prefixes, Segment, cuts

CONTROLS = frozenset({0, 1})

tokens = st.integers(0, 30)
turns = st.lists(st.lists(tokens, min_size=1, max_size=40).map(tuple), min_size=1, max_size=6)
prompts = turns.map(lambda parts: tuple(token for part in parts for token in part))
long_prompts = st.tuples(st.integers(0, 700), prompts).map(lambda pair: (9,) * pair[0] + pair[1])
forests = st.lists(long_prompts, min_size=1, max_size=8)


@given(long_prompts)
def test_segments_put_together_are_the_prompt(prompt: tuple[int, ...]) -> None:
    leaf = Prefixes(CONTROLS).leaf(prompt)
    assert tuple(token for segment in leaf.path for token in segment.tokens) == prompt
    assert leaf.end == len(prompt)
    assert [segment.start for segment in leaf.path[1:]] == [segment.end for segment in leaf.path[:-1]]


@given(long_prompts)
def test_a_prompt_is_cut_before_controls_and_nowhere_too_often_or_too_seldom(prompt: tuple[int, ...]) -> None:
    ends = cuts(prompt, CONTROLS)
    lengths = [end - start for start, end in zip([0, *ends], ends, strict=False)]
    assert all(1 <= length <= CHUNK for length in lengths)
    for end, length in zip(ends[:-1], lengths, strict=False):
        assert length == CHUNK or (length >= LEAST and prompt[end] in CONTROLS)


@given(long_prompts, prompts)
def test_what_follows_a_cut_does_not_move_it(prompt: tuple[int, ...], more: tuple[int, ...]) -> None:
    assert cuts((*prompt, *more), CONTROLS)[: len(cuts(prompt, CONTROLS)) - 1] == cuts(prompt, CONTROLS)[:-1]


@given(forests)
def test_other_prompts_do_not_move_the_cuts_of_one(forest: list[tuple[int, ...]]) -> None:
    prefixes = Prefixes(CONTROLS)
    for prompt in forest:
        path = prefixes.leaf(prompt).path
        assert [segment.end for segment in path] == cuts(prompt, CONTROLS)


@given(forests)
def test_a_common_beginning_up_to_a_cut_is_the_same_segments(forest: list[tuple[int, ...]]) -> None:
    prefixes = Prefixes(CONTROLS)
    paths = {prompt: prefixes.leaf(prompt).path for prompt in forest}
    beginnings = {prompt[:end] for prompt in forest for end in cuts(prompt, CONTROLS)}
    assert len(list(prefixes)) == len(beginnings)
    for prompt, path in paths.items():
        assert prefixes.leaf(prompt).path == path


@given(forests)
def test_sorted_by_order_the_descendants_of_a_segment_are_adjacent(forest: list[tuple[int, ...]]) -> None:
    prefixes = Prefixes(CONTROLS)
    leaves = sorted({prefixes.leaf(prompt) for prompt in forest}, key=lambda leaf: leaf.order)
    for segment in prefixes:
        below = [index for index, leaf in enumerate(leaves) if segment in leaf.path]
        assert below == list(range(below[0], below[-1] + 1)) if below else segment not in leaves


def test_siblings_share_the_turns_before_their_own() -> None:
    prefixes = Prefixes(CONTROLS)
    system, question = (0, *range(2, 22)), (1, *range(2, 25))
    one, other = prefixes.leaf((*system, *question, 1)), prefixes.leaf((*system, *question, 1, 7))
    assert one.path[:2] == other.path[:2]
    assert [segment.tokens for segment in one.path] == [system, question, (1,)]
    assert one is not other


def test_parents_come_before_children() -> None:
    prefixes, *_ = placed()
    before = set[Segment]()
    for segment in prefixes:
        assert segment.parent is None or segment.parent in before
        before.add(segment)


def placed() -> tuple[Prefixes, Segment, Segment, Segment]:
    """Two siblings behind a common turn, and a prompt by itself; all have room."""
    prefixes = Prefixes(CONTROLS)
    one, other, single = map(prefixes.leaf, ((2,) * 20 + (1, 3), (2,) * 20 + (1, 4), (5, 6)))
    for page, segment in enumerate(prefixes, 1):
        segment.pages, segment.written = (page,), True
    return prefixes, one, other, single


def test_the_longest_unused_is_evicted_first_and_what_is_waited_for_last() -> None:
    prefixes, one, other, single = placed()
    one.touched, other.touched, single.touched = 3, 2, 1
    assert prefixes.evictable(frozenset()) == [single, other, one]
    single.waiting = 1
    assert prefixes.evictable(frozenset()) == [other, one, single]


def test_what_grows_is_kept_or_bears_another_is_not_evictable() -> None:
    prefixes, one, other, single = placed()
    one.running = 1
    assert prefixes.evictable(frozenset({single})) == [other]
    one.running, one.pages, other.pages = 0, (), ()
    assert prefixes.evictable(frozenset({single})) == [one.path[0]]


def test_of_equally_old_segments_the_deepest_goes_first() -> None:
    prefixes, one, other, single = placed()
    assert prefixes.evictable(frozenset({other})) == [one, single]


def test_pruning_forgets_what_has_no_room_and_nobody_waits_for() -> None:
    prefixes, one, other, single = placed()
    for segment in prefixes:
        segment.pages = ()
    other.waiting = other.path[0].waiting = 1
    prefixes.prune()
    assert list(prefixes) == [other.path[0], other]
    assert prefixes.leaf((*one.path[0].tokens, *one.tokens)) is not one
    assert prefixes.leaf(single.tokens) is not single
