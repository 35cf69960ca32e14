"""Filters that look at each text judge a tree in a build, and measure each text once."""

from pathlib import Path

from tests.workshop import Workshop
from tgc.detect.languages import CODES

FILTERS = """
filters:
  - {kind: language, accept: [fi], min_letters: 1}
  - {kind: pii}
  - {kind: secrets}
  - {kind: markup}
  - {kind: code}
  - {kind: toxicity}
"""
JUDGED = "select filter, count(*) filter (kept) as kept from verdicts group by filter order by filter"
MEASURED = """
select count(distinct metric), count(*), count(distinct node_id) from measures where filter = 'language'
"""


def test_other_languages_are_accepted_without_measuring_again(tmp_path: Path) -> None:
    workshop = Workshop(tmp_path)
    workshop.write(workshop.recipe.read_text() + FILTERS)
    workshop.build()
    assert workshop.sql(JUDGED).rows() == [("language", 0)]
    assert workshop.sql(MEASURED).rows() == [(1, 12, 12)]
    workshop.edit(
        "accept: [fi]", f"accept: [{', '.join(f'{code!r}' for code in sorted(CODES))}], min_probability: 0.01"
    )
    workshop.asked()
    workshop.build()
    assert workshop.asked() == 0
    assert workshop.sql(MEASURED).rows() == [(1, 12 + 24, 12 + 24)]
    kept = dict(workshop.sql(JUDGED).rows())
    assert set(kept) == {"language", "pii", "secrets", "markup", "code", "toxicity"}
    assert min(kept.values()) > 0
