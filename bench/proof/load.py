"""A neighbour for a while: processes that use a CPU in random stretches, half of the time."""

import contextlib
import subprocess
import sys
from collections.abc import Iterator

from bench.machine.guardian import guard

_BURNER = """\
import random, sys, time
rng = random.Random(int(sys.argv[1]))
while True:
    end = time.monotonic() + rng.uniform(0.1, 2)
    while time.monotonic() < end:
        sum(range(1000))
    time.sleep(rng.uniform(0.1, 2))
"""


@contextlib.contextmanager
def neighbours(number: int) -> Iterator[None]:
    """So many of them, for as long as the context lasts."""
    burners = [
        subprocess.Popen([sys.executable, "-I", "-c", _BURNER, str(seed)], preexec_fn=guard)  # noqa: PLW1509
        for seed in range(number)
    ]
    try:
        yield
    finally:
        for each in burners:
            each.terminate()
        for each in burners:
            each.wait()
