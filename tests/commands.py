"""The real command in the background: as a shell at a terminal starts it, and to be watched, interrupted and killed."""

import contextlib
import os
import signal
import subprocess
import sys
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import environment, started_by

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass
class Command:
    """`python -m bench …` that runs, in a folder of its own, with its signals as a shell at a terminal gives them."""

    process: subprocess.Popen
    folder: Path
    marker: str

    def stdout(self) -> str:
        return (self.folder / "stdout").read_text()

    def stderr(self) -> str:
        return (self.folder / "stderr").read_text()


@contextlib.contextmanager
def beginning(tmp_path):
    """Starts commands; they go to their streams' files unless told otherwise. Nothing of them outlives the context."""
    begun = []

    def start(*arguments, program=("-m", "bench"), files=None, folder=None, **streams):
        folder = folder or tmp_path / str(len(begun))
        folder.mkdir(exist_ok=True)
        for name, text in (files or {}).items():
            (folder / name).write_text(text)
        marker = uuid.uuid4().hex
        with (folder / "stdout").open("wb") as out, (folder / "stderr").open("wb") as err:
            process = subprocess.Popen(
                [sys.executable, *program, *arguments],
                cwd=streams.pop("cwd", folder),
                env=environment(BENCH_TEST_MARKER=marker) | streams.pop("env", {}),
                **(
                    {"stdin": subprocess.DEVNULL, "stdout": out, "stderr": err, "preexec_fn": default_signals} | streams
                ),
            )
        begun.append(Command(process, folder, marker))
        return begun[-1]

    yield start
    for each in begun:
        kill([each.process.pid] * (each.process.poll() is None) + started_by(each.marker))
        each.process.wait()


def default_signals():
    for number in SIGNALS:  # who runs the tests may ignore them
        signal.signal(number, signal.SIG_DFL)


def kill(pids):
    """Kill processes; one that is gone by then went with another."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def nothing_is_left(marker, limit_s=20):
    """Wait until no process is there that a command with this marker started, itself included."""
    until(lambda: not started_by(marker), "processes are left", limit_s)


def until(condition, what, limit_s=120):
    """Ask until it holds; to ask takes at most half a core from what is waited for."""
    begun = asked = time.monotonic()
    while not (found := condition()):
        now = time.monotonic()
        assert now - begun < limit_s, what
        time.sleep(max(0.003, now - asked))
        asked = time.monotonic()
    return found
