"""Jinja templates as values: text with holes, rendered in a sandbox; what a model wrote stays data."""

from tgc.template.template import Template, load, scope

__all__ = ["Template", "load", "scope"]
