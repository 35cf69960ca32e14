"""How a level draws: what the recipe and the level say together, less what has no say there."""

from dataclasses import replace

from tgc import recipe, schema
from tgc.lower.outline import Draft
from tgc.sampling import Sampling

ORDINAL, EXAMPLES = "ordinal", "examples"
"""What a template names that differs among siblings."""


def sampling(written: recipe.Recipe, draft: Draft) -> Sampling:
    """What a level says of its sampling, the recipe of the rest; siblings are distinct only where they can be.

    Where answers are weighed nothing is drawn, and sampling has no say.
    """
    if draft.asks is None or isinstance(draft.asks.shape, schema.Weighed):
        return Sampling()
    given = {**written.sampling.model_dump(), **draft.asks.sampling.model_dump(exclude_unset=True)}
    found = Sampling(**given)
    return replace(found, siblings="independent") if never_distinct(draft) else found


def never_distinct(draft: Draft) -> str:
    """Why siblings cannot draw their first tokens without replacement; empty where they can."""
    if tells_siblings_apart(draft):
        return "each is asked by a prompt of its own"
    match draft.asks.shape if draft.asks else schema.Text():
        case schema.Text():
            return ""
        case schema.Items():
            return "each is asked after those before it"
        case _:
            return "an answer of that shape begins as its form has it"


def tells_siblings_apart(draft: Draft) -> bool:
    """Whether siblings are asked for by prompts of their own."""
    return draft.template is not None and not {ORDINAL, EXAMPLES}.isdisjoint(draft.template.variables)
