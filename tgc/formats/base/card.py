"""The card of a data set, as Hugging Face reads it: settings for `datasets`, then what people want to know."""

import re
from collections.abc import Iterator, Mapping

from tgc import source
from tgc.counts import count
from tgc.formats.base.about import About
from tgc.source import writing

SIZES = {
    1_000: "n<1K",
    10_000: "1K<n<10K",
    100_000: "10K<n<100K",
    1_000_000: "100K<n<1M",
    10_000_000: "1M<n<10M",
}
"""What the hub calls numbers of rows below each of these."""


def card(about: About, files: Mapping[str, str], license: str | None) -> str:  # noqa: A002 - the card's word
    """A `README.md` with one configuration of these files, by split; the hub gives `license` its meaning."""
    return "\n".join((*_settings(about, files, license), "", *_words(about), ""))


def split(name: str) -> str:
    """What `datasets` can call a split: it knows no hyphens."""
    return name.replace("-", "_")


def _settings(about: About, files: Mapping[str, str], license: str | None) -> Iterator[str]:  # noqa: A002
    rows = sum(about.rows.values())
    listed = [{"split": split(name), "path": file} for name, file in files.items()]
    said: dict[str, object] = {
        "pretty_name": about.recipe,
        **({"license": license} if license else {}),
        "task_categories": ["text-generation"],
        "size_categories": [next((size for most, size in SIZES.items() if rows < most), "n>10M")],
        "tags": ["synthetic", "tgc"],
        "configs": [{"config_name": "default", "default": True, "data_files": listed}],
    }
    yield from ("---", writing.write(said).rstrip(), "---")


def _words(about: About) -> Iterator[str]:
    own = about.sources.get(about.recipe, 0)
    yield from (f"# {about.recipe}", "")
    yield from (f"{count(sum(about.rows.values()), 'conversation')}{_from(about)}.", "")
    yield from _table("split", "rows", about.rows)
    if len(about.sources) > 1:
        yield from ("", "## Where they are from", "", *_table("source", "rows", about.sources))
    left_out = {reason: -count for reason, count in about.drops.items()}
    counts = {"generated": own - sum(left_out.values()), **left_out, "here": own}
    yield from ("", "## What was left out", "", *_table("", "conversations", counts))
    yield from ("", "## How it was made", "", _made(about), "", *_recipe(about))


def _table(of: str, what: str, counts: Mapping[str, int]) -> Iterator[str]:
    yield from (f"| {of} | {what} |", "|---|---:|")
    yield from (f"| {name} | {count:,} |" for name, count in counts.items())


def _from(about: About) -> str:
    if not about.models:
        return ""
    those = f"; those of `{about.recipe}` were" if len(about.sources) > 1 else ","
    return f"{those} written by {', '.join(f'`{model}`' for model in about.models)}"


def _made(about: About) -> str:
    state = " with changes" if about.dirty else ""
    commit = f", commit `{about.commit}`{state}" if about.commit else ""
    return f"By tgc {about.version} from this recipe{commit}:"


def _recipe(about: About) -> Iterator[str]:
    """The recipe as YAML, in a fence longer than any within."""
    text = writing.write(source.parse(about.text, about.recipe).value).rstrip()
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
    yield from (f"{fence}yaml", text, fence)
