"""The mix of a recipe as the Program has it: keys told apart, shares of turns worked out."""

from collections.abc import Mapping
from dataclasses import replace
from math import exp

from tgc import ir, recipe
from tgc.lower.outline import Outline

TEMPERATURE = "temperature"
OTHERS = "others"


def mix(outline: Outline) -> ir.Mix:
    """What the recipe says of its mix."""
    given = outline.recipe.mix
    split = ir.Split(given.split.name, given.split.share, given.split.by) if given.split else None
    return ir.Mix(
        given.size,
        _balance(outline),
        split,
        given.tokens,
        _turns(outline),
        blend=outline.blend,
        refill=tuple(sorted(given.refill.items())),
        best=ir.Best(given.best.by, given.best.keep) if given.best else None,
        diverse=_diverse(outline),
        dedupe=_dedupe(given.dedupe) if given.dedupe else None,
        share_of=given.share_of,
        blocks=given.blocks,
        pairs=ir.Pairs(**given.pairs.model_dump()) if given.pairs else None,
    )


def key(outline: Outline, name: str) -> ir.Key:
    """What a name in `balance` means: a level, a field of one, or what a conversation is as a whole."""
    level, _, field = name.rpartition(".")
    if name in outline.drafts or not (level or name in ir.WHOLE):
        return ir.Key(name)
    return ir.Key(level or None, field)


def _dedupe(given: recipe.Dedupe) -> ir.Dedupe:
    match given.by:
        case "near":
            return ir.Dedupe(ir.Near(given.threshold, given.ngram), given.keep)
        case by:
            return ir.Dedupe(by, given.keep)


def _balance(outline: Outline) -> tuple[ir.Margin, ...]:
    given = outline.recipe.mix.balance
    if isinstance(given, Mapping):
        return tuple(_margin(key(outline, name), how) for name, how in given.items())
    return (ir.Margin(tuple(key(outline, name) for name in given)),) if given else ()


def _margin(key: ir.Key, how: str | recipe.Bins | Mapping[str, float]) -> ir.Margin:
    if not isinstance(how, recipe.Bins):
        return ir.Margin((key,), spread(how))
    binned = replace(key, edges=how.bins)
    weights = how.weights or (1.0,) * len(binned.bins)
    return ir.Margin((binned,), ir.Weights(tuple(zip(binned.bins, weights, strict=True)), 0.0))


def spread(how: str | Mapping[str, float]) -> ir.Weights | ir.Temperature:
    """How a key is spread; `others` and a lone `temperature` are no values."""
    if isinstance(how, str):
        return ir.Weights()
    if set(how) == {TEMPERATURE}:
        return ir.Temperature(how[TEMPERATURE])
    named = sorted((name, weight) for name, weight in how.items() if name != OTHERS)
    return ir.Weights(tuple(named), how.get(OTHERS, 1.0))


def _diverse(outline: Outline) -> ir.Diverse | None:
    match outline.recipe.mix.diverse:
        case None:
            return None
        case str(of):
            return ir.Diverse(of)
        case given:
            return ir.Diverse(given.of, given.embedder, given.method, outline.embedders.get(given.embedder))


def _turns(outline: Outline) -> tuple[tuple[int, float], ...]:
    match outline.recipe.mix.turns:
        case None:
            return ()
        case recipe.Gaussian(mean=mean, std=std):
            return _gaussian(sorted({outline.turns(draft.name) for draft in outline.answers()}), mean, std)
        case shares:
            return tuple(sorted((int(turns), share) for turns, share in shares.items()))


def _gaussian(turns: list[int], mean: float, std: float) -> tuple[tuple[int, float], ...]:
    """Shares in proportion to the density of a normal distribution, cut off where there are no such turns.

    >>> [(turns, round(share, 3)) for turns, share in _gaussian([1, 2, 3, 4], 2, 1)]
    [(1, 0.258), (2, 0.426), (3, 0.258), (4, 0.058)]
    """
    powers = [-(((count - mean) / std) ** 2) / 2 for count in turns]
    densities = [exp(power - max(powers)) for power in powers]
    return tuple((count, density / sum(densities)) for count, density in zip(turns, densities, strict=True))
