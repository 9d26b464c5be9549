"""Too much or too little of what a process has: disk, memory, descriptors, its folder, its output."""

import os
import sys
from collections.abc import Sequence
from random import Random
from typing import Any

from bench import WrongResult

from .striking import Turn, fault, its_number, tell

MEGABYTE = 1_000_000
RESULT_BYTES = 200 * MEGABYTE
GRANTED_BYTES = 1 << 30


@fault("a full disk")
def fills_the_disk(turn: Turn) -> int:
    """Write to a device that is full: OSError, no space left on device."""
    if turn.strikes:
        with open("/dev/full", "wb", buffering=0) as file:
            tell()
            file.write(bytes(MEGABYTE))
    return turn.number


@fault("out of memory (MemoryError)")
def wants_too_much_memory(turn: Turn) -> int:
    """Ask for 2 GiB where the process may have 1 GiB of addresses, which is taken back afterwards: MemoryError."""
    if turn.strikes:
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_AS)
        granted = GRANTED_BYTES if hard == resource.RLIM_INFINITY else min(hard, GRANTED_BYTES)
        tell()
        resource.setrlimit(resource.RLIMIT_AS, (granted, hard))
        try:
            bytes(2 * GRANTED_BYTES)
        finally:
            resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
    return turn.number


def two_strike(_: int, rng: Random) -> list[Turn]:
    """The inputs for big results."""
    return [Turn(0, strikes=True), Turn(1, strikes=True)]


def both_are_whole(_: Any, results: Sequence[bytes]) -> None:
    """Both results have all their bytes."""
    for number, found in enumerate(results):
        if type(found) is not bytes or len(found) != RESULT_BYTES:
            raise WrongResult(f"task {number} did not give its {RESULT_BYTES} bytes")


@fault("results of 200 MB each", inputs=two_strike, check=both_are_whole)
def gives_200_megabytes(turn: Turn) -> bytes:
    """Give back 200 MB of bytes."""
    tell()
    return bytes(RESULT_BYTES)


@fault("closes descriptors 0 to 255", right=its_number)
def closes_descriptors(turn: Turn) -> int:
    """Close all descriptors from 0 to 255, those of its process's pipes and queues among them."""
    if turn.strikes:
        tell()
        os.closerange(0, 256)
    return turn.number


@fault("prints a gigabyte", right=its_number)
def prints_a_gigabyte(turn: Turn) -> int:
    """Print a thousand times a million characters."""
    if turn.strikes:
        tell()
        for _ in range(1000):
            sys.stdout.write("x" * (MEGABYTE - 1) + "\n")
        sys.stdout.flush()
    return turn.number


@fault("changes the current folder", right=lambda found: found is True)
def changes_directory(turn: Turn) -> int | bool:
    """Change to the folder `/`, and give back whether the process is there."""
    if turn.strikes:
        tell()
        os.chdir("/")
        return os.getcwd() == "/"
    return turn.number
