"""Where the weights of a model come from: one place, others averaged into it, and an adapter on top."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Origin:
    """What a backend loads.

    Attributes:
        source: a local directory or a hub id; of a model, its configuration, tokenizer and chat template hold.
        revision: the branch, tag or commit of a hub id.
        merge: models averaged into it, and what share of the whole each is; it is itself the rest.
        adapter: what is put on top of the whole.
    """

    source: str
    revision: str | None = None
    merge: tuple[tuple["Origin", float], ...] = ()
    adapter: "Origin | None" = None
