"""What code leaves behind: processes, threads, descriptors and shared memory that were not there before it ran.

All but threads is read from /proc, and so only seen on Linux. What multiprocessing and loky keep for the life of the
process is no leftover: their helper processes, and the heap of `Value` and `Array`. Nor is shared memory of processes
that are not of this tree: the semaphores of this one bear its id in their names.
"""

import gc
import multiprocessing
import os
import re
import signal
import threading
import time
from contextlib import suppress
from typing import Any

GRACE_S = 5.0
"""What was started may take so long to be gone."""
SHARED_MEMORY = "/dev/shm/"  # noqa: S108 - where Linux shows segments and semaphores by name


def left_behind(before: set[str]) -> set[str]:
    """What is there now and was not `before`, after some time to go."""
    ends = time.monotonic() + GRACE_S
    left = new_since(before)
    if left:
        gc.collect()  # objects in cycles may hold descriptors
    while left and time.monotonic() < ends:
        time.sleep(0.02)
        left &= new_since(before)  # other programs' shared memory comes and goes
    return left


def new_since(before: set[str]) -> set[str]:
    """What is there at this moment and was not `before`, but for the shared memory of others."""
    left = present() - before
    if any(each.startswith(SHARED_MEMORY) for each in left):
        theirs = _mapped_by_others()
        left = {each for each in left if each not in theirs and _maker(each) in (None, os.getpid())}
    return left


def may_be_of_another(left: str) -> bool:
    """Whether it is shared memory whose name does not say which process made it."""
    return left.startswith(SHARED_MEMORY) and _maker(left) is None


def _maker(left: str) -> int | None:
    """The id of a process in the name of shared memory; 0 for a stranger's, None where the name tells nothing."""
    named = re.search(r"(?:loky-|folder_|bench-)(\d+)[-_]|sem\.mp-(\d+)-", left)
    if named is None:
        return 0 if "/sem.mp-" in left else None  # of a process that has not signed its semaphores
    return int(named[1] or named[2])


def _sign_semaphores() -> None:
    """Have the semaphores of this process and of its children bear its id, as `SemLock._make_name` takes it from here."""
    config: dict[str, Any] = vars(multiprocessing.current_process())["_config"]
    config["semprefix"] = f"/mp-{os.getpid()}-"


def present() -> set[str]:
    """What this process has and could leave behind, each as text.

    Helper processes are left out, with the pipes to them.
    """
    _sign_semaphores()
    found = {f"thread {each.name} ({each.ident})" for each in threading.enumerate()}
    if not os.path.isdir("/proc/self/fd"):
        return found
    helpers = _helpers()
    to_helpers = {link for pid in helpers for link in _descriptors(pid).values() if link.startswith("pipe:")}
    found |= {f"process {pid}" for pid in processes()}
    descriptors = {number: link for number, link in _descriptors("self").items() if link not in to_helpers}
    # multiprocessing.heap calls its files so, and uses them again for the next Value or Array
    found |= {f"descriptor {number} of {link}" for number, link in descriptors.items() if "/pym-" not in link}
    return found | {SHARED_MEMORY + name for name in os.listdir(SHARED_MEMORY)}


def processes() -> set[int]:
    """Ids of all descendants of this process but the helpers of multiprocessing."""
    return set(_descendants()) - _helpers()


def _helpers() -> set[int]:
    return {pid for pid in _children(os.getpid()) if _is_helper(pid)}


def _is_helper(pid: int) -> bool:
    with suppress(OSError), open(f"/proc/{pid}/cmdline", "rb") as file:
        return file.read().partition(b" import main")[0].endswith((b"resource_tracker", b"forkserver"))
    return False


def _descendants() -> list[int]:
    found = [os.getpid()]
    for pid in found:  # grows while it is gone through
        found += _children(pid)
    return found[1:]


def _children(pid: int) -> list[int]:
    found: list[int] = []
    with suppress(OSError):
        for thread in os.listdir(f"/proc/{pid}/task"):
            with suppress(OSError), open(f"/proc/{pid}/task/{thread}/children", encoding="ascii") as file:
                found += map(int, file.read().split())
    return found


def _descriptors(pid: int | str) -> dict[str, str]:
    found = {}
    with suppress(OSError):
        for number in os.listdir(f"/proc/{pid}/fd"):
            with suppress(OSError):  # the one that lists the folder is closed by now
                found[number] = os.readlink(f"/proc/{pid}/fd/{number}")
    return found


def _mapped_by_others() -> set[str]:
    """Shared memory in use by processes that are not of this tree: tests run beside each other."""
    ours = {os.getpid(), *_descendants()}
    found = set()
    for pid in filter(str.isdecimal, os.listdir("/proc")):
        if int(pid) not in ours:
            with suppress(OSError), open(f"/proc/{pid}/maps", encoding="utf-8", errors="replace") as file:
                found |= {line.split(maxsplit=5)[5].strip() for line in file if SHARED_MEMORY in line}
    return found


def end_processes(left: set[str]) -> None:
    """So that the tests that follow do not find them, and pytest does not wait for them at its end."""
    for each in left:
        kind, _, pid = each.partition(" ")
        if kind == "process":
            with suppress(OSError):
                os.kill(int(pid), signal.SIGKILL)
                os.waitid(os.P_PID, int(pid), os.WEXITED | os.WNOWAIT)  # who started it may want to reap it
