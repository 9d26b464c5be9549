"""Keeps all cores at work for a known time.

    python accounting_load.py WORKERS SECONDS FILE

It makes FILE when all workers run, and prints the CPU-seconds they used. Standard library only.
"""

import os
import resource
import sys
import time


def burn(seconds):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        pass
    os._exit(0)


def main(workers, seconds, file):
    for _ in range(workers):
        if os.fork() == 0:
            burn(seconds)
    open(file, "x").close()
    for _ in range(workers):
        os.wait()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"{used.ru_utime + used.ru_stime:.6f}", flush=True)


main(int(sys.argv[1]), float(sys.argv[2]), sys.argv[3])
