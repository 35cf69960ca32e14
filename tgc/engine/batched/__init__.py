"""Texts side by side as any model of transformers takes them."""
