"""Waiting for a child while minding that the command which started the supervisor may go away."""

import signal
from typing import Any

from bench.processes.channel import Channel
from bench.processes.child import Child
from bench.processes.readiness import ready

_TRACEBACK = "Traceback (most recent call last):"


class CommandGone(Exception):  # noqa: N818 - a fact, not an error
    """The command that started the supervisor has gone away."""


def wait(child: Child, channel: Channel, timeout_s: float) -> list[Any]:
    """Messages of the child that arrive within `timeout_s`; raises `CommandGone` where the command went away."""
    watched = [channel.request_descriptor]
    watched += [child.answers] if child.answers >= 0 else []
    if child.errors is not None:
        rest_s = child.errors_rest_s()
        watched += [] if rest_s > 0 else [child.errors]
        timeout_s = min(timeout_s, rest_s) if rest_s > 0 else timeout_s
    readable, _ = ready(watched, timeout_s=timeout_s)
    if channel.request_descriptor in readable:  # the command sends nothing while it waits: this is its end
        raise CommandGone
    if child.errors is not None and child.errors in readable:
        child.read_errors()
    return child.read_answers() if child.answers in readable else []


def last_words(said: bytes) -> str:
    """The last line of an error stream, for a reason; a traceback whose end is not there tells none."""
    lines = [line.rstrip() for line in said.decode("utf-8", "replace").split("\n") if line.strip()]
    while lines and (lines[-1] == _TRACEBACK or (_TRACEBACK in lines and lines[-1].startswith("  "))):
        lines.pop()
    return f"; it said: {lines[-1].strip()[:300]}" if lines else ""


def how_it_ended(host: Child, phase: str) -> tuple[str, str]:
    """The outcome of a host that has ended without a word, and the reason."""
    host.last_errors()
    code = host.process.returncode
    outcome = "killed" if code < 0 else "failed"
    return outcome, f"the measured process {ended_how(code)} ({phase}){last_words(host.tail)}"


def ended_how(code: int) -> str:
    """What a process did whose exit code is this, as `subprocess` gives it."""
    if code >= 0:
        return f"exited with status {code}"
    known = {each.value: each.name for each in signal.Signals}
    return f"was ended by {known.get(-code, f'signal {-code}')}"
