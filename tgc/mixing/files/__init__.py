"""Rows of the user's own files, kept on disk until they are written."""
