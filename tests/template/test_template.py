from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tgc import template
from tgc.errors import Diagnostic, RecipeError

SAFE = st.text(alphabet="ab {}%#\n'", max_size=30)


def test_holes_are_filled_and_the_result_is_stripped(tmp_path: Path) -> None:
    (tmp_path / "a.j2").write_text(
        "{# given: topic #}\n\n{% if topic %}\nAbout {{ topic }}.\n{% endif %}\n\n"
    )
    assert template.load("a.j2", (tmp_path,)).render({"topic": "law"}) == "About law."


@given(SAFE)
def test_what_a_model_wrote_is_never_evaluated(text: str) -> None:
    assert template.load("<{{ answer }}>", ()).render({"answer": text}) == f"<{text}>"


def test_the_project_shadows_what_ships_with_tgc(tmp_path: Path) -> None:
    for name in ("own", "bundled"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.j2").write_text(name)
    assert template.load("a.j2", (tmp_path / "own", tmp_path / "bundled")).text == "own"


def test_variables_of_partials_count_unless_the_template_sets_them(tmp_path: Path) -> None:
    (tmp_path / "_p.j2").write_text("{{ line }} {{ topic }}")
    (tmp_path / "a.j2").write_text('{% for line in lines %}{% include "_p.j2" %}{% endfor %}')
    loaded = template.load("a.j2", (tmp_path,))
    assert loaded.variables == ("lines", "topic")
    assert loaded.render({"lines": ["x", "y"], "topic": "t"}) == "x ty t"


@pytest.mark.parametrize(
    "other",
    [
        "{# other words #}\nAbout {{ topic }}",
        "About {{topic}}\n\n",
        "  About {{ topic }}{# a note #}",
    ],
)
def test_comments_and_outer_space_are_no_identity(other: str) -> None:
    assert _inline(other).identity == _inline("About {{ topic }}").identity


@pytest.mark.parametrize(
    "other",
    [
        "About  {{ topic }}",
        "About {{ topics }}",
        "About {{ topic }}.",
        "{% raw %}{# a #}{% endraw %} {{ topic }}",
    ],
)
def test_what_is_rendered_is_identity(other: str) -> None:
    assert _inline(other).identity != _inline("About {{ topic }}").identity


def test_the_text_of_a_partial_is_identity(tmp_path: Path) -> None:
    (tmp_path / "_p.j2").write_text("one")
    before = template.load('{% include "_p.j2" %}', (tmp_path,)).identity
    (tmp_path / "_p.j2").write_text("two")
    assert template.load('{% include "_p.j2" %}', (tmp_path,)).identity != before


def test_the_edges_of_a_partial_are_identity(tmp_path: Path) -> None:
    (tmp_path / "a.j2").write_text('one{% include "_p.j2" %}two')
    shown = {}
    for text in (" and ", "and", "{# why #} and ", " and \n", "and\n"):
        (tmp_path / "_p.j2").write_text(text)
        loaded = template.load("a.j2", (tmp_path,))
        shown[loaded.identity] = loaded.render({})
    assert sorted(shown.values()) == ["one and two", "oneandtwo"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{{ topic == 'law' }}", "True"),
        ("{{ topic | length }}", "3"),
        ("{{ 'a' in topic }}", "True"),
        ("{{ [topic] }}", "['law']"),
        ("{{ {topic: topic} }}", "{'law': 'law'}"),
        ("{{ topic[0] }}{{ topic[1:] }}", "law"),
        ("{{ topic | upper }} {{ topic ~ '!' }}", "LAW law!"),
        ("{{ topic.upper() }} {{ 'on %s' | format(topic) }}", "LAW on law"),
        ("{{ topic.title }} {{ topic['count'] }} {{ topic.format }}", "The Law 3 ['a', None]"),
        ("{{ [topic] | map(attribute='title') | join }}", "The Law"),
        ("{{ topic | title }}", "Law"),
    ],
)
def test_a_value_with_fields_is_its_text(text: str, said: str) -> None:
    scope = template.scope([("topic", "law", '{"title": "The Law", "count": 3, "format": ["a", null]}')], {})
    assert _inline(text).render(scope) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{{ rows }}", "[{'a': 1.5}, None, True]"),
        ("{{ lines | map('upper') | list }}", "['X', 'Y']"),
        ("{% for line in lines | reverse %}{{ line }}{% endfor %}", "yx"),
        ("{{ lines | batch(1) | first }} {{ lines | unique | join }}", "['x'] xy"),
        ("{% macro m(a) %}<{{ a }}>{% endmacro %}{{ m('b') }}", "<b>"),
        ("{{ '{} {}'.format(*lines) }}", "x y"),
    ],
)
def test_plain_data_is_shown_as_it_is(text: str, said: str) -> None:
    assert _inline(text).render({"rows": [{"a": 1.5}, None, True], "lines": ["x", "y"]}) == said


@pytest.mark.parametrize(
    "text",
    [
        "{{ topic.upper }}",
        "{{ topic.upper ~ '!' }}",
        "{{ [topic.upper] }}",
        "{{ topic.upper | string }}",
        "{{ '%s' | format(topic['upper']) }}",
        "{{ lines | map('upper') }}",
        "{{ lines | map('upper') ~ '' }}",
        "{{ lines | reverse | string }}",
        "{{ [lines | unique] }}",
        "{{ [lines.nothing] }}",
        "{{ lines }}{% for line in lines %}{{ loop }}{% endfor %}",
    ],
)
@pytest.mark.parametrize("data", [None, "{}"])
def test_nothing_but_plain_data_is_shown(text: str, data: str | None) -> None:
    scope = template.scope([("topic", "law", data)], {"lines": ["x", "y"]})
    assert _problem(lambda: _inline(text).render(scope)).code == "template-render"


def test_a_value_shows_its_text_and_its_fields_whatever_they_are_called() -> None:
    scope = template.scope([("topic", "law", '{"text": "x", "items": [1, 2], "_text": 3}')], {"tone": "dry"})
    shown = "{{ topic }} {{ topic.text }} {{ topic.items[1] }} {{ tone }} {{ parent }}"
    assert _inline(shown).render(scope) == "law x 2 dry law"


@pytest.mark.parametrize(
    "text",
    [
        "{{ topic['__class__']['__mro__'] }}",
        "{{ topic | attr('__class__') }}",
        "{{ topic.era }}",
        "{{ ordinal / 0 }}",
        "{{ topic + 1 }}",
        "{{ [].append(1) }}",
        "{{ cycler }}",
    ],
)
def test_a_hole_that_cannot_be_filled_is_a_diagnostic(text: str) -> None:
    assert _problem(lambda: _inline(text).render({"topic": "law", "ordinal": 0})).code == "template-render"


def test_the_insides_of_python_are_refused_before_anything_is_rendered() -> None:
    assert _problem(lambda: _inline("{{ topic.__class__.__mro__ }}")).code == "unsafe-template"


def test_nothing_random_is_there() -> None:
    assert _problem(lambda: _inline("{{ [1, 2] | random }}")).code == "template-syntax"


@pytest.mark.parametrize("name", ["../a.j2", "/etc/a.j2", "x/../../a.j2", "x\\..\\a.j2", "link/a.j2"])
def test_nothing_outside_of_the_search_path_is_read(name: str, tmp_path: Path) -> None:
    (tmp_path / "a.j2").write_text("secret")
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "link").symlink_to(tmp_path)
    problem = _problem(lambda: template.load(name, (tmp_path / "templates",)))
    assert problem.code in {"unsafe-path", "unknown-template"}


def test_a_syntax_error_is_placed_in_its_own_file(tmp_path: Path) -> None:
    (tmp_path / "_p.j2").write_text("fine\n  {{ topic.\n")
    (tmp_path / "a.j2").write_text('{% include "_p.j2" %}')
    span = _problem(lambda: template.load("a.j2", (tmp_path,))).span
    assert span is not None
    assert (span.path, span.line, span.column) == (str(tmp_path / "_p.j2"), 2, 3)


def _inline(text: str) -> template.Template:
    return template.load(text, ())


def _problem(act: Callable[[], object]) -> Diagnostic:
    with pytest.raises(RecipeError) as caught:
        act()
    return caught.value.diagnostics[0]
