"""One run is one file of JSON lines: a header, a line for each block, and an ending; a line for cases that it took on between.

A line is written whole, flushed and synchronised when its block ends, so a run that is killed leaves a file that reads
up to its last whole line. Reading checks every line against `bench.records`; nothing read is ever executed.
"""

import contextlib
import errno
import os
import secrets
import tempfile
from collections.abc import Collection
from datetime import UTC, datetime
from io import FileIO
from pathlib import Path
from types import TracebackType
from typing import Self

from bench.bounds import check_regular
from bench.errors import RunFileError, StorageError
from bench.plugins.names import LONGEST_NAME, sanitized, shown_path
from bench.processes import interruption
from bench.records.run import Header, Purpose, Run
from bench.store.checks import check_header
from bench.store.lines import Record, from_line, to_line
from bench.store.published import published
from bench.store.reading import Reading, cannot_read, no_run

_SUFFIX = ".jsonl"
_PIECE_BYTES = 1 << 16


def new_run_id(now: datetime | None = None) -> str:
    """An identifier that sorts by time and that no two runs share."""
    return f"{now or datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


def check_readable(header: Header) -> None:
    """A reader would take the header; what none would is not written, and better known before anything is measured.

    Raises:
        RunFileError: naming the field that is wrong.
    """
    place = f"the run's file, {header.id}{_SUFFIX}, would not be readable"
    check_header(header, place)
    from_line(to_line(header), place, None)


class RunWriter:
    """Appends records to the file of one run. The file appears with its header."""

    @interruption.held()
    def __init__(self, folder: Path, header: Header) -> None:
        """Create the file and write the header.

        Raises:
            RunFileError: if a name in the header is none.
            StorageError: if the folder or the file cannot be written.
        """
        self.path = folder / f"{header.id}{_SUFFIX}"
        self._rest: int | None = None
        self.identified = header.environment.identity is not None
        """Whether the user wants to be found in the file: then only secrets are kept out of it."""
        check_readable(header)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("xb", buffering=0)  # x: never into a file that is there
        except OSError as error:
            raise StorageError(_cannot_write(folder, error, "--results")) from error
        try:
            self._lock()
            self.append(header)
        except StorageError:
            self._file.close()
            with contextlib.suppress(OSError):
                self.path.unlink()  # an empty file is no run
            raise

    @classmethod
    def reopen(cls, path: Path) -> Self:
        """Go on with the file of a run that was cut. Half a line at its end is cut off by what is appended.

        Raises:
            RunFileError: if it is no file, or holds not even a header.
            StorageError: if it cannot be written, or another process is writing it.
        """
        writer = cls.__new__(cls)
        writer._go_on(path)  # noqa: SLF001 - its own
        return writer

    def _go_on(self, path: Path) -> None:
        self.path = path
        self.identified = False
        try:
            check_regular(os.stat(path))
        except (OSError, ValueError) as error:
            raise cannot_read(path, error) from error
        try:
            self._file = path.open("r+b", buffering=0)
        except OSError as error:
            raise StorageError(f"cannot write {shown_path(path)}: {error.strerror}") from error
        try:
            self._lock()
            self._rest = _end_of_whole_lines(self._file, path)
            self._file.seek(self._rest)
        except BaseException:
            self._file.close()
            raise

    def append(self, record: Record) -> None:
        """Write one record, whole and safe on disk, or nothing of it.

        Raises:
            StorageError: if that fails; what was written before is still there.
        """
        line = to_line(published(record, identified=self.identified))
        end = self._file.tell()
        try:
            if self._rest is not None:
                os.ftruncate(self._file.fileno(), self._rest)
                self._rest = None
            while line:
                line = line[self._file.write(line) :]
            os.fsync(self._file.fileno())
        except OSError as error:
            self._cut(end)
            raise StorageError(
                f"cannot write {shown_path(self.path)}: {error.strerror}; the lines before are safe"
            ) from error
        self._check_place()

    def _cut(self, end: int) -> None:
        """Take back what was half written."""
        try:
            os.ftruncate(self._file.fileno(), end)
            self._file.seek(end)
        except OSError:
            return

    def _check_place(self) -> None:
        """The file is still where readers will look for it."""
        try:
            there = os.path.samestat(self.path.stat(), os.fstat(self._file.fileno()))
        except OSError:
            there = False
        if not there:
            raise StorageError(f"{shown_path(self.path)} was removed or renamed while this run was writing it")

    def _lock(self) -> None:
        """No other process writes the file until this one closes it or ends."""
        try:
            import fcntl
        except ImportError:  # no Unix
            return
        try:
            fcntl.flock(self._file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
                raise StorageError(f"{shown_path(self.path)} is being written by another process") from error
            # else a file system that knows no locks

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._file.close()
        except OSError:  # a rest that could not be written; append has said so
            return


def _end_of_whole_lines(file: FileIO, path: Path) -> int:
    """The place behind the last line feed."""
    end = file.seek(0, os.SEEK_END)
    while end > 0:
        begin = max(0, end - _PIECE_BYTES)
        file.seek(begin)
        found = (file.read(end - begin) or b"").rfind(b"\n")
        if found >= 0:
            return begin + found + 1
        end = begin
    raise no_run(path)


@interruption.held()
def check_writable(folder: Path, option: str = "--results") -> None:
    """Find out before measuring whether a folder can be written to; `option` is what names another.

    Raises:
        StorageError: if they cannot.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):  # which has no name, where that can be: nothing is left of it
            pass
    except OSError as error:
        raise StorageError(_cannot_write(folder, error, option)) from error


def _cannot_write(folder: Path, error: OSError, option: str) -> str:
    if isinstance(error, FileExistsError | NotADirectoryError) and not folder.is_dir():
        return f"cannot write to {shown_path(folder)}: it is not a folder; give another with {option}"
    return f"cannot write to {shown_path(folder)}: {error.strerror}; give another folder with {option}"


def read(path: Path) -> Run:
    """The whole run in a file. A last line that was cut is left out and noted.

    Raises:
        RunFileError: naming file, line and field, if anything else is not valid.
    """
    reading = Reading(path)
    blocks = list(reading.blocks)
    return Run(reading.header, blocks, reading.ending, reading.notes)


def find(folder: Path, name: str | None) -> Path:
    """The file of a run: a path, a run's id or the start of one, or the latest of `folder` where `name` is None.

    The latest is never an empty file, which a run leaves that is killed before its first line is written.

    Raises:
        RunFileError: if there is none, or several begin with `name`.
    """
    if name is not None and os.path.isfile(name):
        return Path(name)
    there = runs_in(folder)
    matching = [path for path in there if (path.name.startswith(name) if name is not None else _holds_something(path))]
    if not matching:
        wanted = "no run" if name is None else f"no run {sanitized(name, LONGEST_NAME)!r}"
        raise RunFileError(f"{wanted} in {shown_path(folder)}; make one with: python -m bench run")
    if name is not None and len(matching) > 1:
        raise RunFileError(f"{len(matching)} runs in {shown_path(folder)} begin with {name!r}; give more of the id")
    return matching[-1]


def latest_of(folder: Path, purposes: Collection[Purpose]) -> Path:
    """The file of the latest run that was for one of these purposes.

    Raises:
        RunFileError: if there is none, or a later one cannot be read.
    """
    for path in reversed(runs_in(folder)):
        if _holds_something(path) and Reading(path).header.plan.purpose in purposes:
            return path
    raise RunFileError(f"no run of {' or '.join(purposes)} in {shown_path(folder)}; make one with: python -m bench run")


def runs_in(folder: Path) -> list[Path]:
    """The run files of a folder, the latest last."""
    return sorted(folder.glob(f"*{_SUFFIX}"))


def _holds_something(path: Path) -> bool:
    try:
        return path.stat().st_size > 0
    except OSError:  # what is wrong with it is told where it is read
        return True
