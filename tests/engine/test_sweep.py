"""Texts are gone over in batches that memory takes."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tgc.engine.services.sweep import longest_first


class Device:
    """Has memory for so many tokens, where all texts take as much as the longest; remembers what was done."""

    def __init__(self, lengths: list[int], memory: int) -> None:
        self.lengths, self.memory = lengths, memory
        self.done = list[list[int]]()
        self.refused = 0

    def work(self, places: list[int]) -> None:
        if len(places) * max(self.lengths[place] for place in places) > self.memory:
            self.refused += 1
            raise torch.OutOfMemoryError
        self.done.append(places)


@given(st.lists(st.integers(1, 50), max_size=40), st.integers(1, 500), st.integers(50, 500))
def test_every_text_is_read_once_the_longest_first_and_no_more_than_there_is_room_for(
    lengths: list[int], room: int, memory: int
) -> None:
    device = Device(lengths, memory)
    longest_first(lengths, room, device.work)
    places = [place for batch in device.done for place in batch]
    assert sorted(places) == list(range(len(lengths)))
    assert [lengths[place] for place in places] == sorted(lengths, reverse=True)
    for batch in device.done:
        assert len(batch) == 1 or len(batch) * lengths[batch[0]] <= room


def test_where_memory_runs_out_half_as_many_are_read_from_then_on() -> None:
    device = Device([10] * 64, memory=100)
    longest_first(device.lengths, 400, device.work)
    assert device.refused == 2
    assert [len(batch) for batch in device.done] == [10] * 6 + [4]


def test_without_memory_for_a_single_text_there_is_no_going_on() -> None:
    with pytest.raises(torch.OutOfMemoryError):
        longest_first([10], 400, Device([10], memory=9).work)
