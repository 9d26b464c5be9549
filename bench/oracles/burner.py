"""Burn a known amount of CPU in short-lived children, and say how much.

    burner.py ENDING CHILDREN MILLISECONDS PARALLEL

ENDING is how each child leaves:
  reaped    the parent waits for it
  unreaped  the parent exits first and leaves it (a zombie, then an orphan)
  ignored   the parent ignores SIGCHLD, so the kernel reaps it and keeps no rusage
  orphaned  a double fork: the grandchild burns, its parent is gone

The last line printed is the truth in CPU-seconds: the sum of every child's own reading of its CPU clock, and the
parent's. What creating and ending a child costs the kernel (about 0.25 ms) comes on top: measure it with
MILLISECONDS 0 and subtract. Standard library, Linux and macOS.
"""

import os
import signal
import sys
import time

ENDINGS = ("reaped", "unreaped", "ignored", "orphaned")


def burn(seconds: float, truth: int) -> None:
    """Use the CPU up to so many seconds of this process's own clock, tell the pipe `truth` how many, and end."""
    while time.process_time() < seconds:
        pass
    os.write(truth, b"%.6f\n" % time.process_time())
    os._exit(0)


def start_child(ending: str, seconds: float, truth: int) -> None:
    """Fork a child that burns."""
    if os.fork():
        return
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    if ending == "orphaned" and os.fork():
        os._exit(0)
    burn(seconds, truth)


def main(ending: str, children: int, seconds: float, parallel: int) -> None:
    """Start all children, so many at a time, and print the sum of what they say they used."""
    if ending not in ENDINGS:
        sys.exit(f"burner: unknown ending {ending!r}")
    readings, truth = os.pipe()
    if ending == "ignored":
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    total = 0.0
    pending = b""
    finished = started = 0
    while finished < children:
        while started < children and started - finished < parallel:
            start_child(ending, seconds, truth)
            started += 1
        pending += os.read(readings, 65536)  # a child's last act before it exits
        *lines, pending = pending.split(b"\n")
        total += sum(map(float, lines))
        finished += len(lines)
        if ending in ("reaped", "orphaned"):
            for _ in lines:
                os.wait()
    sys.stdout.write(f"{total + time.process_time():.6f}\n")
    sys.stdout.flush()
    if ending == "unreaped":
        os._exit(0)


if __name__ == "__main__":
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]) / 1000, int(sys.argv[4]))
