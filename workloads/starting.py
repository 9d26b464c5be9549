"""Workers that do nothing but read the clock, started from a process that holds nothing, or much memory."""

import time
from functools import cache
from random import Random

from bench import workload
from bench.patterns.start import Starts

HELD_BYTES = 500_000_000


def starts(count: int, _: Random) -> Starts:
    """So many workers."""
    return Starts(count)


def starts_while_holding(count: int, _: Random) -> Starts:
    """So many workers of a process that holds memory; inputs are made outside of any round's time."""
    held(HELD_BYTES)
    return Starts(count)


@cache
def held(size_bytes: int) -> bytes:
    """Memory that this process holds from now on, every page written: a fork copies the tables of such pages."""
    return b"\x01" * size_bytes


@workload(pattern="start", inputs=starts, scales={"quick": 10, "standard": 30})
def start_empty() -> float:
    """Workers are started from a process that holds nothing."""
    return time.perf_counter()


@workload(pattern="start", inputs=starts_while_holding, scales={"quick": 2, "standard": 4})
def start_holding() -> float:
    """Workers are started from a process that holds 500 MB."""
    return time.perf_counter()
