"""A process of pytest that runs a suite's benchmarks one by one (`bench.suites.turns`), and what it says of them.

It is no `bench.processes.child.Child`: nothing called `bench` may be in it, because suites are called so.
"""

import contextlib
import inspect
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeVar

import msgspec

from bench.accounting.kernel import fix_addresses
from bench.errors import MeasurementError, UsageError
from bench.machine.guardian import guard
from bench.plugins.names import sanitized
from bench.plugins.sources import put_before_installed
from bench.processes import interruption
from bench.processes.child import parsed
from bench.processes.watching import ended_how
from bench.processes.whole_lines import Lines

Kind = TypeVar("Kind")
_TURNS = Path(__file__).with_name("turns.py")
_LEAVES_S = 10.0
"""A process may take to end its fixtures and to leave."""
_TAIL_BYTES = 4096
_USAGE_ERROR = 4
"""What pytest leaves with where it cannot use what it was given (`pytest.ExitCode`); pytest need not be installed here."""
_SIGNS = ("ERROR", "E ", "INTERNALERROR", "Fatal Python error")
"""How lines of pytest's begin that say what went wrong."""


@dataclass(frozen=True, slots=True)
class Place:
    """An arm of a gate, as a suite's processes run in it."""

    arm: str
    python: str | None = None
    """The interpreter; None for the command's own."""
    folder: str | None = None
    """Where pytest is called; None for the command's own."""
    path: Sequence[str] = ()
    """Folders of modules, to be found before what is installed and after the standard library."""
    environment: Mapping[str, str] = field(default_factory=dict)
    words: Sequence[str] | None = ()
    """What pytest is given; None where the arm has nothing of it."""


@dataclass(frozen=True, slots=True)
class Collected:
    """What a suite has, as pytest has collected it."""

    found: list[str]
    """The ids of its benchmarks, in the order of the suite."""
    broken: dict[str, str]
    """Files that cannot be loaded, and why."""
    skipped: dict[str, str]
    """Benchmarks and files that are skipped by what they say of themselves, and why."""
    files: list[str]
    """Of all modules that are neither Python's nor installed with it."""
    packages: dict[str, str]
    """The versions of the distributions whose modules are loaded."""


@dataclass(frozen=True, slots=True)
class Told:
    """What came of a benchmark."""

    ended: str
    """The id of the test."""
    outcome: Literal["ok", "failed", "unavailable"]
    reason: str = ""
    rounds: list[tuple[int, float]] = field(default_factory=list)
    """Of each its calls and its seconds."""


class SuiteProcess:
    """One process of pytest, from its start to its end. What it starts ends with it."""

    def __init__(self, place: Place, most_s: float, environment: Mapping[str, str] | None = None) -> None:
        """Start it.

        Args:
            place: where.
            most_s: how long the rounds of a benchmark may take together.
            environment: what is changed in it, beside what the place changes.
        """
        self.arm = place.arm
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process
        theirs, mine = os.pipe()
        answers, others = os.pipe()
        try:
            self._process = subprocess.Popen(
                [place.python or sys.executable, "-P", "-c", _boot(place, theirs, others, most_s)],
                stdin=subprocess.DEVNULL,
                stdout=self._said,
                stderr=subprocess.STDOUT,
                cwd=place.folder,
                env={**os.environ, **place.environment, **(environment or {})},
                start_new_session=True,
                pass_fds=(theirs, others),
                preexec_fn=_become_guarded,  # noqa: PLW1509 - callers are single-threaded
            )
        except BaseException:
            self._said.close()
            for each in (mine, answers):
                os.close(each)
            raise
        finally:
            for each in (theirs, others):
                os.close(each)
        self._requests, self._answers = mine, answers
        self._lines = Lines()
        self._unread: list[dict[str, Any]] = []

    def send(self, **message: Any) -> None:
        """Write one message; that a process is gone shows in that no answer comes."""
        with contextlib.suppress(BrokenPipeError):
            data = memoryview(json.dumps(message).encode() + b"\n")
            while data:
                data = data[os.write(self._requests, data) :]

    def collected(self, limit_s: float) -> Collected:
        """What the suite has; the process then waits for what is wanted of it (`send(wanted=…)`).

        Raises:
            MeasurementError: if it ends or lasts without having said so.
            UsageError: if pytest refuses what it is given.
            Interrupted: if the command is.
        """
        try:
            told = self._receive(limit_s)
        except TimeoutError:
            raise MeasurementError(
                f"{self.arm}: collecting the tests still lasted after {limit_s:g} s: give it a longer --time-limit"
            ) from None
        if told is not None and "wrong" in told:
            raise MeasurementError(f"{self.arm}: its Python {told['wrong']}")
        if (found := _as(Collected, told)) is not None:
            return found
        ending = self.ending()
        if self._process.poll() == _USAGE_ERROR:
            why = re.sub(r"^.*?error: ", "", self._last_words(), flags=re.IGNORECASE)
            raise UsageError(f"{self.arm}: pytest cannot use what it is given: {why}")
        raise MeasurementError(f"{self.arm}: pytest {ending}")

    def run(self, test: str, limit_s: float) -> Told | None:
        """Give the benchmark that comes next its turn, and wait for what comes of it; None where the process ends without a word.

        Raises:
            TimeoutError: if it does neither.
            Interrupted: if the command is.
        """
        if not self._awaits(test, limit_s):
            return None
        self.send(turn=True)
        told = _as(Told, self._receive(limit_s))
        return told if told is not None and told.ended == test else None

    def skip(self, test: str, limit_s: float) -> bool:
        """Leave the benchmark that comes next out; whether it came to it."""
        try:
            is_there = self._awaits(test, limit_s)
        except TimeoutError:
            return False
        self.send(turn=False)
        return is_there

    def _awaits(self, test: str, limit_s: float) -> bool:
        told = self._receive(limit_s)
        return told is not None and told.get("awaits") == test

    def _receive(self, limit_s: float) -> dict[str, Any] | None:
        """The next message; None where the process ends without one."""
        while not self._unread:
            if not interruption.wait([self._answers], limit_s):
                raise TimeoutError
            data = os.read(self._answers, 1 << 16)
            if not data:
                return None
            lines = self._lines.add(data)
            self._unread += [message for line in lines if isinstance(message := parsed(line), dict)]
        return self._unread.pop(0)

    def ending(self) -> str:
        """How the process has ended that says no more, and its last words."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_LEAVES_S)
        code = self._process.poll()
        how = "closed its end" if code is None else ended_how(code)
        said = self._last_words()
        return sanitized(f"{how}{said and f'; it said: {said}'}", 500)

    def _last_words(self) -> str:
        """The line that says what went wrong, or of a process that failed its last; empty where there is none."""
        size = self._said.seek(0, os.SEEK_END)
        self._said.seek(max(0, size - _TAIL_BYTES))
        lines = [each.strip() for each in self._said.read().decode("utf-8", "replace").splitlines()]
        errors = [each for each in lines if each.startswith(_SIGNS) or ": error: " in each]
        has_failed = (self._process.poll() or 0) > 0
        said = next((each for each in reversed(errors or (lines if has_failed else [])) if each.strip("=-! ")), "")
        return sanitized(said, 500)

    def leave(self) -> None:
        """Tell it that nothing more is wanted of it."""
        if self._requests >= 0:
            os.close(self._requests)
            self._requests = -1

    def close(self) -> None:
        """Let it leave in order, and end it with all that it has started where it does not."""
        self.leave()
        if self._said.closed:
            return
        try:
            self._process.wait(_LEAVES_S)
        except subprocess.TimeoutExpired:
            self.kill()
        os.close(self._answers)
        self._said.close()

    def kill(self) -> None:
        """End it at once, with all that it has started."""
        self._process.terminate()  # its guardian, which ends the others first
        self._process.wait()


def _become_guarded() -> None:
    guard()
    fix_addresses()


def _as(kind: type[Kind], message: dict[str, Any] | None) -> Kind | None:
    try:
        return None if message is None else msgspec.convert(message, kind)
    except msgspec.ValidationError:
        return None


def _boot(place: Place, requests: int, answers: int, most_s: float) -> str:
    """The program of a process: its path as hosts have it, and then `bench.suites.turns` by its file, without the rest of the tool."""
    return f"""\
import os, sys
{inspect.getsource(put_before_installed)}
put_before_installed(sys.path, {list(place.path)!r})
try:
    import pytest
except ImportError as error:
    os.write({answers}, b'{{"wrong": "cannot import pytest"}}\\n')
    sys.exit(1)
from importlib.util import module_from_spec, spec_from_file_location
spec = spec_from_file_location("bench_turns", {str(_TURNS)!r})
turns = sys.modules["bench_turns"] = module_from_spec(spec)
spec.loader.exec_module(turns)
sys.exit(turns.main({requests}, {answers}, {most_s!r}, {place.words and list(place.words)!r}))
"""
