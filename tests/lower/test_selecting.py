"""What a recipe says of its mix, as the Program has it."""

from pathlib import Path

import pytest

from tgc import assets, ir, lower, source
from tgc.errors import Diagnostic

TREE = """
name: mixed
model: builtin:atlas
tree:
  topic: {values: [{name: physics, domain: science}, {name: law, domain: society}]}
  question: {role: user, branch: 4, system: "Ask about {{ topic }}.", max_tokens: 32}
  answer: {role: assistant, branch: 2, max_tokens: 64}
  followup: {role: user, max_tokens: 32}
  reply: {role: assistant, max_tokens: 64}
"""


def lowered(mix: str) -> tuple[ir.Mix, tuple[Diagnostic, ...]]:
    around = lower.Around(Path(), (assets.root() / "templates",))
    found = lower.from_document(source.parse(f"{TREE}mix: {mix}\n", "x.yaml"), around)
    return found.program.mix, found.warnings


@pytest.mark.parametrize(
    ("written", "tokens"), [("50_000", 50_000), ("50k", 50_000), ("1.5M", 1_500_000), ("2G", 2 * 10**9)]
)
def test_tokens_are_a_number_or_an_amount(written: str, tokens: int) -> None:
    assert lowered(f"{{tokens: {written}}}") == (ir.Mix(None, (), None, tokens), ())


def test_a_gaussian_becomes_shares_of_the_turns_that_the_tree_has() -> None:
    (one, two) = lowered("{size: 8, turns: {mean: 2, std: 1}}")[0].turns
    assert (one[0], two[0]) == (1, 2)
    assert one[1] + two[1] == pytest.approx(1)
    assert two[1] / one[1] == pytest.approx(2.718281828**0.5)


def test_a_gaussian_far_from_all_turns_takes_the_nearest() -> None:
    assert lowered("{size: 8, turns: {mean: 900, std: 0.5}}")[0].turns == ((1, 0.0), (2, 1.0))


def test_a_list_is_one_margin_and_a_mapping_one_for_each_key() -> None:
    topic, domain = ir.Key("topic"), ir.Key("topic", "domain")
    assert lowered("{size: 8, balance: [topic, turns]}")[0].balance == (
        ir.Margin((topic, ir.Key(None, "turns"))),
    )
    said = (
        "{size: 8, balance: {topic: {physics: 2, others: 0.5}, topic.domain: even, tokens: {temperature: 3}}}"
    )
    assert lowered(said)[0].balance == (
        ir.Margin((topic,), ir.Weights((("physics", 2.0),), 0.5)),
        ir.Margin((domain,)),
        ir.Margin((ir.Key(None, "tokens"),), ir.Temperature(3.0)),
    )


def test_turns_that_the_tree_has_not_leave_their_share_with_a_warning() -> None:
    mix, warnings = lowered("{size: 8, turns: {1: 0.2, 2: 0.5, 3: 0.2, 4: 0.1}}")
    assert [turns for turns, _ in mix.turns] == [1, 2, 3, 4]
    assert [(warning.code, warning.severity) for warning in warnings] == [("no-such-turns", "warning")] * 2


def test_shares_that_add_up_to_one_but_for_rounding_are_shares() -> None:
    assert lowered("{size: 8, turns: {1: 0.7, 2: 0.30000000000000004}}")[1] == ()


def test_one_number_of_turns_needs_no_size() -> None:
    assert lowered("{turns: {1: 1}}") == (ir.Mix(None, (), None, None, ((1, 1.0),)), ())
