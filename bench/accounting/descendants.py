"""Looks for descendants of this process, waits for their end, and ends them. By psutil, on every system."""

import contextlib
import os
import re
import time
from collections.abc import Callable, Iterable

import psutil

from bench.errors import MeasurementError

Reap = Callable[[int], object]
"""Waits for a child of this process that has ended; gets its id."""
_GRACE_S, _TRACKERS_S, _GIVE_UP_S = 0.5, 2.0, 10.0
_TRACKER = re.compile(r"from [\w.]*resource_tracker import main")
"""What the helpers of multiprocessing and of loky are started with."""
_SECOND_LOOK_S, _LONGEST_PAUSE_S = 0.005, 0.05


def _wait_for(pid: int) -> None:
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)


def why_blind() -> str:
    """Why descendants cannot be found here; empty if they can."""
    try:
        psutil.Process().create_time()
    except (OSError, psutil.Error) as error:
        return f"psutil cannot tell processes apart: {error}; is /proc mounted with subset=pid?"
    return ""


def check_sight() -> None:
    """Raise `MeasurementError` where descendants cannot be found."""
    if reason := why_blind():
        raise MeasurementError(f"nothing can be measured safely here: {reason}")


def descendants(excluded: Iterable[int] = (), reap: Reap = _wait_for) -> list[psutil.Process]:
    """Living descendants of this process, but those in `excluded` and below them.

    None are reported only if two looks find none: a process whose parent ends while the first one is taken belongs to
    neither the old parent nor the new.
    """
    found = _look(excluded, reap)
    if not found:
        time.sleep(_SECOND_LOOK_S)
        found = _look(excluded, reap)
    return found


def _look(excluded: Iterable[int], reap: Reap) -> list[psutil.Process]:
    return [each for each in below(excluded) if not _ended(each, reap)]


def below(excluded: Iterable[int]) -> list[psutil.Process]:
    """Descendants of this process, zombies with them, but those in `excluded` and below them.

    Raises:
        psutil.Error: if this process cannot be looked at.
    """
    left_out = set(excluded)
    found = []
    for process in psutil.Process().children(recursive=True):  # parents come before their children
        with contextlib.suppress(psutil.Error):
            if process.pid in left_out or process.ppid() in left_out:
                left_out.add(process.pid)
            else:
                found.append(process)
    return found


def there_are() -> list[int]:
    """Ids of the descendants of this process, also of those that have ended and that whoever started them has yet to wait for."""
    return [each.pid for each in below(())]


def await_end(excluded: Iterable[int], limit_s: float, reap: Reap = _wait_for) -> list[psutil.Process]:
    """Wait until no descendant is left but the excluded; give back those that are there after `limit_s`."""
    excluded = list(excluded)
    deadline = time.monotonic() + limit_s
    pause_s = _SECOND_LOOK_S
    while (left := descendants(excluded, reap)) and time.monotonic() < deadline:
        time.sleep(pause_s)
        pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)  # looking costs the CPU that they may need to end
    return left


def end_descendants(excluded: Iterable[int] = (), reap: Reap = _wait_for) -> int:
    """Ask all descendants but the excluded to end, then kill them, until none is left; give back how many there were.

    The resource trackers of multiprocessing and loky come last and are not counted: once nobody is left who uses them,
    they remove the semaphores, shared memory and folders of the killed ones, and leave. What cannot be killed (it waits
    for a device, or belongs to another user) is given up after ten seconds.
    """
    excluded = list(excluded)
    asked: set[int] = set()
    trackers: dict[int, bool] = {}
    began = alone = time.monotonic()
    while (left := descendants(excluded, reap)) and time.monotonic() < began + _GIVE_UP_S:
        others = [each for each in left if not trackers.setdefault(each.pid, _is_tracker(each))]
        now = time.monotonic()
        alone = now if others else alone
        for process in others or left:
            with contextlib.suppress(psutil.Error):
                if now > (began + _GRACE_S if others else alone + _TRACKERS_S):
                    process.kill()
                elif others and process.pid not in asked:
                    process.terminate()
        asked.update(process.pid for process in others)
        time.sleep(0.01)
    return len(asked)


def is_stopped(pid: int) -> bool:
    """Whether a process was stopped by a signal, and not let go on."""
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_STOPPED)
    except psutil.Error:
        return False


def _is_tracker(process: psutil.Process) -> bool:
    try:
        return any(_TRACKER.match(each) for each in process.cmdline())
    except psutil.Error:
        return False


def _ended(process: psutil.Process, reap: Reap) -> bool:
    """Whether it is gone or only waits to be reaped; if it is this process's to reap, that is done."""
    try:
        if process.status() != psutil.STATUS_ZOMBIE:
            return False
        if process.ppid() == os.getpid():
            reap(process.pid)
    except psutil.Error:
        pass
    return True
