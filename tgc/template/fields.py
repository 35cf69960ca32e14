"""A value with fields, as a template sees it: a text like any other that has fields besides."""

import json
from typing import Any, SupportsIndex


class Fields(str):
    """`{{ topic }}` is its text, `{{ topic.era }}` a field; the sandbox asks for fields before `str`'s own.

    >>> topic = Fields("jazz", '{"title": "Jazz, a history"}')
    >>> topic == "jazz", topic[0], topic["title"]
    (True, 'j', 'Jazz, a history')
    """

    __slots__ = ("_fields",)

    _fields: dict[str, object]

    def __new__(cls, text: str, data: str = "{}") -> "Fields":
        """The text, with the fields of a JSON object."""
        value = super().__new__(cls, text)
        value._fields = json.loads(data)
        return value

    def __getitem__(self, key: str | SupportsIndex | slice) -> Any:  # noqa: ANN401 - what a data file holds
        """A field by its name, or a part of the text."""
        return self._fields[key] if isinstance(key, str) else super().__getitem__(key)
