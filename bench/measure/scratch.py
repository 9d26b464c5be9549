"""What measured code leaves on the machine when it is killed: temporary files and shared memory with a name.

Hosts and preparations get a folder as their TMPDIR. It is the supervisor's, which holds a lock on it, and goes with it;
one whose supervisor was killed is nobody's, and is swept away by the next command.
"""

import contextlib
import errno
import itertools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Collection, Iterator
from pathlib import Path

import bench
from bench.ownership import abandoned, is_in_use, make_own

_PREFIX = "benchtmp-"
"""Short: the paths of sockets below may have about a hundred characters."""
_SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - where Linux shows it
_NAMED_BY_PROCESS = ("sem.loky-{}-", "joblib_memmapping_folder_{}_", "bench-{}-", "sem.bench-{}-")
"""How that begins which is named by the process that made it: by loky, by joblib, and by us."""


class NoFolder(Exception):  # noqa: N818 - a fact
    """No folder for temporary files can be made."""


@contextlib.contextmanager
def _making() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        place = tempfile.gettempdir()
        raise NoFolder(f"cannot make a folder in {place}: {error.strerror}; set TMPDIR to another") from error


class Scratch:
    """The folder of this process, with a fresh one in it for whoever asks."""

    @_making()
    def __init__(self) -> None:
        """Make it.

        Raises:
            NoFolder: if that cannot be done.
        """
        mine = os.path.join(tempfile.gettempdir(), f"{_PREFIX}{os.getpid()}")
        others = (f"{mine}-{number}" for number in itertools.count(1))
        self._folder, self._lock = make_own(itertools.chain([mine], others))  # a container may have that number, too
        self._numbers = itertools.count(1)
        self._files: dict[str, str] = {}

    @_making()
    def fresh(self) -> str:
        """An empty folder; `clear` removes it.

        Raises:
            NoFolder: if none can be made.
        """
        folder = os.path.join(self._folder, str(next(self._numbers)))
        os.makedirs(folder)  # measured code may have removed the one above
        return folder

    @_making()
    def shelf(self) -> str:
        """A folder that holds the package `bench` and nothing else, for interpreters that have other packages than this one.

        Raises:
            NoFolder: if it cannot be made.
        """
        folder = self.fresh()
        os.symlink(os.path.realpath(bench.__path__[0]), os.path.join(folder, "bench"))
        return folder

    def lasting(self, name: str) -> str:
        """The path of a file for whoever asks for this name, as long as this lasts; nobody has made it yet when it is asked for first."""
        return os.path.join(self._folder, self._files.setdefault(name, f"file-{len(self._files)}"))

    def close(self) -> None:
        """Remove everything."""
        clear(self._folder)
        os.close(self._lock)


def clear(folder: str) -> None:
    """Remove a folder and what is in it, as far as that is allowed."""
    try:
        shutil.rmtree(folder, ignore_errors=True)
    except RecursionError:  # measured code has nested a thousand folders
        subprocess.run(["rm", "-rf", "--", folder], check=False, stderr=subprocess.DEVNULL)


def forget(pids: Collection[int]) -> None:
    """Remove the shared memory that ended processes have left, as far as its name tells whose it was.

    The resource trackers remove what the processes left that they served, if they were not killed themselves. A number
    that another process has by now is left alone with all that is named by it, and so is a file that somebody uses: one of
    that number in a container beside.
    """
    beginnings = tuple(each.format(pid) for pid in pids if not _is_there(pid) for each in _NAMED_BY_PROCESS)
    with contextlib.suppress(OSError):  # no pattern of `glob`: Python would keep it compiled
        for name in os.listdir(_SHARED_MEMORY):
            if name.startswith(beginnings):
                _remove(_SHARED_MEMORY / name)


def _is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError as error:
        return error.errno != errno.ESRCH
    return True


def _remove(left: Path) -> None:
    if left.is_dir():
        clear(str(left))
    else:
        with contextlib.suppress(OSError):
            if not is_in_use(str(left)):
                left.unlink()


def sweep() -> None:
    """Remove the folders of this user that no process holds any more."""
    with contextlib.suppress(OSError):
        for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
            if folder.name.removeprefix(_PREFIX).partition("-")[0].isdecimal():
                with abandoned(str(folder)) as is_left:
                    if is_left:
                        clear(str(folder))
