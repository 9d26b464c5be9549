"""Every error the tool raises on purpose.

A user sees the message on one line: what happened, the value seen, what to do. The exit status belongs to the class.
"""

from __future__ import annotations

import errno

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


class BenchError(Exception):
    """Base of all errors of this tool."""

    exit_status = 3


class UsageError(BenchError):
    """The command, an option, a name or a file given by the user does not fit."""

    exit_status = 2


class UnknownNameError(UsageError):
    """A name that is not known, with the nearest known one; if none is near with all, or with `listed_by`, which shows them."""

    def __init__(self, kind: str, name: str, known: Iterable[str], *, listed_by: str | None = None) -> None:
        from difflib import get_close_matches  # only on this path: the help must start fast

        known = sorted(known)
        plain = {each.casefold(): each for each in known}
        near = get_close_matches(name.casefold(), plain, n=1, cutoff=0.5)
        listed = f"`{listed_by}` lists all" if listed_by else f"known: {', '.join(known) or 'none'}"
        hint = f"did you mean {plain[near[0]]!r}?" if near else listed
        super().__init__(f"unknown {kind} {name!r}; {hint}")


class SourceError(UsageError):
    """A module or file that should define workloads or strategies cannot be loaded."""


class NotFreshError(UsageError):
    """Rounds cannot get inputs that a block has not seen."""


class AbsentSourceError(SourceError):
    """There is no such file, module or function; it may be there in another revision."""


class RunFileError(UsageError):
    """A run file is missing, cut or not valid; the message names file, line and field."""


class StorageError(BenchError):
    """A folder or file cannot be written."""


class MeasurementError(BenchError):
    """The measuring processes themselves failed, not the code they measured."""


class EditedError(BenchError):
    """A file of what is measured was edited while it was measured; `file` names it."""

    def __init__(self, file: str) -> None:
        super().__init__(f"{file} was edited while it was measured; measure again, and leave it as it is meanwhile")
        self.file = file


class WrongResult(Exception):  # noqa: N818 - raised by workloads' checks; it reads as what it states
    """A strategy's results differ from what the workload expects."""


class Unavailable(Exception):  # noqa: N818 - likewise
    """A strategy, a workload or a look of doctor's cannot run here, for a reason that is no failure."""


def lack(error: OSError) -> str:
    """What the system did not give, and what to do where that is known."""
    if error.errno != errno.EMFILE:
        return str(error)
    import resource  # Unix alone

    most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return f"a process may have only {most} open files here, and that is too few; allow more, with `ulimit -n {max(1024, 2 * most)}`"
