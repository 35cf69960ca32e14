"""What is wrong with a row."""


class BadRowError(ValueError):
    """A row is not what its file is said to hold: `reason` is the same for all of its kind, `detail` its own.

    `hint` is what would be right, if somebody knows.
    """

    def __init__(self, reason: str, detail: str = "", hint: str | None = None) -> None:
        super().__init__(f"{reason}{detail}")
        self.reason = reason
        self.hint = hint
