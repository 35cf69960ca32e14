"""Every row finds its pages among the parts, in the order of its text, whoever shares what."""

from collections.abc import Iterator
from random import Random

import pytest

from tgc.engine.drawing.sequence import Sequence
from tgc.engine.tree.layout import NOWHERE, Layout, lay
from tgc.engine.tree.pages import PAGE, Pages
from tgc.engine.tree.schedule import Place, Schedule
from tgc.sampling import Sampling

CONTROL = 1


def grown(seed: int, rows: int) -> list[Place]:
    """Rows of a random tree: siblings and single children, after a turn each, with texts of up to three pages."""
    dice = Random(seed)
    prompts: list[tuple[int, ...]] = [()]
    for _ in range(7):
        turn = (CONTROL, *(dice.randrange(2, 99) for _ in range(dice.choice((20, PAGE, 70, 130, 400)))))
        prompts.append((*dice.choice(prompts), *turn))
    schedule = Schedule(rows, Pages(900), frozenset({CONTROL}))
    schedule.submit(
        Sequence(str(key), dice.choice(prompts[1:]), Sampling(), key, 3 * PAGE) for key in range(rows)
    )
    while schedule.waiting:
        schedule.read(schedule.reads())
        schedule.admit()
    for place in schedule.growing:
        place.row.tokens = [2] * dice.randrange(1, 3 * PAGE)
    schedule.extend()
    return schedule.growing


def parts(layout: Layout) -> Iterator[tuple[list[int], int]]:
    """The pages and the row of every part, in their order."""
    for run in (*layout.texts, *layout.alone):
        yield from (([run.start + index], int(owner)) for index, owner in enumerate(run.owners))
    for lot in layout.lots:
        for pages, rows in zip(lot.pages.tolist(), lot.rows.tolist(), strict=True):
            yield from (([page for page in pages if page != NOWHERE], row) for row in rows)


@pytest.mark.parametrize("seed", range(12))
def test_the_parts_of_a_row_are_all_its_pages_in_order(seed: int) -> None:
    places = grown(seed, rows=1 + 3 * seed)
    layout = lay(places)
    found = list(parts(layout))
    for row, place in enumerate(places):
        own = [found[part] for part in layout.parts[:, row] if part >= 0]
        assert {reader for _, reader in own} == {row}
        pages = [page for segment in place.leaf.path for page in segment.pages] + place.pages
        assert [page for some, _ in own for page in some] == pages


@pytest.mark.parametrize("seed", range(6))
def test_where_a_text_is_cut_into_parts_does_not_depend_on_other_rows(seed: int) -> None:
    places = grown(seed, rows=20)
    together = lay(places)
    found = list(parts(together))
    for row, place in enumerate(places):
        alone = lay([place])
        own = [found[part][0] for part in together.parts[:, row] if part >= 0]
        among = list(parts(alone))
        assert own == [among[part][0] for part in alone.parts[:, 0] if part >= 0]


@pytest.mark.parametrize("heads", [1, 3])
def test_the_key_heads_of_all_parts_have_a_line_each(heads: int) -> None:
    times, more, step = lay(grown(3, rows=25)).lines
    found = [int(line) for head in range(heads) for line in times * heads + more + step * head]
    assert sorted(found) == list(range(len(times) * heads))


def test_a_page_that_siblings_share_is_read_once_for_all_of_them() -> None:
    places = grown(1, rows=30)
    layout = lay(places)
    read = [page for lot in layout.lots for pages in lot.pages.tolist() for page in pages if page != NOWHERE]
    assert sorted(read) == sorted(set(read))
    assert len(read) < sum(len(segment.pages) for place in places for segment in place.leaf.path)
