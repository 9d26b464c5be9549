"""The machine's memory, bytes."""

import os

import psutil


def available_bytes() -> int:
    """What can be had without swapping."""
    return int(psutil.virtual_memory().available)


def total_bytes() -> int:
    """All of it."""
    try:
        return int(psutil.virtual_memory().total)
    except OSError:  # /proc/meminfo is hidden (subset=pid)
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
