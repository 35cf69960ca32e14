"""The tree of prompts: what is read once for many, in which pages, and what to do next."""
