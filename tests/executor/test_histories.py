"""Whatever was edited and interrupted before, a finished build is what a fresh one of the same recipe would be."""

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.executor.test_build import Impatient
from tests.executor.test_reverts import same
from tests.workshop import Workshop


@st.composite
def recipes(draw: st.DrawFn) -> str:
    """A recipe of two levels of dialogue, with or without picks, a map, a filter and a split."""
    values = draw(st.permutations(["physics", "law", "music"]))[: draw(st.integers(1, 3))]
    distinct = draw(st.sampled_from(["", ", distinct: {by: mmr, oversample: 1.5}"]))
    part = draw(st.sampled_from(["", '  part: {map: "{{ topic | upper }}", under: topic}\n']))
    keep = draw(st.sampled_from(["", "filters: [{kind: length, max_chars: 16, level: question}]\n"]))
    split = draw(st.sampled_from(["", ", split: {validation: 0.4, by: question}"]))
    return f"""\
name: demo
seed: {draw(st.integers(1, 2))}
model: builtin:atlas
tree:
  topic: {{values: [{", ".join(values)}]}}
{part}  question: {{role: user, under: topic, system: "{draw(st.sampled_from(["About", "On"]))} {{{{ topic }}}}.",
    branch: {draw(st.integers(1, 4))}, max_tokens: 16{distinct}}}
  answer: {{role: assistant, branch: {draw(st.integers(1, 3))}, max_tokens: 32}}
{keep}mix: {{size: 8, balance: [topic]{split}}}
emit: [{{format: llava, path: llava.json}}]
"""


@settings(max_examples=15, deadline=None)
@given(history=st.lists(st.tuples(recipes(), st.integers(1, 60)), min_size=1, max_size=4), last=recipes())
def test_no_history_shows_in_a_finished_build(history: list[tuple[str, int]], last: str) -> None:
    with tempfile.TemporaryDirectory() as home:
        shop, fresh = Workshop(Path(home) / "shop"), Workshop(Path(home) / "fresh")
        for recipe, patience in history:
            shop.write(recipe)
            shop.build(Impatient(patience))
        shop.write(last)
        shop.build()
        assert same(shop, fresh)
        assert shop.build() is None
