"""Hold a known amount of memory in a process tree, and say how much.

    memory_truth.py shared  MIB READERS SECONDS   MIB touched, then READERS forks only read it: the tree holds MIB
    memory_truth.py private MIB READERS SECONDS   each fork writes its own copy: the tree holds MIB x (1 + READERS)
    memory_truth.py spike   MIB 0 SECONDS         after SECONDS/2, MIB are populated and given back at once

Prints the truth in MiB, anonymous memory alone: interpreters add a few MiB a process. Standard library, Linux.
"""

import mmap
import os
import sys
import time

PAGE = mmap.PAGESIZE
KINDS = ("shared", "private", "spike")


def touched(mib: int) -> mmap.mmap:
    """So many MiB, every page written to."""
    block = mmap.mmap(-1, mib << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    for offset in range(0, mib << 20, PAGE):
        block[offset] = 1
    return block


def hold(kind: str, mib: int, readers: int, seconds: float) -> None:
    """Touch the memory, let forked readers read or write all of it, and keep it for so long."""
    block = touched(mib)
    children = []
    for _ in range(readers):
        child = os.fork()
        if child == 0:
            for offset in range(0, mib << 20, PAGE):
                if kind == "private":
                    block[offset] = 2
                elif block[offset] != 1:
                    os._exit(1)
            time.sleep(seconds)
            os._exit(0)
        children.append(child)
    for child in children:
        os.waitpid(child, 0)


def spike(mib: int, seconds: float) -> None:
    """Hold nothing but for a moment in the middle."""
    time.sleep(seconds / 2)
    mmap.mmap(-1, mib << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | mmap.MAP_POPULATE).close()
    time.sleep(seconds / 2)


def main(kind: str, mib: int, readers: int, seconds: float) -> None:
    """Print the truth, then hold the memory."""
    sys.stdout.write(f"{mib * (1 + readers) if kind == 'private' else mib}\n")
    sys.stdout.flush()
    if kind == "spike":
        spike(mib, seconds)
    else:
        hold(kind, mib, readers, seconds)


if __name__ == "__main__":
    if len(sys.argv) != 5 or sys.argv[1] not in KINDS:
        sys.exit(__doc__)
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]))
