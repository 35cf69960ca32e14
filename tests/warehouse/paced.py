"""A build by an echo that takes a step for every line it is given, and goes slowly to its end when no more come.

`python -m tests.warehouse.paced RECIPE`
"""

import sys
import time
from pathlib import Path

from tests.echo import Echo, EchoSession
from tgc import driver
from tgc.backends.base import Completion, Failure
from tgc.executor.watch import Silent
from tgc.origin import Origin


class Pace(EchoSession):
    """Says `ready` and waits before each step."""

    def step(self) -> list[Completion | Failure]:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        if not sys.stdin.readline():
            time.sleep(0.02)
        return super().step()


class Paced(Echo):
    """Takes its time."""

    def open(self, origin: Origin) -> Pace:
        return Pace(self._asked, self.failing, self.room)


if __name__ == "__main__":
    outcome = driver.build(driver.check(Path(sys.argv[1])), Silent(), Paced())
    sys.exit(outcome is None or outcome.status != "done")
