"""A card says where the rows are from, in words that neither reader of it takes for something else."""

import yaml

from tgc.formats.base import About, card

ABOUT = About(
    recipe="blended",
    rows={"train": 1_100, "held-out": 40},
    text='{"name": "blended", "vars": {"how": "in ```fences```"}}',
    commit="c0ffee",
    dirty=True,
    models=("builtin:atlas", "org/name 1a2b"),
    sources={"blended": 1_000, "sharegpt.jsonl": 140},
    drops={"refusal": 20},
    version="9.9",
)


def test_a_card_tells_the_recipes_rows_from_those_blended_in() -> None:
    text = card.card(ABOUT, {"train": "data.parquet", "held-out": "data.held-out.parquet"}, "cc-by-4.0")
    front, _, body = text.removeprefix("---\n").partition("---\n")
    assert yaml.safe_load(front)["license"] == "cc-by-4.0"
    assert yaml.safe_load(front)["size_categories"] == ["1K<n<10K"]
    assert (
        body
        == """
# blended

1,140 conversations; those of `blended` were written by `builtin:atlas`, `org/name 1a2b`.

| split | rows |
|---|---:|
| train | 1,100 |
| held-out | 40 |

## Where they are from

| source | rows |
|---|---:|
| blended | 1,000 |
| sharegpt.jsonl | 140 |

## What was left out

|  | conversations |
|---|---:|
| generated | 1,020 |
| refusal | -20 |
| here | 1,000 |

## How it was made

By tgc 9.9 from this recipe, commit `c0ffee` with changes:

````yaml
name: blended
vars: {how: in ```fences```}
````
"""
    )
