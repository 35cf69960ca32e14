"""The verbs from Python: what the reference shows is run, and `import tgc` stays light."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

import tgc
from tests.workshop import RECIPE, Workshop

REFERENCE = Path(__file__).parents[1] / "docs" / "reference" / "python.md"
SMALL = """\
name: small
model: builtin:atlas
vars: {tone: kind}
tree:
  topic: {values: [geography]}
  question: {role: user, system: "Be {{ tone }} about {{ topic }}.", max_tokens: 8}
  answer: {role: assistant, max_tokens: 8}
emit: [{format: messages, path: mix.jsonl}]
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for folder in ("recipes", "warehouse"):
        (tmp_path / folder).mkdir()
    (tmp_path / "recipes" / "quickstart.yaml").write_text(SMALL)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_reference_runs(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (example,) = re.findall(
        r"^```python\n(.*?)^```$", REFERENCE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    exec(compile(example, REFERENCE, "exec"), {})
    said = capsys.readouterr()
    assert said.out.startswith("2 to generate, 0 held\ndone 2 ('mix.jsonl', 'manifest.json')\nshape: (3, 2)")
    assert said.err == ""


def test_a_second_build_and_a_second_mix_have_nothing_to_do(home: Path) -> None:
    outcome = tgc.build("recipes/quickstart.yaml")
    assert outcome is not None
    assert outcome.status == "done"
    assert tgc.build(home / "recipes" / "quickstart.yaml") is None
    assert tgc.mix("recipes/quickstart.yaml") is None
    with tgc.open(home / "recipes") as warehouse:
        assert warehouse.sql("select count(*) as nodes from nodes")["nodes"].to_list() == [3]


def test_check_returns_what_the_others_raise(tmp_path: Path) -> None:
    shop = Workshop(tmp_path)
    assert tgc.check(shop.recipe) == ()
    shop.edit("branch: 4", "brunch: 4")
    assert [problem.code for problem in tgc.check(shop.recipe)] == ["unknown-key"]
    with pytest.raises(tgc.RecipeError):
        tgc.plan(shop.recipe)


def test_vars_are_plain_values(tmp_path: Path) -> None:
    shop = Workshop(tmp_path)
    shop.write(RECIPE.replace("seed: 7", 'vars: {tone: "1"}').replace("Talk", "{{ tone }}, talk"))
    given = tgc.plan(shop.recipe, vars={"tone": "yes: 'no'"}).program.vars
    assert given == (("tone", "yes: 'no'"),)


def test_a_project_without_a_warehouse_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(tgc.TgcError, match="no warehouse"), tgc.open(tmp_path):
        pass


def test_importing_tgc_loads_nothing() -> None:
    script = "import sys, tgc; print([name for name in sys.modules if name.startswith('tgc.')])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_there_is_no_more_than_what_is_said() -> None:
    assert all(getattr(tgc, name) for name in tgc.__all__)
    with pytest.raises(AttributeError, match="`nothing`"):
        _ = tgc.nothing  # type: ignore[attr-defined]
