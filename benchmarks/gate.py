"""What the gate watches of the tool itself: how long it takes to start, which its users feel each time.

python -m bench check --base HEAD~1 benchmarks/gate.py

Each task starts a fresh interpreter in the folder of its arm, so it is that revision's `bench` which is loaded.
"""

import subprocess
import sys

from bench import workload


@workload(inputs=lambda size, _: [["-c", "import bench"]] * size, scales={"standard": 1}, bound="cpu")
def import_bench(arguments):
    """Import the public API in a fresh interpreter."""
    return _started(arguments)


@workload(inputs=lambda size, _: [["-m", "bench", "--help"]] * size, scales={"standard": 1}, bound="cpu")
def show_help(arguments):
    """Show the help of the command line."""
    return _started(arguments)


def _started(arguments):
    return subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL).returncode
