"""The version of the code and of the inputs that is measured: known by its files, and looked at before and after each block.

Every block loads the code afresh, so an edit would mix two versions in one run. Modules are those that the catalogue's
process had loaded; what a task imports later is not among them.
"""

import hashlib
import os
import time
from collections.abc import Callable, Mapping
from typing import TypeVar

from bench.errors import EditedError

_WRITING_S = 1.0
"""How long a file may be empty, half there or gone while an editor or a tool writes the same again, in seconds."""

_Facts = tuple[int, ...]
_T = TypeVar("_T")


class Version:
    """What the files hold at this moment, and whether they still do."""

    def __init__(self, modules: Mapping[str, str], inputs: str | None = None) -> None:
        """Read the files.

        Args:
            modules: the files of the user's modules, by the modules' names.
            inputs: what `--inputs` was given; only a file can change.
        """
        files = dict.fromkeys(os.path.abspath(each) for each in modules.values())
        if inputs is not None and os.path.isfile(inputs):
            files[os.path.abspath(inputs)] = None
        self._facts = {path: _facts(path) for path in files}  # before the contents: an edit in between is seen later
        self._digests = {path: digest_of(path) for path in files}
        self.modules = {name: self._digests[os.path.abspath(path)] for name, path in modules.items()}
        """The SHA-256 of each module's file, by name."""

    def throughout(self, measure: Callable[[], _T]) -> _T:
        """What was measured of this version; once more where a file was written meanwhile, though it holds the same.

        Raises:
            EditedError: where a file holds something else before or after it.
        """
        self.check()
        found = measure()
        if self.check():
            found = measure()
            self.check()
        return found

    def check(self) -> bool:
        """Look whether the files are as they were.

        Returns:
            Whether one was written, though it holds the same: there may have been something else in it in between.

        Raises:
            EditedError: where one holds something else or is gone.
        """
        is_written = False
        for path, then in self._facts.items():
            if _facts(path) != then:
                self._facts[path], is_written = self._settled(path), True
        return is_written

    def _settled(self, path: str) -> _Facts:
        """The facts of a file that was written and holds the same: whoever writes it empties it first, so it is given time.

        Raises:
            EditedError: where it holds something else for as long as writing it may take.
        """
        until = time.monotonic() + _WRITING_S
        while True:
            now = _facts(path)  # before the contents, as above
            is_same, is_late = digest_of(path) == self._digests[path], time.monotonic() > until
            if is_same and (is_late or _facts(path) == now):  # else it was written between the two
                return now
            if is_late:
                raise EditedError(_shown(path))
            time.sleep(0.02)


UNWATCHED = Version({})


def digest_of(path: str) -> str:
    """The SHA-256 of a file; empty where it is none, or none that can be read."""
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def _facts(path: str) -> _Facts:
    """What shows at little cost that a file was not written; nothing where there is none."""
    try:
        found = os.stat(path)
    except OSError:
        return ()
    return found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino, found.st_dev


def _shown(path: str) -> str:
    """A file as people know it and as a run file may have it: no folder above the current one."""
    relative = os.path.relpath(path)
    return os.path.basename(path) if relative.startswith("..") else relative
