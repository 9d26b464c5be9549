"""A process to try things on: it burns CPU for as long as it is looked at, and ends with who looks, or by itself, whatever happens."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bench.accounting.kernel import die_with_parent

_SCRIPT = """\
import sys, time
sys.stdout.write("x"); sys.stdout.flush()
end_s = time.monotonic() + 5
while time.monotonic() < end_s: pass
"""
_SETTLE_S = 0.01


@contextmanager
def burning() -> Iterator[int]:
    """The id of a process that burns; it is gone when the context ends."""
    command = [sys.executable, "-I", "-S", "-c", _SCRIPT]
    with subprocess.Popen(command, stdout=subprocess.PIPE, preexec_fn=die_with_parent) as process:  # noqa: PLW1509
        try:
            assert process.stdout is not None
            process.stdout.read(1)
            time.sleep(_SETTLE_S)
            yield process.pid
        finally:
            process.kill()
