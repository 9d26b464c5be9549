"""What measured code leaves on the machine when it is killed: temporary files and shared memory with a name.

Hosts and preparations get a folder as their TMPDIR. It is the supervisor's, and goes with it; one whose supervisor was
killed is swept away by the next command.
"""

import contextlib
import itertools
import os
import shutil
import tempfile
from pathlib import Path

_PREFIX = "benchtmp-"
"""Short: the paths of sockets below may have about a hundred characters."""
_SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - where Linux shows it
_NAMED_BY_PROCESS = ("sem.loky-{}-*", "joblib_memmapping_folder_{}_*", "bench-{}-*")
"""What is named by the process that made it: by loky, by joblib, and by our own strategies."""


class Scratch:
    """The folder of this process, with a fresh one in it for whoever asks."""

    def __init__(self) -> None:
        self._folder = os.path.join(tempfile.gettempdir(), f"{_PREFIX}{os.getpid()}")
        clear(self._folder)  # of an earlier process of that number
        try:
            os.mkdir(self._folder, 0o700)
        except OSError:  # somebody else has it
            self._folder = tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-")
        self._numbers = itertools.count(1)

    def fresh(self) -> str:
        """An empty folder; `clear` removes it."""
        folder = os.path.join(self._folder, str(next(self._numbers)))
        os.mkdir(folder)
        return folder

    def close(self) -> None:
        """Remove everything."""
        clear(self._folder)


def clear(folder: str) -> None:
    """Remove a folder and what is in it, as far as that is allowed."""
    shutil.rmtree(folder, ignore_errors=True)


def forget(pid: int) -> None:
    """Remove the shared memory that an ended process has left, as far as its name tells whose it was.

    The resource trackers remove what the processes left that they served, if they were not killed themselves.
    """
    for pattern in _NAMED_BY_PROCESS:
        for left in _SHARED_MEMORY.glob(pattern.format(pid)):
            if left.is_dir():
                clear(str(left))
            else:
                with contextlib.suppress(OSError):
                    left.unlink()


def sweep() -> None:
    """Remove the folders of processes that are gone."""
    with contextlib.suppress(OSError):
        for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
            maker = folder.name.removeprefix(_PREFIX).partition("-")[0]
            if maker.isdecimal() and not _is_there(int(maker)):
                clear(str(folder))


def _is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # another user's
        return True
    return True
