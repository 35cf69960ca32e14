"""Whoever loses patience with a query is heard."""

import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.warehouse.stranger import NEVER_ENDS
from tgc.warehouse import Warehouse

ASKING = """\
import pathlib, signal, sys
import tgc.warehouse
signal.signal(signal.SIGINT, signal.default_int_handler)
with tgc.warehouse.read(pathlib.Path(sys.argv[1])) as reader:
    print("asked", flush=True)
    reader.sql(sys.argv[2])
"""


def test_an_interruption_stops_a_query_of_a_file(path: Path) -> None:
    Warehouse.open(path).__exit__(None, None, None)
    command = [sys.executable, "-c", ASKING, str(path), NEVER_ENDS]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as asking:
        assert asking.stdout is not None
        assert asking.stdout.readline() == "asked\n"
        time.sleep(0.2)
        asking.send_signal(signal.SIGINT)
        try:
            _, said = asking.communicate(timeout=60)
        finally:
            asking.kill()
    assert said.splitlines()[-1] == "KeyboardInterrupt"
