"""The torch engine: tokens in, tokens out; it knows no recipes."""
