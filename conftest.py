"""What has to do with Triton is looked at only where that is installed."""

from importlib.util import find_spec

collect_ignore_glob = [] if find_spec("triton") else ["tgc/engine/cuda/*"]
