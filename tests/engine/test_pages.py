"""Pages are handed out once until they come back."""

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tgc.engine.tree.pages import PAGE, Pages, needed


class Store(RuleBasedStateMachine):
    """Takes from both ends and gives back in any order."""

    @initialize(count=st.integers(2, 40))
    def start(self, count: int) -> None:
        self.count = count
        self.pages = Pages(count)
        self.out = set[int]()

    @property
    def left(self) -> list[int]:
        return [page for page in range(1, self.count) if page not in self.out]

    @precondition(lambda self: self.left)
    @rule(data=st.data())
    def take_low(self, data: st.DataObject) -> None:
        wanted = data.draw(st.integers(0, len(self.left)))
        expected = self.left[:wanted]
        taken = self.pages.low(wanted)
        assert list(taken) == expected
        self.out.update(taken)

    @precondition(lambda self: self.left)
    @rule()
    def take_high(self) -> None:
        expected = self.left[-1]
        assert self.pages.high() == expected
        self.out.add(expected)

    @precondition(lambda self: self.out)
    @rule(data=st.data())
    def give(self, data: st.DataObject) -> None:
        back = data.draw(st.lists(st.sampled_from(sorted(self.out)), unique=True))
        self.pages.give(back)
        self.out.difference_update(back)

    @invariant()
    def as_many_are_free_as_are_not_out(self) -> None:
        assert self.pages.free == len(self.left)


TestPages = Store.TestCase


@given(st.integers(1, 10_000))
def test_so_many_pages_hold_the_tokens_and_no_fewer_do(tokens: int) -> None:
    assert (needed(tokens) - 1) * PAGE < tokens <= needed(tokens) * PAGE
