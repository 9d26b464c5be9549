"""Waiting until descriptors can be read or written: the one place that asks the system for it. Standard library only."""

import math
import select
from collections.abc import Sequence

_SELECT_HOLDS = 1024
"""FD_SETSIZE: what is numbered higher, as where a parent leaves a thousand files open, `select` cannot take."""


def ready(
    reading: Sequence[int], writing: Sequence[int] = (), timeout_s: float | None = None
) -> tuple[list[int], list[int]]:
    """Those of some descriptors that can be read, and those that can be written; none where that takes longer than `timeout_s`.

    One whose other end is gone, or that has an error, counts as ready: reading or writing says what it is.

    Raises:
        OSError: if one of them is not open; or `ValueError`, where it is no descriptor at all.
    """
    if max((*reading, *writing), default=0) < _SELECT_HOLDS:  # it counts in microseconds, `poll` in milliseconds
        return select.select(reading, writing, [], timeout_s)[:2]
    poll = select.poll()
    for each in {*reading, *writing}:
        poll.register(each, select.POLLIN * (each in reading) | select.POLLOUT * (each in writing))
    found = {each for each, _ in poll.poll(None if timeout_s is None else math.ceil(timeout_s * 1000))}
    return [each for each in reading if each in found], [each for each in writing if each in found]
