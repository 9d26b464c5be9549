"""What only the kernel can promise: about parents and children, and being woken in time. Elsewhere these do nothing.

Calls of prctl(2), personality(2) and sched_setattr(2), which no library here wraps. Linux alone has them.
"""

import contextlib
import ctypes
import os
import platform
import signal
import struct
import sys

_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER, _PR_GET_CHILD_SUBREAPER = 1, 36, 37  # linux/prctl.h
_ADDR_NO_RANDOMIZE, _ASK_PERSONALITY = 0x0040000, 0xFFFFFFFF  # personality(2)
_SCHED_SETATTR = {"x86_64": 314, "aarch64": 274}
_RESET_ON_FORK, _SLICE_NS = 1, 100_000
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def adopt_orphans() -> None:
    """Make this process the parent of descendants whose own parent ends."""
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def disown_orphans() -> None:
    """Take that back: orphans go to another process again."""
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


def is_subreaper() -> bool:
    """Whether this process adopts orphans."""
    if _LIBC is None:
        return False
    answer = ctypes.c_int(0)
    return bool(_LIBC.prctl(_PR_GET_CHILD_SUBREAPER, ctypes.byref(answer), 0, 0, 0) == 0 and answer.value)


def die_with_parent() -> None:
    """Have this process killed when its parent ends, however that ends."""
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def go_on_without_parent() -> None:
    """Have this process let go on when its parent ends, if it was stopped: it would never find out, nor end what it started."""
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGCONT, 0, 0, 0)


def own_its_orphans_and_die_with_parent() -> None:
    """Both of the above for a process that is about to become Python; the first is kept when it does (prctl(2))."""
    adopt_orphans()
    die_with_parent()


def fix_addresses() -> None:
    """Have the program that this process is about to become, and all that it starts, laid out at the same addresses each time.

    Where that is not allowed (some containers), they stay random.
    """
    if _LIBC is not None:
        _LIBC.personality(_LIBC.personality(_ASK_PERSONALITY) | _ADDR_NO_RANDOMIZE)


def be_prompt() -> str:
    """Have this process run as soon as it wakes, and not the ones that it starts; says by what.

    `real time` where we may (root), else `short slice` (Linux 6.12 and newer), else `normal`. With 64 busy processes on
    the two cores here, 99 of 100 wake-ups were late by at most 0.06, 20 and 43 ms; with two, 0.07, 3.7 and 4.2 ms.
    """
    if hasattr(os, "SCHED_FIFO"):
        with contextlib.suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_FIFO | os.SCHED_RESET_ON_FORK, os.sched_param(1))
            return "real time"
    number = _SCHED_SETATTR.get(platform.machine())
    if _LIBC is None or number is None or os.getpriority(os.PRIO_PROCESS, 0) < 0:
        return "normal"
    # struct sched_attr: size, policy, flags, nice, priority, runtime, deadline, period
    attributes = struct.pack("IIQiIQQQ", 48, 0, _RESET_ON_FORK, os.getpriority(os.PRIO_PROCESS, 0), 0, _SLICE_NS, 0, 0)
    return "short slice" if _LIBC.syscall(number, 0, attributes, 0) == 0 else "normal"


def be_normal() -> None:
    """Take back what `be_prompt` did."""
    if hasattr(os, "SCHED_OTHER"):
        with contextlib.suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
