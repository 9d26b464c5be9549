"""Whether the processor's own counters can be read: instructions, cycles, cache misses. Linux's perf_event_open(2).

Nothing here counts by them yet; where they work, they could.
"""

import ctypes
import os
import platform
import struct
import sys

from bench.errors import Unavailable

_NUMBERS = {"x86_64": 298, "i686": 336, "aarch64": 241, "riscv64": 241, "ppc64le": 319, "s390x": 331}
"""Of the system call, which no C library wraps, by machine."""
_SIZE = 64
"""PERF_ATTR_SIZE_VER0: every kernel that has the call takes it."""
_HARDWARE, _CYCLES = 0, 0
_USER_SPACE_ONLY = 1 << 0 | 1 << 5 | 1 << 6
"""Disabled until asked for; without the kernel's and a hypervisor's share."""
_CLOSE_ON_EXEC = 8


def refusal() -> OSError | None:
    """Why a counter of this process's own cycles does not open; None if it does.

    Raises:
        Unavailable: where the system has no such counters, or the call's number is not known.
    """
    if sys.platform != "linux":
        raise Unavailable(f"perf_event_open needs Linux, and this is {sys.platform}")
    number = _NUMBERS.get(platform.machine())
    if number is None or (platform.machine() == "x86_64" and ctypes.sizeof(ctypes.c_void_p) != 8):
        raise Unavailable(f"the number of perf_event_open on {platform.machine()} is not known here")
    wanted = struct.pack("=IIQQQQQ", _HARDWARE, _SIZE, _CYCLES, 0, 0, 0, _USER_SPACE_ONLY).ljust(_SIZE, b"\0")
    library = ctypes.CDLL(None, use_errno=True)
    descriptor = library.syscall(
        ctypes.c_long(number), wanted, ctypes.c_int(0), ctypes.c_int(-1), ctypes.c_int(-1), ctypes.c_ulong(_CLOSE_ON_EXEC)
    )  # fmt: skip
    if descriptor < 0:
        code = ctypes.get_errno()
        return OSError(code, os.strerror(code))
    os.close(descriptor)
    return None
