"""The ways in which a model can be run, by what it is on."""

from importlib.util import find_spec

from transformers import PreTrainedModel

from tgc.engine.way import PLAIN, Way


def ways(model: PreTrainedModel) -> list[Way]:
    """The ways for the device that a model is on, the fastest first."""
    places = {parameter.device for parameter in model.parameters()}
    if places == {model.device} and model.device.type == "cuda" and find_spec("triton"):
        from tgc.engine.cuda.way import GRAPHS

        return [GRAPHS, PLAIN]
    return [PLAIN]
