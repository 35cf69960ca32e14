"""How much of its world a mix of atlas tells, and how truly: `python benchmarks/atlas/decompression.py MIX.jsonl`.

The mix is one of format `messages`. The world is closed, so truth and coverage are counted, not judged by a model.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))  # so that the file runs as a script from anywhere

from benchmarks.atlas.world import Judgment, judge, load  # noqa: E402


@dataclass(frozen=True, slots=True)
class Decompression:
    """Shares of question-answer pairs, and of the world's facts.

    Attributes:
        pairs: questions with their answers.
        sensible: share of the pairs whose question the world can answer.
        right: share of the sensible ones whose answer is true.
        coverage: share of the world's facts that some right answer to a single fact's question tells.
    """

    pairs: int
    sensible: float
    right: float
    coverage: float


def measure(mix: Path) -> Decompression:
    """What the conversations of a mix tell of the world."""
    judgments = [
        judgment for line in mix.read_text(encoding="utf-8").splitlines() for judgment in _judged(line)
    ]
    sensible = [judgment for judgment in judgments if judgment.sensible]
    right = [judgment for judgment in sensible if judgment.right]
    told = {(judgment.topic, judgment.entity, judgment.attribute) for judgment in right if judgment.attribute}
    return Decompression(
        pairs=len(judgments),
        sensible=len(sensible) / max(len(judgments), 1),
        right=len(right) / max(len(sensible), 1),
        coverage=len(told) / len(load().facts),
    )


def _judged(line: str) -> list[Judgment]:
    """Every exchange of a conversation; a pronoun refers to the entity spoken of before."""
    turns = [message["content"] for message in json.loads(line)["messages"] if message["role"] != "system"]
    judgments: list[Judgment] = []
    for question, answer in zip(turns[::2], turns[1::2], strict=True):
        context = next((judgment.entity for judgment in reversed(judgments) if judgment.entity), None)
        judgments.append(judge(question, answer, context))
    return judgments


if __name__ == "__main__":
    print(json.dumps(asdict(measure(Path(sys.argv[1]))), indent=2))
