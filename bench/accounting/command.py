"""The account of any command: what `doctor --prove` and the benchmarks put programs of known use through."""

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

from bench.accounting.account import Account, Finished
from bench.accounting.descendants import await_end, check_sight, end_descendants, there_are
from bench.accounting.kernel import be_normal, disown_orphans, is_subreaper
from bench.accounting.layers import engage
from bench.processes.readiness import ready

_LINGER_S = 5.0
_IDLE_S = 0.05


class Unwanted(Exception):  # noqa: N818 - a fact, not an error
    """Who wanted a command measured has gone away."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A command that has ended, and what it used."""

    status: int
    output: bytes
    finished: Finished


def measure_command(
    command: Sequence[str], *, best: str = "cgroup", sampler: str = "auto", sample_hz: float = 20.0, unwanted: int = -1
) -> Measured:
    """Run a command to the end of its last descendant, and account for all of them.

    Meanwhile this process adopts orphans and is woken at once. However this ends, nothing that the command started is left.

    Args:
        best: the highest layer that may be used.
        unwanted: a descriptor that can be read once nobody wants this any more.

    Raises:
        Unwanted: if so.
        MeasurementError: where processes cannot be told apart.
    """
    check_sight()
    adopted_before = is_subreaper()
    layers = engage(best)
    excluded = there_are()
    account = Account(layers, sampler, sample_hz, excluded)
    reap = account.watched.reaper.reap
    try:
        with subprocess.Popen(command, stdout=subprocess.PIPE, preexec_fn=account.before_exec) as process:  # noqa: PLW1509
            account.root(process.pid)
            account.read()
            try:
                output, status = _watch(process, account, unwanted)
                process.returncode = status
            except Unwanted:
                end_descendants(excluded)
                raise
        if await_end(excluded, _LINGER_S, reap):
            end_descendants(excluded, reap)
        return Measured(status, output, account.finish())
    finally:
        account.close()
        be_normal()
        if not adopted_before:
            disown_orphans()


def _watch(process: "subprocess.Popen[bytes]", account: Account, unwanted: int) -> tuple[bytes, int]:
    """Sample until the process ends; its output and exit code."""
    assert process.stdout is not None
    output, stream = b"", process.stdout.fileno()
    while True:
        wait_s = account.sample_clock.seconds_to_next()
        timeout_s = _IDLE_S if wait_s is None else min(wait_s, _IDLE_S)
        readable, _ = ready([each for each in (stream, unwanted) if each >= 0], timeout_s=timeout_s)
        if unwanted in readable:
            raise Unwanted
        if stream in readable:
            data = os.read(stream, 1 << 16)
            output += data
            stream = stream if data else -1
        account.sample()
        if (status := account.reap_root()) is not None:
            return output + (_rest(stream) if stream >= 0 else b""), status


def _rest(stream: int) -> bytes:
    """What is in a pipe now; a descendant may hold its other end forever."""
    output = b""
    while ready([stream], timeout_s=0)[0] and (data := os.read(stream, 1 << 16)):
        output += data
    return output
