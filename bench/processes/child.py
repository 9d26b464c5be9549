"""The parent's end of a conversation with a process of the tool (`bench.processes.channel` is the child's).

A child is this interpreter, or one that is named, without the current folder on its path, so that no file of the user's shadows the tool.
"""

import contextlib
import functools
import inspect
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import IO, Any, Self

import bench
from bench.plugins.sources import put_before_installed
from bench.processes import interruption
from bench.processes.readiness import ready
from bench.processes.whole_lines import Lines

try:
    import fcntl
except ImportError:  # elsewhere than on Unix
    fcntl = None  # type: ignore[assignment]

_TAIL_BYTES = 4096
_PIPE_BYTES = 1 << 20
"""What an error stream that nobody reads at the moment has room for, where the system gives so much: its own 64 kB are 0.3 ms of printing."""
_MOST_READS = 16
_LONGEST_SOUGHT_BYTES = 400
_DEEPEST = 100
"""Lists and tables in each other; a block has six."""
_REST_S = 0.01
"""After some was read. 4 million lines printed one by one under a pool woke the supervisor as often, and it took a core from them."""


class Child:
    """A process that runs `module.main()` and speaks lines of JSON over its standard input and output."""

    def __init__(
        self,
        module: str,
        *,
        python: str | None = None,
        folder: str | None = None,
        path: Sequence[str] = (),
        shelf: str | None = None,
        environment: Mapping[str, str] | None = None,
        errors: int | IO[bytes] | None = None,
        before_exec: Callable[[], None] | None = None,
        lenient: bool = False,
        sought: re.Pattern[bytes] | None = None,
    ) -> None:
        """Start the process.

        Args:
            module: whose `main` it runs.
            python: the interpreter; this one by default.
            folder: its current folder; this process's own by default.
            path: where it finds modules that are not of the standard library before it looks at what is installed.
            shelf: a folder that holds this tool's package and nothing else (`bench.processes.scratch.Scratch.shelf`), for a process
                that starts others which need it too.
            environment: all its variables; this process's own by default.
            errors: where its error stream goes, as `subprocess` takes it; read by `read_errors` if that is a pipe.
            before_exec: called in the new process before it becomes Python.
            lenient: whether no warning ends anything in it (`bench.processes.surroundings.settle`): for what runs no code of the user's.
            sought: what is looked for in its error stream, if that is a pipe: `found` has what the first group of the first match holds.
        """
        interpreter = [python] if python else [sys.executable, *_flags()]
        self.process = subprocess.Popen(
            [*interpreter, "-P", "-c", _boot(module, path, shelf, lenient=lenient)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            cwd=folder,
            env=environment,
            bufsize=0,
            start_new_session=True,  # Ctrl-C reaches the command alone, which ends the others in order
            preexec_fn=before_exec,  # noqa: PLW1509 - callers are single-threaded
        )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self._input = self.process.stdin
        self.answers = self.process.stdout.fileno()
        self.errors = self.process.stderr.fileno() if self.process.stderr else None
        self._partial = Lines()
        self._unread: list[Any] = []
        self.tail = b""
        """The last bytes of its error stream, if that is a pipe."""
        self._sought, self.found = sought, b""
        self._errors_rest_until_s = 0.0
        if self.errors is not None:
            _widen(self.errors)

    def send(self, message: Any) -> bool:
        """Write one message; False if the process is gone."""
        try:
            self._input.write(json.dumps(message).encode() + b"\n")
        except (BrokenPipeError, ValueError):
            return False
        return True

    def read_answers(self) -> list[Any]:
        """Messages that arrived, once `answers` can be read; a cut or foreign line is dropped."""
        data = os.read(self.answers, 1 << 16)
        if not data:
            self.answers = -1
        lines = self._partial.add(data)
        return [message for line in lines if isinstance(message := parsed(line), dict)]

    def errors_rest_s(self) -> float:
        """How long its error stream can be left alone: what prints a lot would else wake its reader for every line."""
        return max(0.0, self._errors_rest_until_s - time.monotonic())

    def read_errors(self) -> None:
        """Keep the tail of what arrived on its error stream, once `errors` can be read."""
        assert self.errors is not None
        data = os.read(self.errors, _PIPE_BYTES)
        if not data:
            self.errors = None
        self._seek(data)
        rest_s = _REST_S if len(data) < _PIPE_BYTES // 4 else 0
        self._errors_rest_until_s = time.monotonic() + rest_s
        self.tail = data[-_TAIL_BYTES:] if len(data) >= _TAIL_BYTES else (self.tail + data)[-_TAIL_BYTES:]

    def _seek(self, data: bytes) -> None:
        """Look for what is sought in what has arrived, and where that begins in what came before."""
        if self._sought is not None and not self.found:
            match = self._sought.search(self.tail[-_LONGEST_SOUGHT_BYTES:] + data)
            self.found = match[1] if match else b""

    def last_errors(self) -> None:
        """Keep the tail of all that is in the pipe of its error stream, once it has ended; others may still write into it."""
        for _ in range(_MOST_READS):
            if self.errors is None or not ready([self.errors], timeout_s=0)[0]:
                return
            self.read_errors()

    def receive(self, limit_s: float | None = None) -> Any | None:
        """Wait for the next message, in the order they were sent; None when the process has ended without one.

        Raises:
            TimeoutError: if none came within `limit_s`.
            Interrupted: if the command is, where something is held.
        """
        while not self._unread:
            if self.answers < 0:
                return None
            if not interruption.wait([self.answers], limit_s):
                raise TimeoutError
            self._unread += self.read_answers()
        return self._unread.pop(0)

    def close_input(self) -> None:
        """Tell the process that nothing more comes: it then leaves in order, also where it was stopped.

        It is not waited for, as `Popen.send_signal` would: what a host used is learned once, by who waits for it.
        """
        self._input.close()
        if hasattr(signal, "SIGCONT") and self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):  # who ignores SIGCHLD has nobody to wait for
                os.kill(self.process.pid, signal.SIGCONT)

    def close(self) -> None:
        """Close its input, give it five seconds to leave, and end it if it does not."""
        self.close_input()
        try:
            self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for stream in (self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _boot(module: str, path: Sequence[str], shelf: str | None, *, lenient: bool) -> str:
    """The program of a child. It gets this very `bench`, and of what is installed beside that nothing.

    Where it would not find it, it looks on the shelf, which is also known to what it starts, or is handed the package itself.
    """
    by_hand = f"""
    from importlib.util import module_from_spec, spec_from_file_location
    spec = spec_from_file_location("bench", {bench.__file__!r}, submodule_search_locations=[{bench.__path__[0]!r}])
    sys.modules["bench"] = module_from_spec(spec)
    spec.loader.exec_module(sys.modules["bench"])"""
    return f"""\
import os, sys
{_how_to_put_before_installed()}
put_before_installed(sys.path, {list(path)!r})
found = next(filter(None, (each.find_spec("bench", None) for each in sys.meta_path if hasattr(each, "find_spec"))), None)
if found is None or found.origin != {bench.__file__!r}:
    {by_hand.strip() if shelf is None else f"sys.path.insert(0, {shelf!r})"}
{"from bench.processes.surroundings import settle; settle()" if lenient else ""}
from {module} import main
main()
"""


@functools.cache
def _how_to_put_before_installed() -> str:
    return inspect.getsource(put_before_installed)


def _widen(pipe: int) -> None:
    """Have a pipe hold more, so that those who write seldom wait for who reads."""
    if hasattr(fcntl, "F_SETPIPE_SZ"):
        with contextlib.suppress(OSError):  # a user may have only so many pages of them
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)


def parsed(line: bytes | bytearray) -> Any:
    """What a line says; None where measured code has written it, or it is too deep to be handed on."""
    try:
        message = json.loads(line)
    except (ValueError, RecursionError):  # measured code has found the descriptor and written to it
        return None
    is_short = line.count(b"[") + line.count(b"{") <= _DEEPEST
    return message if is_short or _is_shallow(message) else None


def _is_shallow(message: Any) -> bool:
    """Whether it can be handed on: what is too deep fails where it is written again."""
    level = [message]
    for _ in range(_DEEPEST):
        inner = (each.values() if isinstance(each, dict) else each for each in level)
        level = [each for some in inner for each in some if isinstance(each, dict | list)]
        if not level:
            return True
    return False


def _flags() -> list[str]:
    """The options that this interpreter was given (-X, -W, -O …), as multiprocessing hands them to its children."""
    return [each for each in subprocess._args_from_interpreter_flags() if each != "-P"]  # type: ignore[attr-defined]  # noqa: SLF001
