"""The one way to call git. What a repository's settings would have executed stays off, so that a folder can be looked at safely.

Never executed: hooks, a file-system monitor, pagers, editors, prompts, maintenance, signatures, programs that show or merge
differences, and anything inside of submodules. No lock is taken that git could do without, and variables that make git look at
another repository, as its hooks have them, are not handed on.

`look` goes further, for folders that are merely the current one: no filter is executed that a repository names for its files
(`filter.NAME.clean` …), and nothing is fetched that a partial clone lacks. `git` leaves both as they are: who has a revision
checked out wants its files as git writes them, those of LFS among them, and has the code in them executed next.
"""

import contextlib
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import IO

from bench.accounting.kernel import die_with_parent
from bench.errors import MeasurementError
from bench.processes import interruption, readiness
from bench.processes.watching import ended_how

_SAFE = (
    "git",
    "--no-pager",
    "--no-optional-locks",
    *("-c", "core.hooksPath=/dev/null"),
    *("-c", "core.fsmonitor=false"),
    *("-c", "core.safecrlf=false"),
    *("-c", "core.editor=false"),
    *("-c", "submodule.recurse=false"),
    *("-c", "submodule.fetchJobs=1"),
    *("-c", "diff.ignoreSubmodules=dirty"),
    *("-c", "log.showSignature=false"),
    *("-c", "commit.gpgSign=false"),
    *("-c", "gc.auto=0"),
    *("-c", "maintenance.auto=false"),
)
_OF_ANOTHER_REPOSITORY = (
    *("GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_NAMESPACE"),
    *("GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_QUARANTINE_PATH", "GIT_SHALLOW_FILE"),
    "GIT_EXTERNAL_DIFF",
)
"""What git sets for its hooks: in a pre-commit hook, `git worktree add` would write into the user's index."""
_QUIET = {"LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0"}
_NOTHING_FETCHED = {"GIT_ALLOW_PROTOCOL": "", "GIT_NO_LAZY_FETCH": "1"}
_LOOK_S = 10.0
"""How long `look` waits for an answer."""
_SAID = 400
"""Characters of what a failed command said."""
_POLL_S, _LAST_POLL_S = 0.1, 0.002
_PIECE_BYTES = 1 << 16


class GitFailed(MeasurementError):  # noqa: N818 - a reason
    """A command has failed; the message says which, and what it said. One that somebody has ended answers no question."""


class GitRefused(GitFailed):
    """It has come to its own end with a status that is not 0, which may be the answer to a question."""


class Ended(Exception):  # noqa: N818 - a fact
    """A command was ended, because who wants it is gone."""


class _State:
    """For whom commands are run."""

    ends: int | None = None
    to_the_end = False


def end_with(descriptor: int) -> None:
    """From now on commands of this process are ended once a descriptor can be read."""
    _State.ends = descriptor


@contextlib.contextmanager
def to_the_end() -> Iterator[None]:
    """What puts things in order is ended by nobody."""
    before, _State.to_the_end = _State.to_the_end, True
    try:
        yield
    finally:
        _State.to_the_end = before


def git(
    *arguments: str,
    folder: str | None = None,
    own: Mapping[str, str] | None = None,
    given: Sequence[str] = (),
    limit_s: float | None = None,
) -> str:
    """What a command of git prints, without the line feed at its end.

    Args:
        folder: where it runs; here by default.
        own: variables of its environment besides those of this process.
        given: what it reads, each ended by a NUL.
        limit_s: how long it may take.

    Raises:
        GitFailed: if its status is not 0; `GitRefused`, where nobody has ended it.
        OSError: if there is no git, or it takes longer than `limit_s`.
        Ended: if who wants it is gone (`end_with`).
        Interrupted: if the command is, where something is held.
    """
    with _input(given) as lines:
        environment = _surroundings() | dict(own or {})
        status, printed, said = run([*_SAFE, *arguments], folder, environment, given=lines, limit_s=limit_s)
    if status:
        why = last_words(os.fsdecode(said)) if said.strip() and status > 0 else f"it {ended_how(status)}"
        raise (GitRefused if status > 0 else GitFailed)(f"git {arguments[0]} failed: {why}")
    return os.fsdecode(printed).rstrip("\n")


def git_list(*arguments: str, folder: str | None = None, own: Mapping[str, str] | None = None) -> list[str]:
    """What a command prints that ends each of its records with a NUL.

    Raises:
        GitFailed, OSError, Ended, Interrupted: as `git` does.
    """
    return [each for each in git(*arguments, folder=folder, own=own).split("\0") if each]


def git_path(name: str, folder: str | None = None) -> str:
    """The path of a part of the repository, such as `index` or `objects`: absolute, in git before 2.31 as well."""
    return os.path.normpath(os.path.join(folder or os.getcwd(), git("rev-parse", "--git-path", name, folder=folder)))


def look() -> tuple[str, bool] | None:
    """The commit of the repository around the current folder, and whether files that git keeps have changed.

    None where that cannot be told: there is no repository or no git, it is another user's, or it takes ten seconds.
    """
    status = ("status", "--porcelain", "--untracked-files=no", "--ignore-submodules=dirty")
    try:
        return _looked("rev-parse", "--verify", "HEAD"), bool(_looked(*_without_filters(), *status))
    except (OSError, ValueError, GitFailed):
        return None


def _without_filters() -> Iterator[str]:
    """Options that take the programs away from all filters that are set up."""
    names: list[str] = []
    with contextlib.suppress(GitRefused):  # its status is 1 where there is none
        names = _looked("config", "--null", "--name-only", "--get-regexp", r"^filter\.").split("\0")
    for name in sorted({each.rpartition(".")[0] for each in names if each}):
        if "=" in name:  # no option can name it, and it is for no good
            raise GitFailed(f"a filter is called {name}")
        yield from (each for key in ("clean", "smudge", "process") for each in ("-c", f"{name}.{key}="))
        yield from ("-c", f"{name}.required=false")


def _looked(*arguments: str) -> str:
    return git(*arguments, own=_NOTHING_FETCHED, limit_s=_LOOK_S)


def of_no_hook() -> dict[str, str]:
    """This process's variables without those that lead git to the repository whose hook this may be."""
    return {name: value for name, value in os.environ.items() if name not in _OF_ANOTHER_REPOSITORY}


def _surroundings() -> dict[str, str]:
    return of_no_hook() | _QUIET


@contextlib.contextmanager
def _input(given: Sequence[str]) -> Iterator[IO[bytes] | None]:
    if not given:
        yield None
        return
    with tempfile.TemporaryFile() as file:
        file.writelines(os.fsencode(each) + b"\0" for each in given)
        file.seek(0)
        yield file


@interruption.held()
def run(
    command: Sequence[str],
    folder: str | None,
    environment: Mapping[str, str],
    *,
    given: IO[bytes] | None = None,
    output: IO[bytes] | None = None,
    limit_s: float | None = None,
) -> tuple[int, bytes, bytes]:
    """Run a command that may take long, with all that it starts in its group: that is ended with it, whatever happens.

    Args:
        command: what is run.
        folder: where; here where it is None.
        environment: all its variables.
        given: what it reads; nothing by default.
        output: gets what it writes on both streams, which is given back else.
        limit_s: how long it may take.

    Returns:
        Its status, what it printed, and what it said on its error stream.

    Raises:
        OSError: if it cannot be run, or takes longer than `limit_s`.
        Ended, Interrupted: as `git` does.
    """
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL if given is None else given,
        stdout=subprocess.PIPE if output is None else output,
        stderr=subprocess.PIPE if output is None else output,
        start_new_session=True,
        preexec_fn=die_with_parent,  # noqa: PLW1509 - callers are single-threaded
    )
    streams = [each for each in (process.stdout, process.stderr) if each is not None]
    read: dict[int, list[bytes]] = {each.fileno(): [] for each in streams}
    try:
        _read_to_end(process, read, None if limit_s is None else time.monotonic() + limit_s)
    finally:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for each in streams:
            each.close()
    printed, said = [b"".join(each) for each in read.values()] or (b"", b"")
    return process.returncode, printed, said


def _read_to_end(process: "subprocess.Popen[bytes]", read: Mapping[int, list[bytes]], until_s: float | None) -> None:
    """Read what a process writes until it has ended; what it has started may hold its pipes open forever."""
    opened = set(read)
    ends = [] if _State.ends is None or _State.to_the_end else [_State.ends]
    while True:
        has_ended = process.poll() is not None
        rest_s = 0.0 if has_ended else _POLL_S if opened else _LAST_POLL_S
        if _State.to_the_end:
            ready = readiness.ready([*opened], timeout_s=rest_s)[0]
        else:
            ready = interruption.wait([*opened, *ends], rest_s)
        if ends and ends[0] in ready:
            raise Ended
        if until_s is not None and time.monotonic() > until_s:
            raise TimeoutError("git takes too long")
        for each in opened & set(ready):
            piece = os.read(each, _PIECE_BYTES)
            read[each].append(piece)
            if not piece:
                opened.discard(each)
        if has_ended and not opened & set(ready):
            return


def last_words(said: str) -> str:
    """The end of what a command said, on one line."""
    return " ".join(said.split())[-_SAID:] or "it said nothing"
