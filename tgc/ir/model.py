"""Models with everything that identifies them."""

from dataclasses import dataclass

from tgc.origin import Origin


@dataclass(frozen=True, slots=True)
class Model:
    """Which weights write.

    Attributes:
        id: as the recipe names it; of several, all of them: `0.7 a + 0.3 b + an-adapter`.
        origin: what a backend opens.
        digest: what counts as identity.
        context: the longest prompt and completion together, in tokens; None when the model does not say.
        chats: whether it has a chat template, as far as can be told; a base model has none.
        loose: what of it is known by name alone, as named in the recipe.
        vocabulary: how many tokens there are to draw from; None when the model does not say.
    """

    id: str
    origin: Origin
    digest: str
    context: int | None
    chats: bool = True
    loose: tuple[str, ...] = ()
    vocabulary: int | None = None
