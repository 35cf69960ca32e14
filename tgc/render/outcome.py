"""What a build came to, as text."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import polars as pl

from tgc.counts import count

if TYPE_CHECKING:
    from tgc.executor import Outcome
    from tgc.mixing import Mixture
    from tgc.mixing.files.parts import Part
    from tgc.mixing.needs import Need

MOST_NAMES = 3


def summary(outcome: "Outcome", directory: str) -> str:
    """A few lines, of which the last says where the result is or what to do next."""
    lines = [_made(outcome), *_remarks(outcome), *_mixed(outcome)]
    match outcome.status:
        case "interrupted":
            lines.append("interrupted: every finished node is kept, and the same command goes on from here")
        case "failed":
            lines.append(
                f"incomplete: the mix of what there is is in {directory}; `tgc sql failures` says why"
            )
            lines.append(
                "the same command tries what failed again; what was cut off needs a larger `max_tokens`"
            )
        case _:
            lines += _left_out(outcome)
            lines.append(f"the mix is in {directory}: {_listed(outcome.files)}")
    return "\n".join(lines)


def up_to_date(recipe: str, directory: str) -> str:
    """The one line of a build that had nothing to do."""
    return f"{recipe} is up to date: nothing to generate, and its mix is in {directory}"


def nothing_selected(recipe: str) -> str:
    """The one line of a build that had nothing to do in what it was limited to."""
    return f"{recipe}: nothing to do for the levels selected; `tgc plan` shows what is missing"


def _left_out(outcome: "Outcome") -> Sequence[str]:
    if not outcome.missing:
        return ()
    are = "is" if outcome.missing == 1 else "are"
    missing = f"{count(outcome.missing, 'node')} {are} missing"
    return (f"incomplete: {missing}; `tgc build` of the whole recipe makes the rest",)


def _listed(files: Sequence[str]) -> str:
    """A few names, or how many there are.

    >>> _listed(["a.json", "a.validation.json", "b.json", "b.validation.json", "manifest.json"])
    '4 files and manifest.json'
    """
    return (
        ", ".join(files) if len(files) <= MOST_NAMES else f"{count(len(files) - 1, 'file')} and {files[-1]}"
    )


def _made(outcome: "Outcome") -> str:
    tally = outcome.tally
    adopted = f", {tally.adopted:,} adopted" if tally.adopted else ""
    failed = f", {tally.failed:,} failed" if tally.failed else ""
    tokens = count(tally.completion_tokens, "token")
    return f"{count(tally.generated, 'node')} generated ({tokens}){adopted}{failed}"


def _remarks(outcome: "Outcome") -> Iterator[str]:
    """What filters say of nodes that they kept."""
    told = outcome.verdicts.filter("kept", pl.col("reason").is_not_null())
    for name, remark, nodes in told.group_by("filter", "reason").len().sort("filter", "reason").iter_rows():
        yield f"{count(nodes, 'node')} that `{name}` kept: {remark}"


def _mixed(outcome: "Outcome") -> Sequence[str]:
    """How many conversations, by split, how many were left out and why, and whether there are too few."""
    mixture = outcome.mixture
    if mixture is None:
        return ()
    selection = mixture.selection
    rows = selection.rows.height
    splits = ", ".join(f"{number:,} {split}" for split, number in selection.splits.items())
    drops = ", ".join(f"{number:,} {reason}" for reason, number in selection.drops.items())
    by_split = f" ({splits})" if splits else ""
    left_out = f"; left out: {drops}" if drops else ""
    return [
        f"{count(rows, 'conversation')}{by_split}{left_out}",
        *_blended(mixture),
        *_mingled(mixture),
        *_short(mixture),
        *_needed(mixture),
    ]


def _blended(mixture: "Mixture") -> Iterator[str]:
    """How many rows of each file stand between them, and how many it has that cannot."""
    unit = mixture.mix.share_of
    whole = "the mix" if unit == "rows" else f"the mix's {unit.replace('_', ' ')}"
    for file, part in enumerate(mixture.parts):
        stock = part.stock
        unfit = stock.left_out.rows + sum((*stock.bad.values(), *stock.refused.values()))
        rows = f"{count(part.rows, 'row')} of `{part.stock.blend.reader.source}`"
        share = f"{mixture.share(unit, file):.1%} of {whole}"
        yield f"{rows}, {share}{_wanted(part)}{f'; left out: {unfit:,}' if unfit else ''}"


def _mingled(mixture: "Mixture") -> Iterator[str]:
    """Where text and images stand in one block."""
    for split, mixed in mixture.blocks.select("split", "mixed").iter_rows():
        if mixed:
            yield f"one block of `{split}` holds both text and images: neither has the rows left to fill it"


def _wanted(part: "Part") -> str:
    """What was asked of a file that has less."""
    if not part.short:
        return ""
    asked = f"{part.asked:,}" if isinstance(part.asked, int) else f"{float(part.asked):.1%}"
    return f", short of {asked}: no more are left"


def _short(mixture: "Mixture") -> Iterator[str]:
    """Where the mix is not what was asked for."""
    selection = mixture.selection
    rows = selection.rows.height
    if not mixture.rows.height:
        yield "the mix is empty: `tgc sql funnel` shows where its conversations were left out"
    elif selection.asked and rows < selection.asked:
        yield f"short by {selection.asked - rows:,}: {selection.asked:,} were asked for, no more are left"
    elif selection.unspent:
        short = count(selection.unspent, "token")
        yield f"short by {short}: {selection.budget:,} were asked for, no more are left"
    elif selection.short:
        short = ", ".join(f"`{by}` by {number:,}" for by, number in selection.short.items())
        yield f"short of shares, which others make up for: {short}; manifest.json says where"
    if by := selection.contradictions["by"].unique(maintain_order=True).to_list():
        names = " and ".join(f"`{name}`" for name in by)
        yield f"{names} cannot have those shares beside the others, whatever there is; manifest.json says why"


def _needed(mixture: "Mixture") -> Iterator[str]:
    """What would fill a mix that lacks something."""
    needed = mixture.selection.need
    if needed is None or needed.wanted is None or needed.nodes is None:
        return
    more = f"{count(needed.nodes, 'more node')} of `{needed.level}`"
    yield f"at the rate so far, {more} would do{_lacking(needed)}"
    if needed.bound is None:
        branch = f"`branch: {needed.wanted:,}` instead of {needed.branch:,}"
        yield f"that is {branch}, or `refill: {{{needed.level}: {needed.wanted}}}` in the mix"
    elif needed.bound <= needed.branch:
        yield f"`refill` ends at a `branch` of {needed.bound:,}, and that is one of {needed.wanted:,}"
    else:
        yield "`tgc build` of the whole recipe makes them"


def _lacking(needed: "Need") -> str:
    """Which values lack most rows."""
    strata = sorted((lack for lack in needed.lacks if lack.stratum), key=lambda lack: -(lack.rows or 0))
    told = [f"{', '.join(lack.stratum)} ({lack.rows:,})" for lack in strata[:MOST_NAMES]]
    others = f" and {len(strata) - MOST_NAMES:,} others" if len(strata) > MOST_NAMES else ""
    return f"; most are missing of {', '.join(told)}{others}" if told else ""
