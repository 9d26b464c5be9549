"""Puts what a command has written into the place of what was written there before, and touches nothing else there.

Each folder has a list of its files with their digests, in the form of `sha256sum`. A file that is as the list says is the
tool's own: the next report replaces it, or removes it where it has no such file. All else is the user's, an edited report
too: it stays, and what has a name that the report needs goes into a folder `kept-1`, `kept-2`, … beside it, and is named.
"""

import contextlib
import hashlib
import os
import re
import shutil
import stat
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from bench.errors import StorageError
from bench.plugins.names import sanitized, shown_path
from bench.processes import interruption
from bench.processes.ownership import abandoned, is_beside, lock, make_beside
from bench.report.kit import terminal
from bench.sentences import first_of

LIST = ".concurrency-bench.sha256"
"""The list's name. `sha256sum --check` reads it."""
_LINE = re.compile(r"([0-9a-f]{64})  ([^/\0\n]+)")
_PATIENCE_S, _STEP_S = 60.0, 0.02
_MOST_NAMED = 3


@contextlib.contextmanager
def fresh_folder(target: Path) -> Iterator[Path]:
    """A folder to write a report into; when all is written its files replace those of `target`.

    Several commands may do that at once: each has a folder of its own, and one after the other puts its files into place.

    Raises:
        StorageError: if it cannot be made, or what is written in the context cannot; an earlier report stays as it is.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _sweep(target.parent)
        _sweep(target)  # slides are written into it
        made, held = make_beside(str(target))
        fresh = Path(made)
        with interruption.undone_by(lambda: shutil.rmtree(fresh, ignore_errors=True)):
            try:
                (fresh / LIST).touch()  # who finds one in a folder that nobody holds knows that it is left
                yield fresh
                _put(fresh, target)
            finally:
                shutil.rmtree(fresh, ignore_errors=True)
                os.close(held)
    except OSError as error:
        reason = error.strerror or str(error)
        raise StorageError(
            f"cannot write the report to {shown_path(target)}: {reason}; give another --reports"
        ) from error


def _sweep(folder: Path) -> None:
    """Remove what commands have left that were killed while they wrote a report into `folder`, of whatever run it was."""
    for each in folder.iterdir() if folder.is_dir() else ():
        if is_beside(each.name):
            with contextlib.suppress(OSError), abandoned(str(each)) as is_left:
                if is_left and (each / LIST).is_file():
                    shutil.rmtree(each, ignore_errors=True)


@contextlib.contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Hold a folder against other commands of this kind, where the file system can.

    Raises:
        StorageError: if another holds it for a minute.
    """
    descriptor = os.open(folder, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
    deadline_s = time.monotonic() + _PATIENCE_S
    try:
        while lock(descriptor) is None:
            if time.monotonic() > deadline_s:
                shown = sanitized(str(folder))
                raise StorageError(f"another command has been writing to {shown} for a minute; wait for it, or end it")
            time.sleep(_STEP_S)
        yield
    finally:
        os.close(descriptor)


def _put(fresh: Path, target: Path) -> None:
    """Move the files of one folder into another, and remove what the tool has written there before and now has not.

    The list tells of both reports until all is done, so that whoever is killed meanwhile leaves no file that nobody knows.
    """
    target.mkdir(exist_ok=True)
    with _held(target):
        new = {each.name: {_digest(each)} for each in fresh.iterdir() if each.name != LIST}
        old = _listed(target / LIST)
        kept = _keep(target, [name for name in new if not _is_ours(target / name, old.get(name, set()) | new[name])])
        stale = [name for name in old if name not in new and _is_ours(target / name, old[name])]
        _write_list(fresh, target, {name: old.get(name, set()) | new.get(name, set()) for name in {*old, *new}})
        for name in new:
            (fresh / name).replace(target / name)
        for name in stale:
            (target / name).unlink(missing_ok=True)
        _write_list(fresh, target, new)
    if kept:
        what = first_of([each.name for each in kept], _MOST_NAMED)
        terminal.note(f"{what} in {target} was not as a report has left it; it is kept in {kept[0].parent}")


def _keep(target: Path, names: list[str]) -> list[Path]:
    """Move the user's files out of the way, into a folder that is made for them; give back where they are."""
    if not names:
        return []
    number = 1
    while os.path.lexists(target / f"kept-{number}"):
        number += 1
    folder = target / f"kept-{number}"
    folder.mkdir()
    return [(target / name).rename(folder / name) for name in sorted(names)]


def _is_ours(path: Path, digests: set[str]) -> bool:
    """Whether nothing is there, or a file that the tool has written."""
    try:
        return stat.S_ISREG(path.lstat().st_mode) and _digest(path) in digests
    except FileNotFoundError:
        return True


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _listed(path: Path) -> dict[str, set[str]]:
    """The digests of each file in a list, by name; what is no line of one is passed over."""
    found: dict[str, set[str]] = {}
    try:
        text = path.read_text(encoding="utf-8", errors="replace") if stat.S_ISREG(path.lstat().st_mode) else ""
    except FileNotFoundError:
        return {}
    for line in text.split("\n"):
        if matched := _LINE.fullmatch(line):
            found.setdefault(matched[2], set()).add(matched[1])
    return found


def _write_list(fresh: Path, target: Path, digests: Mapping[str, set[str]]) -> None:
    lines = [f"{digest}  {name}\n" for name in sorted(digests) for digest in sorted(digests[name])]
    written = fresh / f"{LIST}.new"
    written.write_text("".join(lines), encoding="utf-8")
    written.replace(target / LIST)
