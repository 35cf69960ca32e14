"""Plain values as YAML 1.2 text."""

import yaml

from tgc.source.yaml12 import Loader

WIDTH = 100


class _Dumper(yaml.SafeDumper):
    """Quotes what YAML 1.2 would read as something else than text, and nothing more."""

    yaml_implicit_resolvers = Loader.yaml_implicit_resolvers

    def represent_scalar(self, tag: str, value: str, style: str | None = None) -> yaml.ScalarNode:
        """A scalar; line breaks are escaped, so that they stand out."""
        return super().represent_scalar(tag, value, style='"' if "\n" in value else style)

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - PyYAML's signature
        """Always: what is said twice is written twice."""
        return True


def write(value: object) -> str:
    """YAML that `parse` reads as the same value; keys stay in their order.

    >>> print(write({"name": "x", "vars": {"on": "no", "size": "1_000"}, "stop": ["a", "b"]}), end="")
    name: x
    vars: {on: no, size: '1_000'}
    stop: [a, b]
    """
    text: str = yaml.dump(
        value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, default_flow_style=None, width=WIDTH
    )
    return text
