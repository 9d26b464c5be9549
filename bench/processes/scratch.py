"""What measured code leaves on the machine when it is killed: temporary files and shared memory with a name.

Hosts and preparations get a folder as their TMPDIR. It is the supervisor's, which holds a lock on it, and goes with it;
one whose supervisor was killed is nobody's, and is swept away by the next command. It lies in the user's own TMPDIR; where
that has a long path, measured code knows it by a link with a short one, since the path of a socket may have 107 bytes
(unix(7)), and multiprocessing's, loky's and the user's own lie there.
"""

import contextlib
import errno
import itertools
import os
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Collection, Iterator
from pathlib import Path

import bench
from bench.processes.ownership import abandoned, is_in_use, make_own

_PREFIX = "benchtmp-"
_MODE = stat.S_IRWXU | stat.S_ISVTX
"""The sticky bit tells our folders from a user's who likes the name: a mark that cannot be cleared away before the rest."""
_LONGEST_BYTES = 48
"""Of the path of this process's folder: multiprocessing adds 32 for a socket, the folder of a block up to 5, and the rest is the user's."""
_SHORT = ("/tmp", "/var/tmp", "/dev/shm", "/run/user/{}")  # noqa: S108 - folders of our own are made there, held by a lock
_SHOWN = 100
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
        raise NoFolder(f"cannot make a folder in {_shown()}: {error.strerror}; set TMPDIR to another") from error


def _shown() -> str:
    """Where temporary files go, for a message."""
    try:
        place = tempfile.gettempdir()
    except OSError:  # there is none that can be written, not even the current folder
        return os.environ.get("TMPDIR") or "/tmp"  # noqa: S108 - only named
    return place if len(place) <= _SHOWN else f"{place[:_SHOWN]}… ({len(place)} characters)"


def _short_places() -> list[str]:
    return [each.format(os.geteuid()) for each in _SHORT]


def _make_own_in(place: str) -> tuple[str, int]:
    mine = os.path.join(place, f"{_PREFIX}{os.getpid()}")
    others = (f"{mine}-{number}" for number in itertools.count(1))
    folder, lock = make_own(itertools.chain([mine], others))  # a container beside may have that number, too
    os.chmod(folder, _MODE)
    return folder, lock


class Scratch:
    """The folder of this process, with a fresh one in it for whoever asks."""

    @_making()
    def __init__(self) -> None:
        """Make it.

        Raises:
            NoFolder: if that cannot be done.
        """
        self._folder, self._lock = _make_own_in(tempfile.gettempdir())
        self._links: tuple[str, int] | None = None
        """A folder with a short path, where this one's is long."""
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
    def temporary(self) -> str:
        """An empty folder for a process's temporary files, with a short path; `remove` removes it.

        Raises:
            NoFolder: if none can be made.
        """
        folder = self.fresh()
        if len(os.fsencode(self._folder)) <= _LONGEST_BYTES:
            return folder
        self._links = self._links or _short_folder()
        link = os.path.join(self._links[0], os.path.basename(folder))
        os.symlink(folder, link)
        return link

    def remove(self, folder: str) -> None:
        """Remove a folder that `temporary` has made, whatever measured code has put in its place."""
        clear(os.path.join(self._folder, os.path.basename(folder)))
        if self._links is not None:
            _remove(Path(folder))

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
        if self._links is not None:
            clear(self._links[0])
            os.close(self._links[1])


def _short_folder() -> tuple[str, int]:
    for place in _short_places():
        with contextlib.suppress(OSError):
            return _make_own_in(place)
    raise NoFolder(
        f"TMPDIR is too long for sockets: {_shown()}, and no folder can be made in {', '.join(_short_places())}; "
        f"set TMPDIR to a path of at most {_LONGEST_BYTES - len('/benchtmp-4194304')} characters"
    )


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
    if left.is_dir() and not left.is_symlink():
        clear(str(left))
    else:
        with contextlib.suppress(OSError):
            if not is_in_use(str(left)):
                left.unlink()


def sweep() -> None:
    """Remove the folders of this user that no process holds any more, and semaphores that were being made when their process was killed."""
    _sweep_half_made()
    places = _short_places()
    with contextlib.suppress(OSError):
        places = [tempfile.gettempdir(), *places]
    for place in dict.fromkeys(places):
        with contextlib.suppress(OSError):
            for folder in Path(place).glob(f"{_PREFIX}*"):
                if folder.name.removeprefix(_PREFIX).partition("-")[0].isdecimal():
                    _sweep_one(folder)


def _sweep_half_made() -> None:
    """The C library makes a semaphore as an empty file `sem.` and six characters, open until it has been filled and linked to its name."""
    with contextlib.suppress(OSError):
        for each in os.scandir(_SHARED_MEMORY):
            if each.name.startswith("sem.") and len(each.name) == len("sem.123456"):
                with contextlib.suppress(OSError):
                    seen = each.stat(follow_symlinks=False)
                    if stat.S_ISREG(seen.st_mode) and not seen.st_size and seen.st_uid == os.geteuid():
                        _remove(Path(each.path))


def _sweep_one(folder: Path) -> None:
    with abandoned(str(folder)) as is_left, contextlib.suppress(OSError):
        if is_left and folder.stat().st_mode & stat.S_ISVTX:
            clear(str(folder))
        elif is_left:  # the user's own, or one whose maker was killed before it was marked, which is empty
            folder.rmdir()
