"""Requests that are made once for many are the requests that each would have made for itself."""

from collections.abc import Callable, Iterator
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tests.orchard import program
from tgc import fingerprint, ir, node, prompts, schema
from tgc.errors import RecipeError
from tgc.node import Node
from tgc.origin import Origin
from tgc.passes import fold, hoist
from tgc.sampling import Sampling
from tgc.template import Template

HOLES = (
    "on",
    "in {{ tongue }}",
    "{{ 1 / 0 }}",
    "on {{ topic }}",
    "on {{ topic.era }}",
    "on {{ one }}",
    "on {{ two }} and {{ topic }}",
    "of {{ parent }}",
    "number {{ ordinal }}",
    "like {{ examples | join(', ') }}",
    "{% if topic == 'law' %}{% set ordinal = 9 %}{% endif %}{% include '_count.j2' %}",
)
GIVEN = (("tongue", "English"), ("one", "a name that a level shadows"))
COUNT = (("_count.j2", "{{ ordinal }}"),)
TOPIC = ir.Values((ir.Value("law", '{"era": "old"}'), ir.Value("jazz", '{"era": "new"}')))
POOL = ir.Examples(tuple(ir.Value(f"seed {number}") for number in range(9)), 2)
SHAPES: tuple[schema.Shape, ...] = (
    schema.Text(),
    schema.Items(schema.Line()),
    schema.Items(schema.Choice(("a", "b"))),
)

Ask = Callable[[ir.Level, node.Path, int, list[Node]], str]

templates = st.sampled_from(HOLES).map(lambda text: Template("", text, COUNT))
pools = st.sampled_from([None, POOL])


@st.composite
def levels(draw: st.DrawFn, depth: int) -> ir.Level:
    """A level that asks, at some depth, for what is above it or not."""
    opening = st.builds(ir.Opening, templates, st.integers(0, depth), pools)
    ask = ir.Ask(
        model=ir.Model("m", Origin("m"), "", None),
        sampling=Sampling(),
        max_tokens=8,
        system=draw(st.none() | opening),
        answers=draw(st.sampled_from(SHAPES)),
        examples=draw(pools),
    )
    does = draw(
        st.sampled_from([ir.Turn("user", ask)])
        | templates.map(lambda template: ir.Prompt(template, ask))
        | templates.map(lambda template: ir.Text(template, ask))
        | templates.map(lambda template: ir.Score(template, ask))
    )
    name, parent = ("topic", "one", "two", "three")[depth], (None, "topic", "one", "two")[depth]
    return ir.Level(name, parent, depth, 3, does, None, draw(st.sampled_from([None, "user"])), name, ())


trees = st.tuples(*(levels(depth) for depth in (1, 2, 3)))


@given(trees)
def test_what_is_folded_and_hoisted_is_asked_as_before(tree: tuple[ir.Level, ...]) -> None:
    plain = _program(tree)
    optimized = hoist.hoist(fold.fold(plain))
    asker = prompts.Asker(optimized)
    before = list(_keys(plain, lambda *slot: prompts.request(plain, *slot).key))
    assert list(_keys(optimized, lambda *slot: asker.request(*slot).key)) == before


@given(trees)
def test_a_level_is_decided_by_no_more_than_its_path(tree: tuple[ir.Level, ...]) -> None:
    marks = [(level.decided, level.depth) for level in hoist.hoist(_program(tree)).levels]
    assert all(decided is None or decided <= depth for decided, depth in marks)


def test_siblings_with_examples_of_their_own_are_asked_apart() -> None:
    ask = ir.Ask(ir.Model("m", Origin("m"), "", None), Sampling(), 8, examples=POOL)
    alike, apart = (
        ir.Level("one", "topic", 1, 3, ir.Prompt(Template("", text), ask), None, None, "", ())
        for text in ("{{ topic }}", "{{ examples }}")
    )
    assert hoist.hoist(_program((alike,))).levels[1].decided == 1
    assert hoist.hoist(_program((apart,))).levels[1].decided is None


def _program(tree: tuple[ir.Level, ...]) -> ir.Program:
    root = ir.Level("topic", None, 0, 2, TOPIC, None, None, "topic", ())
    return ir.Program("x", Path(), Path(), "", 1, GIVEN, (root, *tree), (), program().mix, ())


def _keys(of: ir.Program, ask: Ask) -> Iterator[str]:
    """The keys of all requests of a tree, with made-up answers, in its order."""
    for number, item in enumerate(TOPIC.items):
        yield from _below(of, (Node(number + 1, "topic", item.text, item.data),), ask)


def _below(of: ir.Program, path: node.Path, ask: Ask) -> Iterator[str]:
    for level in of.below(path[-1].level):
        siblings: list[Node] = []
        for ordinal in range(level.branch):
            key = _tried(ask, level, path, ordinal, siblings)
            yield key
            text = fingerprint.digest(key, str(path[-1].id))
            siblings.append(Node(fingerprint.word(f"{level.name} {ordinal} {path[-1].id}"), level.name, text))
            yield from _below(of, (*path, siblings[-1]), ask)


def _tried(ask: Ask, level: ir.Level, path: node.Path, ordinal: int, before: list[Node]) -> str:
    try:
        return ask(level, path, ordinal, before)
    except RecipeError as error:
        return error.message
