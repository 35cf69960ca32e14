"""`--vars` as a user types it."""

import json
from pathlib import Path

import pytest

from tests.cli.typed import tgc

RECIPE = """\
name: voices
include: shared/tone.yaml
model: builtin:atlas
tree:
  topic: {values: [physics, law]}
  question: {map: "A {{ tone }} question about {{ topic }}", speaks: user}
  answer: {role: assistant, system: "{{ note.short }} {{ tone }}", max_tokens: 8}
emit:
  - {format: messages, path: messages.jsonl}
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "recipes" / "shared").mkdir(parents=True)
    (tmp_path / "warehouse").mkdir()
    (tmp_path / "recipes" / "voices.yaml").write_text(RECIPE, encoding="utf-8")
    shared = tmp_path / "recipes" / "shared" / "tone.yaml"
    shared.write_text("vars: {tone: friendly, note: {short: Be brief.}}\n", encoding="utf-8")
    return tmp_path


def test_an_override_costs_what_the_edit_would(home: Path) -> None:
    build = ("build", "recipes/voices.yaml", "-q", "--vars", "tone=stern")
    assert tgc(*build, cwd=home).returncode == 0
    rows = (home / "warehouse/mixes/voices/messages.jsonl").read_text(encoding="utf-8").splitlines()
    assert sorted(json.loads(row)["messages"][0]["content"] for row in rows) == [
        "A stern question about law",
        "A stern question about physics",
    ]
    shared = home / "recipes" / "shared" / "tone.yaml"
    shared.write_text(shared.read_text(encoding="utf-8").replace("friendly", "stern"), encoding="utf-8")
    assert "up to date" in tgc("plan", "recipes/voices.yaml", cwd=home).stdout
    assert "up to date" not in tgc("plan", "recipes/voices.yaml", "--vars", "tone=gentle", cwd=home).stdout


@pytest.mark.parametrize("command", ["check", "plan", "build", "mix"])
def test_what_is_no_var_is_a_usage_error(command: str, home: Path) -> None:
    done = tgc(command, "recipes/voices.yaml", "--vars", "ton=stern", cwd=home)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "error: `recipes/voices.yaml` has no `ton` under `vars`\nhint: a similar name is known: `tone`\n"
    )


@pytest.mark.parametrize("given", ["tone", "=stern", ""])
def test_what_is_no_assignment_is_a_usage_error(given: str, home: Path) -> None:
    done = tgc("plan", "recipes/voices.yaml", "--vars", given, cwd=home)
    assert (done.returncode, "hint: write `--vars name=value`" in done.stderr) == (2, True)


def test_a_wrong_value_is_shown_as_it_was_typed(home: Path) -> None:
    done = tgc("check", "recipes/voices.yaml", "--vars", "tone=[stern", cwd=home)
    assert done.returncode == 2
    assert "--> --vars:1:19\n  |\n1 | --vars tone=[stern\n" in done.stdout
