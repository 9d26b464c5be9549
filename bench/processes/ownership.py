"""A folder that is a process's own for as long as the process lives: told by a lock on it, never by the number of a process.

A number means nothing in another PID namespace (a container beside), and the system gives it again. A lock of flock(2) is the
kernel's: it is seen from every namespace, on control groups as well, and it is released however its holder ends.
"""

import contextlib
import os
import re
from collections.abc import Callable, Iterable, Iterator

_LONGEST, _ENDING, _TRIES = 100, ".new", 20
"""Of a path's own name, in the names of folders beside it; how these end; and how many are tried."""
_BESIDE = re.compile(rf"\.(.+)\.[0-9a-f]{{8}}{re.escape(_ENDING)}", re.DOTALL)


def make_own(names: Iterable[str]) -> tuple[str, int]:
    """Make the first of some folders that is not there yet, and hold it: its path, and the descriptor that holds it.

    Args:
        names: paths, as many as it takes.

    Raises:
        OSError: if it cannot be made.
    """
    for path in names:
        try:
            os.mkdir(path, 0o700)
        except FileExistsError:
            continue
        if (descriptor := _held(path)) is not None:
            return path, descriptor
        with contextlib.suppress(OSError):  # a sweep looked at it at that moment, and may have removed it
            os.rmdir(path)
    raise FileExistsError(f"all names are taken, the last is {path}")


def make_beside(path: str) -> tuple[str, int]:
    """Make and hold a hidden folder beside a path, for what is to take its place; as `make_own`. `is_beside` knows it again."""
    folder, name = os.path.split(path)
    names = (f".{name[:_LONGEST]}.{os.urandom(4).hex()}{_ENDING}" for _ in range(_TRIES))  # a sweep may take some
    return make_own(os.path.join(folder, each) for each in names)


def is_beside(name: str, target: str = "") -> bool:
    """Whether a folder of this name may be one that `make_beside` has made, for a target of this name or, without one, for any."""
    found = _BESIDE.fullmatch(name)
    return found is not None and (not target or found[1] == target[:_LONGEST])


def _held(path: str) -> int | None:
    """A descriptor that holds a fresh folder; None where a sweep has come between, which takes it for abandoned."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    is_locked = lock(descriptor)
    if is_locked is False or (
        is_locked and _is_still_there(path, descriptor)
    ):  # where there are no locks, there are no sweeps
        return descriptor
    os.close(descriptor)
    return None


def _is_still_there(path: str, descriptor: int) -> bool:
    try:
        return os.path.samestat(os.stat(path), os.fstat(descriptor))
    except FileNotFoundError:
        return False


@contextlib.contextmanager
def abandoned(folder: str) -> Iterator[bool]:
    """Whether a folder of this user is held by nobody; if so, it is held by this process for as long as the context lasts."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        yield False
        return
    try:
        is_mine = hasattr(os, "geteuid") and os.fstat(descriptor).st_uid == os.geteuid()
        yield is_mine and lock(descriptor) is True
    finally:
        os.close(descriptor)


def share(folder: str, alone: Callable[[], object]) -> int:
    """Hold a folder together with all who do so; the descriptor. `alone` is called first where nobody else holds it.

    Raises:
        OSError: if the folder cannot be opened.
    """
    import fcntl  # Unix alone

    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        if lock(descriptor):
            alone()
        with contextlib.suppress(OSError):  # there may be no locks here
            fcntl.flock(descriptor, fcntl.LOCK_SH)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def is_in_use(path: str) -> bool:
    """Whether a process of whatever namespace has a file open for writing or mapped so: the kernel then gives no read lease on it."""
    import fcntl  # Unix alone

    if not hasattr(fcntl, "F_SETLEASE"):
        return False
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except BlockingIOError:
        return True
    except OSError:  # what is no file, or not ours, has no leases
        return False
    finally:
        os.close(descriptor)
    return False


def lock(descriptor: int) -> bool | None:
    """Hold an open file or folder against all others until it is closed; None where another holds it, False where there are no locks."""
    try:
        import fcntl
    except ImportError:  # no Unix
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return None
    except OSError:  # as of some network file systems
        return False
    return True
