"""Rows that say the same are left out across files and the tree, as are rows that share text with a benchmark."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import orchard
from tests.mixing import avenue
from tests.orchard import program
from tests.workshop import Workshop
from tgc import driver, ir
from tgc.catalog import VERDICTS, Gathered
from tgc.comparison.settings import changes
from tgc.datafile import DataFile
from tgc.dialogue import Conversation, Message, Role
from tgc.errors import RecipeError
from tgc.filters.base import Filter
from tgc.filters.decontaminate import Decontaminate
from tgc.filters.pii import Pii
from tgc.filters.secrets import Secrets
from tgc.fingerprint import spell
from tgc.mixing import Mixture, mixed, screened, stocked
from tgc.mixing.output.contributions import contributions
from tgc.mixing.sameness.likeness import likenesses
from tgc.mixing.sameness.sayings import sayings
from tgc.readers.base import Reader
from tgc.readers.llava import Llava
from tgc.readers.sharegpt import Sharegpt
from tgc.render.compiled import explain
from tgc.render.outcome import summary

NO_VERDICTS = pl.DataFrame(schema=VERDICTS)
FOLDED = ir.Dedupe("folded")
NEAR = ir.Dedupe(ir.Near(0.7, 3))
BENCHMARK = DataFile(
    "gsm8k.jsonl", "00", ({"question": "Natalia sold clips to 48 of her friends in April."},)
)


def against(ngram: int = 13, level: str | None = None) -> Filter:
    named = Decontaminate.model_validate({"against": [BENCHMARK.name], "ngram": ngram, "level": level})
    return named.model_copy(update={"against": (BENCHMARK,)})


def turns(asked: str, answer: str = "So.") -> list[dict[str, str]]:
    return [{"from": "human", "value": asked}, {"from": "gpt", "value": answer}]


def put(path: Path, *rows: object) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def chats(path: Path, *asked: str) -> None:
    put(path, *({"id": text, "conversations": turns(text)} for text in asked))


@contextmanager
def mixture(
    directory: Path,
    *sources: Reader,
    dedupe: ir.Dedupe | None = None,
    checks: Sequence[Filter] = (),
    nodes: pl.DataFrame | None = None,
) -> Iterator[Mixture]:
    blends = tuple(
        ir.Blend(
            source, "00", directory / source.source, directory / source.images if source.images else None
        )
        for source in sources
    )
    recipe = program(
        *((check, ("question",)) for check in checks), mix=ir.Mix(None, (), None, blend=blends, dedupe=dedupe)
    )
    with stocked(recipe, directory / "mix") as stocks:
        found = orchard.nodes(2) if nodes is None else nodes
        yield mixed(recipe, Gathered(found), NO_VERDICTS, screened(recipe, stocks))


def ids(found: Mixture, source: str) -> list[str]:
    return sorted(row.id for row in found.conversations("train") if row.source == source)


def told(found: Mixture, file: int = 0) -> dict[str, object]:
    whole = contributions(found)[file]
    return {key: whole[key] for key in ("filtered", "duplicates", "left_out")}


def test_the_first_row_of_the_first_file_stays(tmp_path: Path) -> None:
    chats(tmp_path / "a.jsonl", "Why?", "How?", "why")
    chats(tmp_path / "b.jsonl", "WHY?!", "When?")
    with mixture(tmp_path, Sharegpt(source="a.jsonl"), Sharegpt(source="b.jsonl"), dedupe=FOLDED) as found:
        assert ids(found, "a.jsonl") == ["How?", "Why?"]
        assert ids(found, "b.jsonl") == ["When?"]
        assert told(found, 1) == {
            "filtered": {},
            "duplicates": {"a.jsonl": 1},
            "left_out": [{"line": 1, "why": "the same as line 1 of `a.jsonl`"}],
        }
        assert told(found)["left_out"] == [{"line": 3, "why": "the same as line 1 of `a.jsonl`"}]


def test_rows_of_an_array_on_one_line_are_told_apart(tmp_path: Path) -> None:
    rows = [
        {"id": str(number), "conversations": turns(text)} for number, text in enumerate(("Who?", "Why?") * 2)
    ]
    (tmp_path / "a.json").write_text(json.dumps(rows), encoding="utf-8")
    with mixture(tmp_path, Sharegpt(source="a.json"), dedupe=FOLDED) as found:
        assert told(found)["left_out"] == [
            {"line": 3, "why": "the same as line 1 of `a.json`"},
            {"line": 4, "why": "the same as line 2 of `a.json`"},
        ]
        assert set(found.rows["line"].drop_nulls()) == {1, 2}


def test_exactly_the_same_is_word_for_word(tmp_path: Path) -> None:
    chats(tmp_path / "a.jsonl", "Why?", "why", "Why?")
    with mixture(tmp_path, Sharegpt(source="a.jsonl"), dedupe=ir.Dedupe("exact")) as found:
        assert ids(found, "a.jsonl") == ["Why?", "why"]


def test_rows_are_not_compared_unless_the_recipe_says_so(tmp_path: Path) -> None:
    chats(tmp_path / "a.jsonl", "Why?", "Why?")
    with mixture(tmp_path, Sharegpt(source="a.jsonl")) as found:
        assert len(ids(found, "a.jsonl")) == 2


def test_the_same_words_about_another_image_are_another_row(tmp_path: Path) -> None:
    for name in ("one/cat.png", "two/cat.png", "one/dog.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"\x89PNG")
    rows = [
        {"id": name, "image": name, "conversations": turns("<image>\nSo?")}
        for name in ("cat.png", "dog.png", "cat.png")
    ]
    put(tmp_path / "a.jsonl", *rows)
    put(tmp_path / "b.jsonl", rows[0])
    sources = Llava(source="a.jsonl", images="one"), Llava(source="b.jsonl", images="two")
    with mixture(tmp_path, *sources, dedupe=FOLDED) as found:
        assert ids(found, "a.jsonl") == ["cat.png", "dog.png"]
        assert ids(found, "b.jsonl") == ["cat.png"]


def grown(*answers: str) -> pl.DataFrame:
    """One question, with an answer for each text."""
    rows = [
        orchard.node("topic", 1, 0, 0, None, "sky"),
        orchard.node("question", 2, 1, 1, "user", "Why is it blue?"),
        *(orchard.node("answer", 10 + place, 2, 2, "assistant", text) for place, text in enumerate(answers)),
    ]
    return pl.DataFrame(rows, schema=orchard.nodes(1).schema)


def test_a_generated_row_gives_way_to_the_users_and_is_told_whose_it_repeats(tmp_path: Path) -> None:
    put(
        tmp_path / "a.jsonl",
        {"conversations": turns("Who?")},
        {"conversations": turns("why is it blue", "so!")},
    )
    with mixture(tmp_path, Sharegpt(source="a.jsonl"), dedupe=FOLDED, nodes=grown("So.", "No.")) as found:
        assert found.selection.rows["leaf_id"].to_list() == [11]
        assert found.selection.drops == {"dedupe": 1}
        assert found.selection.repeats.to_dicts() == [
            {"leaf_id": 10, "reason": "the same as line 2 of `a.jsonl`", "score": 1.0, "of": None}
        ]
        assert found.rows.height == 3


def test_the_tree_may_come_first(tmp_path: Path) -> None:
    put(
        tmp_path / "a.jsonl",
        {"conversations": turns("why is it blue", "so!")},
        {"conversations": turns("Who?")},
    )
    first = ir.Dedupe("folded", "tree")
    with mixture(tmp_path, Sharegpt(source="a.jsonl"), dedupe=first, nodes=grown("So.", "No.")) as found:
        assert found.selection.rows.height == 2
        assert ids(found, "a.jsonl") == ["a-2"]
        assert told(found)["left_out"] == [{"line": 1, "why": "the same as 000000000000000a"}]
        assert told(found)["duplicates"] == {"the tree": 1}


def test_a_conversation_that_goes_on_is_another_one(tmp_path: Path) -> None:
    short = turns("Why 1001000?", "So 1001100.")
    put(
        tmp_path / "a.jsonl",
        {"conversations": short},
        {"conversations": [*turns("Why 1001000?", "So 1001200."), *turns("Why 1001210?", "So 1001211.")]},
    )
    blend = ir.Blend(Sharegpt(source="a.jsonl"), "00", tmp_path / "a.jsonl")
    mix = ir.Mix(None, (), None, turns=((1, 0.5), (2, 0.5)), blend=(blend,), dedupe=FOLDED)
    recipe = avenue.program(mix)
    with stocked(recipe, tmp_path) as stocks:
        found = mixed(
            recipe, Gathered(avenue.nodes({"art": 1})), NO_VERDICTS, screened(recipe, stocks)
        ).selection
    assert found.drops["dedupe"] == 2
    assert sorted(found.rows["leaf_id"]) == [1001111, 1001200]
    assert found.repeats["leaf_id"].to_list() == [1001211]


def test_conversations_of_the_tree_are_compared_with_each_other() -> None:
    recipe = program(mix=ir.Mix(None, (), None, dedupe=FOLDED))
    selection = mixed(recipe, Gathered(grown("So.", "so", "No.")), NO_VERDICTS).selection
    assert selection.rows.height == 2
    (repeat,) = selection.repeats.to_dicts()
    assert {repeat["leaf_id"], int(repeat["reason"].rpartition(" ")[2], 16)} == {10, 11}


def test_rows_that_share_a_run_of_words_with_a_benchmark_are_left_out_and_counted_by_what_hit(
    tmp_path: Path,
) -> None:
    chats(
        tmp_path / "a.jsonl",
        "Why?",
        "so: Natalia SOLD clips to 48 of her sons",
        "Natalia sold clips to 48 men",
    )
    judge = against(ngram=5)
    with mixture(tmp_path, Sharegpt(source="a.jsonl"), checks=[judge]) as found:
        assert ids(found, "a.jsonl") == ["Why?"]
        assert told(found) == {
            "filtered": {"5-gram of gsm8k.jsonl:1": 2},
            "duplicates": {},
            "left_out": [
                {"line": line, "why": "5-gram of gsm8k.jsonl:1: `natalia sold clips to 48`"}
                for line in (2, 3)
            ],
        }


def test_every_turn_is_looked_through(tmp_path: Path) -> None:
    answer = "Natalia sold clips to 48 of her friends in April."
    put(tmp_path / "a.jsonl", {"conversations": [*turns("Hi"), *turns("And?", answer)]})
    judge = against()
    with mixture(tmp_path, Sharegpt(source="a.jsonl"), checks=[judge]) as found:
        assert ids(found, "a.jsonl") == []


def test_personal_data_and_secrets_are_left_out_of_files_whoever_says_them(tmp_path: Path) -> None:
    token = "ghp_16C7e42F292c6912E7710c838347Ae178B4a"
    put(
        tmp_path / "a.jsonl",
        {"conversations": turns("Who are you?")},
        {"conversations": turns("Whom do I ask?", "Write to jane.doe@acme.com.")},
        {"conversations": [*turns("Hi"), *turns(f"My token is {token}.")]},
        {"conversations": turns(f"Is {token} mine, or jane.doe@acme.com's?")},
    )
    with mixture(tmp_path, Sharegpt(source="a.jsonl"), checks=[Pii(), Secrets()]) as found:
        assert ids(found, "a.jsonl") == ["a-1"]
        assert told(found)["filtered"] == {"holds a secret: github": 1, "holds an email address": 2}
        assert told(found)["left_out"] == [
            {"line": 2, "why": "holds an email address"},
            {"line": 3, "why": "holds a secret: github"},
            {"line": 4, "why": "holds an email address"},
        ]


def test_a_filter_of_one_level_judges_the_tree_alone(tmp_path: Path) -> None:
    chats(tmp_path / "a.jsonl", "Natalia sold clips to 48 of her friends in April.")
    judge = against(level="question")
    with mixture(tmp_path, Sharegpt(source="a.jsonl"), checks=[judge]) as found:
        assert len(ids(found, "a.jsonl")) == 1


TEXTS = st.text("aB .?é", max_size=4)
ROLES: tuple[Role, ...] = ("user", "assistant")
TALKS = st.lists(st.builds(Message, st.sampled_from(ROLES), TEXTS), max_size=3)


@given(TALKS, TALKS)
def test_conversations_say_the_same_if_and_only_if_their_turns_do(
    one: list[Message], other: list[Message]
) -> None:
    talks = [Conversation("", tuple(one)), Conversation("", tuple(other))]
    assert (sayings(talks, "exact").n_unique() == 1) == (one == other)
    assert one != other or sayings(talks, "folded").n_unique() == 1


def test_a_row_that_says_nearly_what_one_before_says_is_left_out_and_told_how_like_it_is(
    tmp_path: Path,
) -> None:
    asked = "Why does the moon look larger when it is near the horizon?"
    chats(tmp_path / "a.jsonl", asked, "How far away is the moon?")
    chats(tmp_path / "b.jsonl", asked.replace("larger", "so large"), "Who walked on the moon first?")
    with mixture(tmp_path, Sharegpt(source="a.jsonl"), Sharegpt(source="b.jsonl"), dedupe=NEAR) as found:
        assert len(ids(found, "a.jsonl")) == 2
        assert len(ids(found, "b.jsonl")) == 2
    lower = ir.Dedupe(ir.Near(0.5, 3))
    with mixture(tmp_path, Sharegpt(source="a.jsonl"), Sharegpt(source="b.jsonl"), dedupe=lower) as found:
        assert ids(found, "b.jsonl") == ["Who walked on the moon first?"]
        assert told(found, 1)["left_out"] == [{"line": 1, "why": "similarity 0.588 to line 1 of `a.jsonl`"}]


SENTENCE = "Answer the question using a single word or phrase."


def test_what_shares_no_more_than_a_template_stays(tmp_path: Path) -> None:
    questions = ("What colour is the car?", "What is the man holding?", "Where is this?", "Is it raining?")
    rows = [
        {"id": f"{place}", "image": image, "conversations": turns(f"<image>\n{asked}\n{SENTENCE}", answer)}
        for place, (image, asked, answer) in enumerate(
            [
                *((f"{number}.png", questions[0], "Red") for number in range(4)),
                *(("a.png", asked, "Yes") for asked in questions),
            ]
        )
    ]
    rows += [
        {"id": f"text {place}", "conversations": turns(f"{asked}\n{SENTENCE}")}
        for place, asked in enumerate(questions)
    ]
    put(tmp_path / "a.jsonl", *rows)
    with mixture(tmp_path, Llava(source="a.jsonl"), dedupe=NEAR) as found:
        assert len(ids(found, "a.jsonl")) == len(rows)


def test_whose_turn_it_is_counts_and_the_system_prompt_does_not() -> None:
    words = "one two three four five six seven eight"
    first = Conversation("", (Message("user", words), Message("assistant", "So.")))
    prompted = replace(first, messages=(Message("system", "Be brief."), *first.messages))
    swapped = replace(first, messages=(Message("assistant", words), Message("user", "So.")))
    (said,) = likenesses(ir.Near(1.0, 3), [(3, [[first, prompted, swapped]])])
    assert said.rows() == [(0, None), (0, 1.0), (2, None)]


def test_nothing_is_like_nothing() -> None:
    assert likenesses(ir.Near(0.7, 3), []) == []
    assert [said.height for said in likenesses(ir.Near(0.7, 3), [(0, []), (0, [])])] == [0, 0]


def grams(conversation: Conversation) -> frozenset[tuple[str, ...]]:
    words = [word for turn in conversation.turns for word in (f"{turn.role}:", *turn.content.split())]
    return frozenset(tuple(words[at : at + 3]) for at in range(max(len(words) - 2, 1)))


def alike(one: Conversation, other: Conversation) -> float:
    mine, theirs = grams(one), grams(other)
    return len(mine & theirs) / len(mine | theirs) if one.images == other.images else 0.0


def greedy(conversations: Sequence[Conversation], threshold: float) -> list[tuple[int, float | None]]:
    """Of each the place of the one that is kept and that it is most like, the first of several; or its own."""
    found: list[tuple[int, float | None]] = []
    for place, one in enumerate(conversations):
        kept = [at for at, (said, _) in enumerate(found) if said == at]
        best = max(((alike(one, conversations[at]), -at) for at in kept), default=(0.0, 0))
        copies = [
            at
            for at in range(place)
            if alike(one, conversations[at]) == 1.0 and spoken(conversations[at]) == spoken(one)
        ]
        if copies:
            found.append((found[copies[0]][0], found[copies[0]][1] or 1.0))
        else:
            found.append((-best[1], best[0]) if best[0] >= threshold else (place, None))
    return found


def spoken(conversation: Conversation) -> list[tuple[str, str]]:
    return [(turn.role, turn.content) for turn in conversation.turns]


WORDS = st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=5).map(" ".join)
LIKE = st.builds(
    Conversation,
    st.just(""),
    st.tuples(st.builds(Message, st.just("user"), WORDS), st.builds(Message, st.just("assistant"), WORDS)),
    st.sampled_from([(), ("cat.png",)]),
)


@given(st.lists(LIKE, max_size=12), st.integers(0, 12), st.sampled_from([0.3, 0.5, 0.8]))
def test_rows_of_several_sources_are_compared_as_by_brute_force(
    rows: list[Conversation], cut: int, threshold: float
) -> None:
    parts = rows[:cut], rows[cut:]
    said = likenesses(ir.Near(threshold, 3), [(len(part), [part]) for part in parts])
    assert pl.concat(said).rows() == greedy(rows, threshold)


TALK = st.tuples(WORDS, WORDS)


@given(st.lists(TALK, max_size=6), st.lists(TALK, max_size=6), st.lists(WORDS, max_size=6), st.booleans())
@settings(max_examples=25, deadline=None)
def test_no_two_rows_of_a_mix_are_alike_and_every_other_is_like_one_of_them(
    one: list[tuple[str, str]], other: list[tuple[str, str]], answers: list[str], tree: bool
) -> None:
    rows = {
        **{f"line {line} of `a.jsonl`": talk(*row) for line, row in enumerate(one, 1)},
        **{f"line {line} of `b.jsonl`": talk(*row) for line, row in enumerate(other, 1)},
        **{spell(10 + place): talk("Why is it blue?", answer) for place, answer in enumerate(answers)},
    }
    with TemporaryDirectory() as name:
        for file, given_rows in (("a.jsonl", one), ("b.jsonl", other)):
            put(Path(name) / file, *({"conversations": turns(*row)} for row in given_rows))
        sources = Sharegpt(source="a.jsonl"), Sharegpt(source="b.jsonl")
        dedupe = ir.Dedupe(ir.Near(0.5, 3), "tree" if tree else "blend")
        with mixture(Path(name), *sources, dedupe=dedupe, nodes=grown(*answers)) as found:
            kept = list(found.conversations("train"))
            whys = dict(left_out(found))
    assert all(alike(row, another) < 0.5 for row, another in combinations(kept, 2))
    assert len(kept) == len(rows) - len(whys)
    for place, why in whys.items():
        score, _, named = why.removeprefix("similarity ").partition(" to ")
        assert float(score) == round(alike(rows[place], rows[named]), 3) >= 0.5
        assert spoken(rows[named]) in map(spoken, kept)


def talk(asked: str, answer: str) -> Conversation:
    return Conversation("", (Message("user", asked), Message("assistant", answer)))


def left_out(found: Mixture) -> Iterator[tuple[str, str]]:
    """Where a row stands that is left out for another one, and why."""
    for part in found.parts:
        stock = part.stock
        yield from (
            (f"line {line} of `{stock.blend.reader.source}`", why)
            for line, why in stock.left_out.named.items()
        )
    for leaf, why in found.selection.repeats.select("leaf_id", "reason").iter_rows():
        yield spell(leaf), why


RECIPE = """\
name: demo
seed: 7
model: builtin:atlas
tree:
  topic: {values: [physics, law, music]}
  question: {role: user, system: "Talk about {{ topic }}.", branch: 2, max_tokens: 16}
  answer: {role: assistant, max_tokens: 32}
mix: {dedupe: {by: folded}}
emit:
  - {format: messages, path: messages.jsonl}
"""


def test_a_build_keeps_the_users_row_and_a_verdict_says_so(tmp_path: Path) -> None:
    workshop = Workshop(tmp_path)
    workshop.write(RECIPE)
    workshop.build()
    lines = workshop.emitted("messages.jsonl").splitlines()
    row = json.loads(lines[0])
    put(tmp_path / "mine.jsonl", {"id": "mine", "messages": row["messages"]})
    workshop.edit(
        "{dedupe: {by: folded}}", "{dedupe: {by: folded}, blend: [{source: mine.jsonl, format: messages}]}"
    )
    workshop.asked()
    assert workshop.build() is not None
    assert not workshop.asked()
    kept = [json.loads(line)["id"] for line in workshop.emitted("messages.jsonl").splitlines()]
    assert len(kept) == len(lines)
    assert "mine" in kept
    assert row["id"] not in kept
    said = workshop.sql("select node_id, reason from verdicts where filter = 'dedupe' and not kept")
    assert said.rows() == [(row["id"], "the same as line 1 of `mine.jsonl`")]
    assert workshop.build() is None
    workshop.edit("{by: folded}", "{by: folded, keep: tree}")
    assert workshop.build() is not None
    assert row["id"] in [json.loads(line)["id"] for line in workshop.emitted("messages.jsonl").splitlines()]


def test_a_build_leaves_out_what_is_nearly_the_same_and_a_verdict_says_how_near(tmp_path: Path) -> None:
    workshop = Workshop(tmp_path)
    workshop.write(RECIPE)
    workshop.edit("{dedupe: {by: folded}}", "{}")
    workshop.build()
    row = json.loads(workshop.emitted("messages.jsonl").splitlines()[0])
    longer = [
        *row["messages"][:-1],
        {"role": "assistant", "content": f"{row['messages'][-1]['content']} Yes."},
    ]
    put(tmp_path / "mine.jsonl", {"id": "mine", "messages": longer})
    workshop.edit(
        "mix: {}",
        "mix: {dedupe: {by: near, threshold: 0.5}, blend: [{source: mine.jsonl, format: messages}]}",
    )
    outcome = workshop.build()
    assert outcome is not None
    said = workshop.sql("select node_id, reason, score from verdicts where filter = 'dedupe' and not kept")
    near = next(verdict for verdict in said.iter_rows() if verdict[0] == row["id"])
    assert near[1] == f"similarity {round(near[2], 3)} to line 1 of `mine.jsonl`"
    assert 0.5 <= near[2] < 1
    assert workshop.build() is None
    workshop.edit("threshold: 0.5", "threshold: 1.0")
    assert workshop.build() is not None
    assert row["id"] in [json.loads(line)["id"] for line in workshop.emitted("messages.jsonl").splitlines()]


def test_whose_words_a_conversation_says_again_is_told_though_nothing_asks_for_it(tmp_path: Path) -> None:
    workshop = Workshop(tmp_path)
    workshop.write(RECIPE)
    workshop.edit("Talk about {{ topic }}.", "Talk, please.")
    workshop.edit("mix: {dedupe: {by: folded}}\n", "")
    outcome = workshop.build()
    assert outcome is not None
    assert outcome.selection is not None
    assert outcome.selection.drops == {"dedupe": 4}
    kept = [json.loads(line)["id"] for line in workshop.emitted("messages.jsonl").splitlines()]
    alike = """
        select here.node_id, fate, reason, score, duplicate_of
        from verdicts
        join fates using (node_id)
        join nodes as here using (node_id)
        join nodes as first on first.node_id = duplicate_of and first.text = here.text
        where verdicts.filter = 'dedupe'"""
    said = workshop.sql(alike)
    assert said["reason"].to_list() == [f"the same as {first}" for first in said["duplicate_of"]]
    assert (said["score"].to_list(), said["fate"].to_list()) == ([1.0] * 4, ["rejected"] * 4)
    assert {*said["duplicate_of"]} == {*kept}
    assert not {*said["node_id"]} & {*kept}
    assert workshop.build() is None


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("{by: folded, threshold: 0.5}", "unknown key `threshold` in `dedupe`"),
        ("{by: exact, ngram: 5}", "unknown key `ngram` in `dedupe`"),
        ("{by: nearly}", "`by` should be `exact`, `folded` or `near`, not `nearly`"),
        ("{by: near, threshold: 2}", "`threshold` should be at most 1, not `2`"),
    ],
)
def test_how_rows_are_likened_is_said_of_near_ones_alone(tmp_path: Path, given: str, message: str) -> None:
    workshop = Workshop(tmp_path)
    workshop.write(RECIPE)
    workshop.edit("{by: folded}", given)
    with pytest.raises(RecipeError) as raised:
        driver.check(workshop.recipe)
    assert [problem.message for problem in raised.value.diagnostics] == [message]


def test_screens_say_how_rows_are_compared_and_how_many_are_left_out(tmp_path: Path) -> None:
    workshop = Workshop(tmp_path)
    workshop.write(RECIPE)
    before = driver.check(workshop.recipe).program
    chats(tmp_path / "a.jsonl", "Why?", "why", "How?")
    blended = "{dedupe: {by: exact, keep: tree}, blend: [{source: a.jsonl, format: sharegpt}]}"
    workshop.edit("{dedupe: {by: folded}}", blended)
    after = driver.check(workshop.recipe).program
    assert "without exact repeats, tree first" in explain(after)
    changed = [
        (setting.what, setting.change) for setting in changes(before, after, {}) if setting.part == "mix"
    ]
    assert changed == [("dedupe", "{folded: blend} → {exact: tree}")]
    workshop.edit("by: exact", "by: near, threshold: 0.8")
    assert "without near 0.8 of 3-grams repeats, tree first" in explain(driver.check(workshop.recipe).program)
    workshop.edit("by: near, threshold: 0.8", "by: folded")
    outcome = workshop.build()
    assert outcome is not None
    assert "2 rows of `a.jsonl`, 25.0% of the mix; left out: 1" in summary(outcome, "there").splitlines()


def test_files_that_say_the_same_share_no_row_whatever_the_amounts(tmp_path: Path) -> None:
    chats(tmp_path / "a.jsonl", *(f"{number}?" for number in range(50)))
    sources = Sharegpt(source="a.jsonl", rows=10), Sharegpt(source="a.jsonl", rows="all", repeat=2)
    with mixture(tmp_path, *sources, dedupe=FOLDED) as found:
        assert found.parts[0].rows == 10
        assert found.parts[1].rows == 0
        assert replace(found.parts[1].stock.left_out, named={}).rows == 50


@pytest.mark.parametrize("by", ["exact", "folded"])
def test_nothing_says_nothing(by: ir.Sameness) -> None:
    assert sayings([], by).to_list() == []
