"""YAML 1.2 text as plain values, with the exact place of every one of them."""

from tgc.source.document import Document, is_directory, is_file, load, parse, read, span

__all__ = ["Document", "is_directory", "is_file", "load", "parse", "read", "span"]
