"""Files that a command writes where the user says: whole, or not at all."""

import contextlib
import io
import os
import shutil
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from bench.errors import StorageError
from bench.plugins.names import shown_path
from bench.processes import interruption
from bench.processes.ownership import abandoned, is_beside, make_beside

if TYPE_CHECKING:
    from bench.report.charts import Chart

_WHOLE = "whole"
_MOST_LINKS = 40
"""As many as Linux follows."""


def write_whole(path: Path, data: str | bytes, option: str) -> None:
    """Write a file, a link's target likewise; what is no regular file, such as a pipe, is written into.

    Args:
        path: the file.
        data: what it is to hold.
        option: names another file.

    Raises:
        StorageError: if that fails; what was there before is there still.
    """
    content = data.encode() if isinstance(data, str) else data
    try:
        if is_special(path):
            sys.stdout.flush()  # it may be this
            with open(path, "ab") as file:
                file.write(content)
            return
        target = path.resolve()  # a link stays one
        with interruption.held(), _beside(target) as fresh:
            fresh.write_bytes(content)
            os.replace(fresh, target)
    except OSError as error:
        raise StorageError(f"cannot write {shown_path(path)}: {error.strerror}; give another {option}") from error


@contextlib.contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """A path for what is to take a file's place, in a folder of its own, which goes; so do those that killed commands have left."""
    with contextlib.suppress(OSError):  # one may write into a folder that one may not list
        for each in target.parent.iterdir():
            if is_beside(each.name, target.name):
                _remove_if_left(each)
    folder, lock = make_beside(str(target))
    try:
        yield Path(folder, _WHOLE)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _remove_if_left(folder: Path) -> None:
    with abandoned(str(folder)) as is_left, contextlib.suppress(OSError):
        if is_left:
            (folder / _WHOLE).unlink(missing_ok=True)
            folder.rmdir()  # what holds anything else is not ours


def is_special(path: Path) -> bool:
    """Whether a path stands for something open already, or is no regular file."""
    try:
        for _ in range(_MOST_LINKS):
            if path.parent.resolve().is_relative_to("/proc"):  # where /dev/stdout and /dev/fd lead
                return True
            if not path.is_symlink():
                break
            path = path.parent / path.readlink()
        return not stat.S_ISREG(path.stat().st_mode)
    except OSError:
        return False


def save_chart(chart: "Chart", path: Path, option: str = "--chart") -> Path:
    """Write a chart as the kind of picture that the path's ending names; give back the path.

    Raises:
        StorageError: if it cannot be written.
    """
    from bench.report.drawing import theme

    drawn = io.BytesIO()
    with theme.applied():
        chart.figure.savefig(drawn, **theme.save_options(path.suffix[1:]))  # type: ignore[arg-type]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"cannot write {shown_path(path)}: {error.strerror}; give another {option}") from error
    write_whole(path, drawn.getvalue(), option)
    return path
