"""Recipes of every kind of level, drawn such that two of them often have much in common."""

import json

from hypothesis import strategies as st

POOL = "seeds.txt"
"""The file beside a recipe that examples come from."""

Said = dict[str, object]

_NOT_ODD = st.sampled_from(["{{ '3' not in parent }}", "{{ '7' not in parent }}", "{{ word == 'old' }}"])
_PICKS = st.sampled_from([{"by": "mmr", "oversample": 1.5}, {"by": "mmr", "diversity": 1.0}])
_SPLIT: Said = {"size": 8, "balance": ["topic"], "split": {"validation": 0.4, "by": "question"}}
_SHOWN = st.builds(lambda count: {"from": POOL, "k": count}, st.integers(1, 2))


@st.composite
def recipes(draw: st.DrawFn) -> str:
    """The text of a recipe named `demo`; its examples come from `POOL`."""
    tree = {"topic": draw(_topics())}
    for name, level in (("brief", _briefs()), ("area", _areas()), ("card", _cards())):
        if draw(st.booleans()):
            tree[name] = draw(level)
    tree["question"] = draw(_turns("user", tuple(tree)[-1]))
    tree["answer"] = draw(_turns("assistant", "question"))
    for name, level in (("mark", _scores()), ("essay", _essays())):
        if draw(st.booleans()):
            tree[name] = draw(level)
    recipe = {
        "name": "demo",
        "seed": draw(st.integers(1, 2)),
        "model": "builtin:atlas",
        "vars": {"word": draw(st.sampled_from(["old", "new"]))},
        "tree": tree,
        "filters": draw(_filters(tree)),
        "mix": draw(st.sampled_from([{}, {"size": 5}, {"size": 4, "balance": ["topic"]}, _SPLIT])),
        "emit": [{"format": "llava", "path": "llava.json"}],
    }
    return json.dumps(recipe)


def _some(**options: st.SearchStrategy[object]) -> st.SearchStrategy[Said]:
    """A mapping that has each of these or lacks it."""
    return st.fixed_dictionaries({}, optional=options)


def _asked() -> st.SearchStrategy[Said]:
    """What a level that asks may say besides; texts are short, so that lists fit the model's context."""
    lengths = st.sampled_from([16, 17])
    more = _some(branch=st.integers(1, 3), when=_NOT_ODD, distinct=_PICKS)
    return st.builds(lambda length, rest: {"max_tokens": length} | rest, lengths, more)


@st.composite
def _topics(draw: st.DrawFn) -> Said:
    names = draw(st.permutations(["law", "music", "physics"]))[: draw(st.integers(1, 3))]
    fields = [{"name": name, "era": len(name)} for name in names]
    return {"values": draw(st.sampled_from([names, fields]))}


def _briefs() -> st.SearchStrategy[Said]:
    return st.builds(
        lambda text: {"map": text}, st.sampled_from(["{{ topic | upper }}", "{{ word }} {{ topic }}"])
    )


@st.composite
def _areas(draw: st.DrawFn) -> Said:
    """Parts, one by one or as a list, and perhaps parts of those."""
    prompt = draw(
        st.sampled_from(["Parts of {{ parent }}.", "{{ 'Parts' }} of {{ parent }}.", "Of {{ topic }}."])
    )
    shape = draw(_some(answers=st.just({"list": "str"}), depth=st.integers(1, 2)))
    return {"prompt": prompt} | shape | draw(_asked())


@st.composite
def _cards(draw: st.DrawFn) -> Said:
    """Answers with fields, for a prompt that is the same for siblings, or is not."""
    prompt = draw(
        st.sampled_from(
            ["On {{ topic }}.", "{{ ordinal }} {{ parent }}", "{{ examples | join }} {{ topic }}"]
        )
    )
    shape = {"name": "str", "mark": draw(st.sampled_from(["easy | hard", "1..5", "bool"]))}
    return {"prompt": prompt, "answers": shape} | _with_examples(draw, prompt) | draw(_asked())


@st.composite
def _turns(draw: st.DrawFn, role: str, above: str) -> Said:
    """A turn of the dialogue, with an opening of its own or without."""
    openings = ["On {{ topic }}.", "{{ word }} {{ parent }}.", "With {{ examples | first }}.", ""]
    opening = draw(st.sampled_from(openings)).replace("parent", above)
    said = {"system": opening} if opening else {}
    return {"role": role, "under": above} | said | _with_examples(draw, opening) | draw(_asked())


def _scores() -> st.SearchStrategy[Said]:
    judge = {"score": "Rate {{ answer }}.", "under": "answer"}
    measure = {"score": "ifd", "under": "answer"}
    asked = _some(branch=st.integers(1, 2), when=_NOT_ODD).map(lambda more: judge | more)
    return asked | _some(when=_NOT_ODD).map(lambda more: measure | more)


def _essays() -> st.SearchStrategy[Said]:
    essay = {"text": "On {{ topic }} {{ word }}:", "under": "topic"}
    return _some(branch=st.integers(1, 2), depth=st.just(2)).map(lambda more: essay | more)


def _with_examples(draw: st.DrawFn, template: str) -> Said:
    return {"examples": draw(_SHOWN)} if "examples" in template else {}


@st.composite
def _filters(draw: st.DrawFn, tree: dict[str, Said]) -> list[Said]:
    """Filters of some levels, early or late, and of what a judge says."""
    judged = [name for name in ("area", "question", "answer") if name in tree and draw(st.booleans())]
    phrases = st.sampled_from("13579")
    found: list[Said] = [
        {"kind": "refusal", "level": name, "phrases": [f"*{draw(phrases)}*"], "early": draw(st.booleans())}
        for name in judged
    ]
    by_score: Said = {"kind": "score", "level": "mark", "min": 3}
    return [*found, *([by_score] if "mark" in tree and draw(st.booleans()) else [])]
