"""How a model is run on one GPU: by kernels of ours, and graphs of them."""

from transformers import PreTrainedModel

from tgc.engine.cuda.captured import Graphs, eagerly
from tgc.engine.cuda.decoder import Decoder
from tgc.engine.cuda.sampling import advance
from tgc.engine.way import Way


def _by_graphs(model: PreTrainedModel, pages: int, _: int) -> Decoder:
    return Decoder(model, pages, Graphs())


def _kernel_by_kernel(model: PreTrainedModel, pages: int, _: int) -> Decoder:
    return Decoder(model, pages, eagerly)


GRAPHS = Way(_by_graphs, advance)
KERNELS = Way(_kernel_by_kernel, advance)
"""The same, with every kernel launched from Python: what graphs are measured against, and tested on a CPU."""
