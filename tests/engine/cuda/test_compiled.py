"""Every kernel compiles for an H200, which takes no GPU; in a process where Triton does not interpret."""

import os
import subprocess
import sys

PROGRAM = """
import warnings; warnings.simplefilter("ignore")
import triton
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource
from tgc.engine.cuda.kernels import attending, drawing

SCALARS = {"scale": "fp32", "vocabulary": "i32", "chunks": "i32"}

def compiled(kernel, halves, ints, **constants):
    def kind(name):
        if name in constants:
            return "constexpr"
        if name in halves:
            return "*bf16"
        if name in ints:
            return "*i32"
        return SCALARS.get(name) or ("*i8" if name == "seen" else "i32" if "_" in name else "*fp32")
    names = kernel.arg_names
    source = ASTSource(kernel, {name: kind(name) for name in names},
                       {(names.index(name),): value for name, value in constants.items()})
    return len(triton.compile(source, target=GPUTarget("cuda", 90, 32)).asm["cubin"])

states = {"query", "key", "value", "keys", "values", "out"}
tables = {"slots", "count", "jobs", "pages", "starts", "parts"}
sizes = {"HEADS": 4, "PAGE": 32, "WIDTH": 128, "VALUE_WIDTH": 128, "BLOCK": 128}
merge = {"HEADS": 4, "GROUP": 7, "LINES": 8, "WIDTH": 128, "BLOCK": 128}
assert compiled(attending.remember, states, tables, LINES=4, **sizes)
assert compiled(attending.attend, states, tables, GROUP=7, LINES=32, VALUE_BLOCK=128, **sizes)
assert compiled(attending.unite, states, tables, **merge)
assert compiled(drawing.weigh, (), {"keys", "tokens"}, CHUNK=256)
assert compiled(drawing.settle, (), {"tokens", "drawn"}, BLOCK=64)
"""


def test_every_kernel_compiles_for_an_h200() -> None:
    here = {name: value for name, value in os.environ.items() if name != "TRITON_INTERPRET"}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=here, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
