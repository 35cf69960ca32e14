"""YAML 1.2 text as plain values, with the exact place of every one of them."""

from tgc.source.document import Document
from tgc.source.extent import span
from tgc.source.files import is_directory, is_file, leads_out, read
from tgc.source.include import SUFFIXES, assemble
from tgc.source.override import override
from tgc.source.parser import load, parse

__all__ = [
    "SUFFIXES",
    "Document",
    "assemble",
    "is_directory",
    "is_file",
    "leads_out",
    "load",
    "override",
    "parse",
    "read",
    "span",
]
