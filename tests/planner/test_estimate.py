"""What a plan says a build costs, against what the build then takes."""

from pathlib import Path

import polars as pl
import pytest

from tests.echo import Echo
from tests.executor.test_build import Impatient
from tests.workshop import Workshop
from tgc import driver
from tgc.backends.torch import TorchBackend
from tgc.catalog import History, Lengths, Pace
from tgc.errors import BackendError
from tgc.node import Node
from tgc.origin import Origin
from tgc.planner import prospects
from tgc.planner.estimate import Estimate, Tokens, estimate
from tgc.planner.scope import Scope
from tgc.warehouse import Warehouse

RECIPE = """\
name: demo
model: builtin:atlas
tree:
  topic: {values: [geography, chemistry]}
  question: {role: user, system: tg/topic.j2, branch: 2, max_tokens: 12}
  answer: {role: assistant, branch: 2, max_tokens: 12}
  parts: {prompt: "Name parts of {{ question }}", under: question, answers: {list: str}, branch: 3, max_tokens: 6}
emit: [{format: llava, path: llava.json}]
"""


@pytest.fixture
def shop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path / "shop")


@pytest.fixture(scope="module")
def atlas(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    """A project of the embedded model, of which all but the deepest levels are built."""
    shop = Workshop(tmp_path_factory.mktemp("atlas") / "shop")
    shop.write(RECIPE)
    build(shop, Scope(("+question",)))
    return shop


def build(shop: Workshop, scope: Scope) -> None:
    from tgc.executor.watch import Silent

    driver.build(driver.check(shop.recipe), Silent(), TorchBackend(device="cpu"), scope)


def forecast(shop: Workshop, scope: Scope) -> Estimate:
    return driver.forecast(driver.check(shop.recipe), shop.plan(scope), TorchBackend(device="cpu"))


def stored(shop: Workshop, level: str) -> int:
    return int(shop.sql(f"select sum(prompt_tokens) from nodes where level = '{level}'").item())


def test_exact_prompt_tokens_are_those_of_the_build(atlas: Workshop) -> None:
    answers = forecast(atlas, Scope(("answer",))).levels["answer"].prompt
    bound = forecast(atlas, Scope(("parts",))).levels["parts"].prompt
    build(atlas, Scope(("answer", "parts")))
    assert answers == Tokens(stored(atlas, "answer"), stored(atlas, "answer"), "exact")
    assert bound.how == "bound"
    assert bound.likely >= stored(atlas, "parts") > bound.likely - 3 * 4 * 6


def test_prompts_below_values_are_counted_before_anything_is_stored(shop: Workshop) -> None:
    shop.write(RECIPE)
    first = forecast(shop, Scope()).levels
    build(shop, Scope(("+question", "answer")))
    assert first["question"].prompt == Tokens(stored(shop, "question"), stored(shop, "question"), "exact")
    assert first["answer"].prompt.how == "bound"
    assert first["answer"].prompt.likely >= stored(shop, "answer")


def test_every_first_prompt_is_bounded_by_what_it_may_quote(shop: Workshop) -> None:
    levels = shop.forecast().levels
    assert levels["question"].prompt == Tokens(12, 12, "exact")
    assert levels["answer"].prompt == Tokens(24 * (2 + 16), 24 * (2 + 16), "bound")
    assert levels["answer"].completion == Tokens(24 * 32, 24 * 32, "bound")


def test_a_text_quoted_twice_counts_twice(shop: Workshop) -> None:
    shop.edit("role: assistant,", 'prompt: "{{ question }}, {{ question }}?", speaks: assistant,')
    assert shop.forecast().levels["answer"].prompt.likely == 24 * (2 + 2 * 16)


def test_completions_are_expected_as_they_were(shop: Workshop) -> None:
    shop.build()
    shop.edit("branch: 4", "branch: 6")
    levels = shop.forecast().levels
    assert levels["question"].completion == Tokens(6 * 4, 6 * 16, "estimate")
    assert levels["answer"].prompt == Tokens(12 * 2, 12 * 18, "estimate")


def test_lengths_of_an_edited_level_are_those_of_the_level_before(shop: Workshop) -> None:
    shop.build()
    shop.edit("max_tokens: 32", "max_tokens: 64")
    assert shop.forecast().levels["answer"].completion == Tokens(24 * 4, 24 * 64, "estimate")


def test_what_can_be_adopted_costs_nothing(shop: Workshop) -> None:
    shop.build()
    shop.edit("Talk about", "{{ 'Talk' }} about")
    assert shop.forecast() == Estimate()


def test_a_limit_costs_its_share(shop: Workshop) -> None:
    whole, part = shop.forecast(), shop.forecast(Scope(limit=9))
    assert part.completion.likely == whole.completion.likely // 4
    assert part.completion.how == "estimate"


def test_many_prompts_are_sampled_and_that_is_said(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.build(scope=Scope(("+question",)))
    monkeypatch.setattr(prospects, "MOST", 5)
    found = shop.forecast()
    assert found.levels["answer"].prompt == Tokens(48, None, "estimate")
    assert found.notes == ("prompt tokens of `answer` are made out from 5 of its prompts",)


class Dumb(Echo):
    """Counts nothing."""

    def count(self, origin: Origin, requests: object) -> None:  # type: ignore[override]
        return None


class Absent(Echo):
    """Has no tokenizer at hand."""

    def count(self, origin: Origin, requests: object) -> list[int]:
        raise BackendError("there is no tokenizer")


def test_what_nobody_counts_is_bounded_by_its_bytes(shop: Workshop) -> None:
    shop.backend = Dumb()
    prompt = shop.forecast().levels["question"].prompt
    longest = len("Talk about physics.") + len("Talk about law.") + len("Talk about music.")
    assert (prompt.how, prompt.likely) == ("bound", 4 * (longest + 3 * 2 * 16))


def test_a_tokenizer_that_cannot_be_loaded_is_a_note(shop: Workshop) -> None:
    shop.backend = Absent()
    notes = shop.forecast().notes
    assert notes[0] == "there is no tokenizer"
    assert shop.forecast().levels["question"].prompt.how == "bound"


def test_nothing_is_counted_where_nothing_is_new(shop: Workshop) -> None:
    shop.build()
    shop.backend = Absent()
    assert shop.forecast() == Estimate()


def test_planning_needs_no_more_than_to_read(shop: Workshop) -> None:
    shop.build(Impatient(5))
    before = {path: path.stat().st_mtime_ns for path in shop.root.rglob("*")}
    shop.forecast()
    assert {path: path.stat().st_mtime_ns for path in shop.root.rglob("*")} == before


def test_time_is_that_of_the_same_profile_or_unknown(shop: Workshop) -> None:
    shop.build()
    shop.edit("branch: 4", "branch: 5")
    assert (shop.forecast().seconds or 0) > 0
    shop.backend = Echo(room=7)
    assert shop.forecast().seconds is None


def test_time_is_tokens_by_pace_and_gpus_are_counted(shop: Workshop) -> None:
    plan = shop.plan()
    asked = tuple(prospects.prospects(plan, Nothing()))
    paces = {"builtin:atlas": Pace(2.0, ("H200", "H200"))}
    lengths = {"question": Lengths(10, 5), "answer": Lengths(20, 10)}
    found = estimate(plan, asked, lambda _, requests: [1] * len(requests), History(lengths, paces))
    assert found.seconds == (12 * 5 + 24 * 10) / 2
    assert found.gpu_hours == 150 * 2 / 3600


class Nothing:
    """No texts."""

    def paths(self, level: object, parents: object) -> dict[int, tuple[()]]:
        return {0: ()}

    def siblings(self, level: object, parents: object) -> dict[int, dict[int, Node]]:
        return {}


def test_the_pace_is_the_median_of_recent_runs(tmp_path: Path) -> None:
    with Warehouse.open(tmp_path / "tgc.duckdb") as warehouse:
        for run, seconds in enumerate((1.0, 2.0, 100.0), start=1):
            work = {
                "model": "atlas",
                "seconds": seconds,
                "requests": 1,
                "prompt_tokens": 1,
                "completion_tokens": 100,
            }
            warehouse.measure(run, "torch", ["cpu"], pl.DataFrame([work]))
        history = warehouse.history("one", {}, "torch")
        assert history.paces == {"atlas": Pace(50.0, ("cpu",))}
        assert warehouse.history("one", {}, "torch device=cuda").paces == {}


def test_runs_tell_their_profile(shop: Workshop) -> None:
    shop.build()
    row = shop.sql("select profile, devices, generating_seconds > 0 from runs").row(0)
    assert row == ("echo", [], True)
