"""A guardian: a process between this one and a program that it starts, which ends all that the program has started.

It does so once the program has ended, and where this process has gone away, however that happened: a module of the user's may start
others when it is imported, and a tool may leave some. It is a fork made in the moment before the program begins, adopts what is
orphaned below it, and holds no file open. What is killed with it is adopted by this process, where that does so.
"""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import NoReturn

from bench.accounting import control_groups
from bench.accounting.descendants import end_descendants, there_are
from bench.accounting.kernel import adopt_orphans, die_with_parent, go_on_without_parent
from bench.processes import interruption, scratch

_ENDING = {getattr(signal, each) for each in ("SIGTERM", "SIGINT", "SIGHUP") if hasattr(signal, each)}
_WAKING = _ENDING | {getattr(signal, each) for each in ("SIGCHLD", "SIGCONT") if hasattr(signal, each)}
"""Elsewhere than on Unix there are not all of them, and no guardians."""
_LOOK_S = 5.0
_POLL_S = 0.1
_MOST_FILES = 1 << 20


def guard() -> None:
    """In a process that `subprocess` is about to turn into a program: let a child of it become that, and be its guardian.

    The process that `subprocess` knows is then the guardian: it ends as the program does, and all is ended where it gets SIGTERM.
    """
    command = os.getppid()
    adopt_orphans()
    go_on_without_parent()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # where that is ignored, nobody can wait for anybody
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _WAKING)
    program = os.fork()
    if program == 0:
        os.setsid()  # so that it reaches its guardian by no signal to its group
        die_with_parent()
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        return
    status = 0
    try:
        os.closerange(0, _MOST_FILES)
        status = _status_of(program, command)
        end_descendants()
        if os.getppid() != command:  # it can take nothing away any more
            scratch.sweep()
            control_groups.sweep()
    finally:
        _end_as(status)


@contextlib.contextmanager
def adopting() -> Iterator[None]:
    """Adopt what is orphaned meanwhile, such as what a guardian has started that was killed, and end it with the context."""
    not_ours = there_are()
    adopt_orphans()
    try:
        yield
    finally:
        end_descendants(not_ours)


def _status_of(program: int, command: int) -> int:
    """Wait for the end of the program, of the command, or for a signal to end; the program's status as waitpid(2) has it."""
    while os.getppid() == command:
        with contextlib.suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                if ended[0] == program:
                    return ended[1]
        if not hasattr(signal, "sigtimedwait"):  # macOS
            time.sleep(_POLL_S)
        elif (came := signal.sigtimedwait(_WAKING, _LOOK_S)) is not None and came.si_signo in _ENDING:
            break
    return int(signal.SIGTERM)


def _end_as(status: int) -> NoReturn:
    """End this process with the status of another."""
    code = os.waitstatus_to_exitcode(status)
    if code < 0:
        number = -code
        with contextlib.suppress(OSError, ValueError):  # SIGKILL has no handler
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {number})
        os.kill(os.getpid(), number)
    os._exit(max(code, 0))


def run(
    command: Sequence[str],
    *,
    folder: str | os.PathLike[str] | None = None,
    environment: Mapping[str, str] | None = None,
    limit_s: float | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run a program with a guardian to its end, and give back what it has said; nothing of it is left.

    Raises:
        OSError: if it cannot be run.
        TimeoutError: if it still lasts after `limit_s`.
        Interrupted: if the command is, where something is held.
    """
    ends_s = None if limit_s is None else time.monotonic() + limit_s
    with subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,
        preexec_fn=guard,  # noqa: PLW1509 - callers are single-threaded
    ) as process:
        try:
            while ends_s is None or time.monotonic() < ends_s:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    said, errors = process.communicate(timeout=_POLL_S)
                    return subprocess.CompletedProcess(command, process.returncode, said, errors)
                interruption.wait([], 0)
        except BaseException:
            process.terminate()
            raise
        process.terminate()
    raise TimeoutError(f"it still lasted after {limit_s:g} s")
