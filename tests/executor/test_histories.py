"""Whatever was edited, left out, interrupted or refused before, a finished build is what a fresh one would be."""

import tempfile
from contextlib import suppress
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tests import forest
from tests.echo import Echo
from tests.executor.test_build import Impatient
from tests.executor.test_reverts import same
from tests.workshop import Workshop
from tgc import driver
from tgc.executor.watch import Silent, Watch
from tgc.planner.scope import ALL, Scope
from tgc.project import Project
from tgc.warehouse import read


class Nervous(Silent):
    """Breaks a build off after so many nodes."""

    def __init__(self, nodes: int) -> None:
        self.left = nodes

    def made(self, level: str, tokens: int) -> None:
        self.left -= 1
        if self.left <= 0:
            raise KeyboardInterrupt


SCOPES = st.one_of(
    st.just(ALL),
    st.just(Scope(afresh=True)),
    st.builds(Scope, limit=st.integers(1, 30)),
    st.builds(
        lambda term, limit: Scope((term,), limit=limit),
        st.sampled_from(["topic", "question+", "+question", "answer", "state:modified"]),
        st.none() | st.integers(1, 20),
    ),
    st.builds(lambda term: Scope(exclude=(term,)), st.sampled_from(["topic", "question", "answer"])),
)
WATCHES = st.one_of(
    st.builds(Silent), st.builds(Impatient, st.integers(1, 40)), st.builds(Nervous, st.integers(1, 40))
)
FAILING = st.sampled_from([frozenset[str](), frozenset({"law"}), frozenset({"3"})])
BUILDS = st.tuples(forest.recipes(), SCOPES, WATCHES, FAILING)


@settings(max_examples=12, deadline=None)
@given(
    history=st.lists(BUILDS, min_size=1, max_size=3), last=forest.recipes(), room=st.sampled_from([1, 5, 32])
)
def test_no_history_shows_in_a_finished_build(
    history: list[tuple[str, Scope, Watch, frozenset[str]]], last: str, room: int
) -> None:
    with tempfile.TemporaryDirectory() as home:
        shop, fresh = _shop(Path(home) / "shop", room), _shop(Path(home) / "fresh", 32)
        for recipe, scope, watch, failing in history:
            shop.write(recipe)
            shop.backend = Echo(room=room, failing=failing)
            planned = shop.plan(scope).asks
            with suppress(KeyboardInterrupt):
                shop.build(watch, scope)
            assert shop.asked() <= planned
        answered = _answered(shop)
        shop.write(last)
        shop.backend = Echo(room=room)
        planned = shop.plan().new
        shop.build()
        assert same(shop, fresh)
        asked = [request.key for request in shop.backend.asked]
        assert set(asked) == {request.key for request in fresh.backend.asked} - answered
        assert len(set(asked)) == len(asked) <= planned
        assert len(asked) == planned or not _is_foretold(shop, fresh)
        assert shop.build() is None
        assert shop.plan().new == 0


def _shop(root: Path, room: int) -> Workshop:
    shop = Workshop(root, Echo(room=room))
    (root / "recipes" / forest.POOL).write_text("one\ntwo\nthree\nfour")
    return shop


def _answered(shop: Workshop) -> set[str]:
    """Keys of the requests whose answers are held, hidden ones included."""
    with read(Project(shop.root).database) as reader:
        nodes = reader.all_nodes() if reader else None
    return set() if nodes is None else set(nodes["request_key"].drop_nulls())


def _is_foretold(shop: Workshop, fresh: Workshop) -> bool:
    """Whether a plan has to be exact: no text decides where the tree grows, and no two slots are asked alike."""
    slots = shop.sql("select count(*) from nodes where prompt_tokens is not null").item()
    gated = driver.check(shop.recipe).program.gated
    return not gated and slots == len({request.key for request in fresh.backend.asked})
