"""Jinja templates as values: text with holes, rendered in a sandbox; what a model wrote stays data."""

from tgc.template.template import Template, fielded, load, scope

__all__ = ["Template", "fielded", "load", "scope"]
