"""Several devices as one session: a process for each, and requests that share a beginning kept together."""

from tgc.backends.workers.session import Workers

__all__ = ["Workers"]
