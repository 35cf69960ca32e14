"""Runs steps as CUDA graphs: hundreds of kernels by one launch."""

from collections.abc import Callable
from logging import getLogger

import torch
from torch import Tensor

from tgc.engine.cuda.step import Step

Runs = Callable[[Step], Tensor]


class Graphs:
    """Steps by graphs: run as they are the first time, which compiles kernels, and captured the second."""

    def __init__(self) -> None:
        self._known: dict[Step, tuple[torch.cuda.CUDAGraph, Tensor] | None] = {}
        self._refused = False
        self._pool = torch.cuda.graph_pool_handle()

    def __call__(self, step: Step) -> Tensor:
        """The logits of a step, which the next may overwrite."""
        if self._refused or step not in self._known:
            self._known.setdefault(step)
            return step.run()
        captured = self._known[step] or self._capture(step)
        if captured is None:
            return step.run()
        graph, logits = captured
        graph.replay()
        return logits

    def _capture(self, step: Step) -> tuple[torch.cuda.CUDAGraph, Tensor] | None:
        """A graph of a step, and where its logits will be; None where the model's code cannot be captured."""
        graph = torch.cuda.CUDAGraph()
        try:
            with torch.cuda.graph(graph, pool=self._pool):
                logits = step.run()
        except RuntimeError as error:
            self._refused = True
            getLogger(__name__).warning(
                "the model runs without CUDA graphs, and slower: %s", _first_line(error)
            )
            return None
        self._known[step] = graph, logits
        return graph, logits


def eagerly(step: Step) -> Tensor:
    """The logits of a step, kernel by kernel."""
    return step.run()


def _first_line(error: BaseException) -> str:
    return str(error).partition("\n")[0]
