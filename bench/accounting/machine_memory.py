"""The machine's memory, bytes."""

import psutil


def available_bytes() -> int:
    """What can be had without swapping."""
    return int(psutil.virtual_memory().available)


def total_bytes() -> int:
    """All of it."""
    return int(psutil.virtual_memory().total)
