"""Runs hosts one after another and watches them from outside. One process, one thread, one loop.

It starts a host for each block, reads the counters of its tree at the boundaries of phases and on a beat, ends
everything at the time limit, and makes sure that nothing of a block outlives it. When the command that started it goes
away, however that happens, it ends all it started and leaves.
"""

import os
import select
import signal
import subprocess
import tempfile
import time
from typing import Any

from bench.measure import tree
from bench.measure.channel import Channel, ParentGone
from bench.measure.child import Child
from bench.measure.sampler import Sampler

_LEAVE_S = 2.0
"""How long a host may take to leave after its last word, and its helpers after it."""
_PREPARATION_S = 1800.0
"""6000 pictures take about five minutes here."""
_POLL_S = 0.1
_PROGRESS_S = 0.25


class CommandGone(Exception):  # noqa: N818 - a fact, not an error
    """The command that started the supervisor has gone away."""


def main() -> None:
    """Answer requests until the command closes its end."""
    tree.adopt_orphans()
    channel = Channel()
    preparations: dict[str, Child] = {}
    try:
        while (request := channel.receive()) is not None:
            if request["do"] == "prepare":
                channel.send(prepare(request, channel, preparations))
            else:
                channel.send(BlockWatch(request, channel, preparations).run())
    except (CommandGone, ParentGone):
        tree.end_descendants(each.process.pid for each in preparations.values())
    finally:
        for preparation in preparations.values():
            preparation.close_input()  # so that it removes its files itself
        tree.await_end((), _LEAVE_S)
        tree.end_descendants()


def prepare(request: dict[str, Any], channel: Channel, preparations: dict[str, Child]) -> dict[str, Any]:
    """Start a preparation and wait for what it yields: `{"prepared": …}` or `{"error": …}`."""
    said = tempfile.TemporaryFile()  # noqa: SIM115 - a pipe would fill up, since nobody reads it while blocks run
    before_exec = tree.own_its_orphans_and_die_with_parent
    child = Child("bench.measure.prepare", errors=said, before_exec=before_exec)
    child.send(request)
    preparations[request["id"]] = child
    deadline = time.monotonic() + _PREPARATION_S
    while child.process.poll() is None:
        for message in _wait(child, channel, _POLL_S):
            return dict(message)
        if time.monotonic() > deadline:
            child.process.kill()
            return {"error": f"it still lasted after {_PREPARATION_S:g} s"}
    for message in _wait(child, channel, 0):
        return dict(message)
    said.seek(max(0, said.seek(0, os.SEEK_END) - 4096))
    return {"error": f"it ended with exit code {child.process.returncode}{last_words(said.read())}"}


def _wait(child: Child, channel: Channel, timeout_s: float) -> list[Any]:
    """Messages of the child that arrive within `timeout_s`; raises `CommandGone` where the command went away."""
    watched = [channel.request_descriptor]
    watched += [child.answers] if child.answers >= 0 else []
    watched += [child.errors] if child.errors is not None else []
    readable, _, _ = select.select(watched, [], [], timeout_s)
    if channel.request_descriptor in readable:  # the command sends nothing while it waits: this is its end
        raise CommandGone
    if child.errors in readable:
        child.read_errors()
    return child.read_answers() if child.answers in readable else []


def last_words(said: bytes) -> str:
    """The last line of an error stream, for a reason."""
    lines = [line.strip() for line in said.decode("utf-8", "replace").split("\n") if line.strip()]
    return f"; it said: {lines[-1][:300]}" if lines else ""


class BlockWatch:
    """One block, from the creation of its host to the end of the last of its processes."""

    def __init__(self, request: dict[str, Any], channel: Channel, preparations: dict[str, Child]) -> None:
        self._request = request
        self._channel = channel
        self._kept = [each.process.pid for each in preparations.values()]
        self._cpu_at_start_s = time.process_time()
        self._origin_s = time.perf_counter()
        self._deadline_s = self._origin_s + request["time_limit_s"]
        self._host = Child(
            "bench.measure.host",
            environment=_environment(request["environment"]),
            errors=subprocess.PIPE,
            before_exec=tree.die_with_parent,
        )
        self._sampler = Sampler(tree.PsutilReader(self._host.process.pid), request["sample_hz"], self._origin_s)
        self._round_began: tree.Reading | None = None
        self._first_of_round = 0
        self._progress_s = self._origin_s
        self._phase = "setting up"
        self._record: dict[str, Any] = {"outcome": None, "reason": "", "rounds": []}

    def run(self) -> dict[str, Any]:
        """Measure the block; its record has the fields of `bench.model.Block`."""
        self._host.send(self._request)
        while self._record["outcome"] is None:
            try:
                self._step()
            except (KeyError, TypeError) as error:  # no message of the host's: measured code wrote it
                self._end("failed", f"a message of the host made no sense: {error!r}")
        self._host.close_input()
        self._clear_up()
        return {"block": self._finished_record()}

    def _step(self) -> None:
        if time.perf_counter() > self._deadline_s:
            self._end("timed_out", f"{self._phase} still lasted after {self._request['time_limit_s']:g} s")
            return
        gone = self._host.process.poll() is not None
        beat_s = self._sampler.seconds_to_next()
        timeout_s = 0 if gone else min(_POLL_S, _POLL_S if beat_s is None else beat_s)
        messages = _wait(self._host, self._channel, timeout_s)
        for message in messages:
            self._handle(message)
        if gone and not messages and self._record["outcome"] is None:
            self._end(*self._death())
        self._sampler.beat()

    def _handle(self, message: dict[str, Any]) -> None:
        """Note what the host says, read the counters where it matters, and let it go on."""
        record = self._record
        match message["event"]:
            case "ready":
                record["tasks"] = message["tasks"]
                record["payload_bytes"] = message["payload_bytes"]
                record["setup_s"] = time.perf_counter() - self._origin_s
                self._note_bound(message, stated=True)
                self._phase = "starting the strategy"
            case "started":
                record["start_s"] = message["seconds"]
            case "round":
                self._phase = f"round {len(record['rounds']) + 1} of {self._request['rounds']}"
                self._first_of_round = len(self._sampler.readings)
                self._report_progress()
                self._round_began = self._sampler.read()
            case "measured":
                self._note_round(message)
                self._phase = "checking the results"
            case "observed":
                record["latencies"] = message["latencies"]
                record["fairness"] = message["fairness"]
                record["handed_over"] = message["handed_over"]
            case "alone":
                self._note_bound(message, stated=False)
            case "phase":
                self._phase = message["name"]
            case "stopped":
                record["stop_s"] = message["seconds"]
            case "ended":
                self._end(message["outcome"], message["reason"])
                return
        self._host.send("go")

    def _note_round(self, message: dict[str, Any]) -> None:
        ended = self._sampler.read()
        assert self._round_began is not None
        seen = self._sampler.readings[self._first_of_round :]
        self._record["rounds"].append(
            {
                "at_s": message["at"] - self._origin_s,
                "wall_s": message["seconds"],
                "cpu_s": round(ended.cpu_s - self._round_began.cpu_s, 6),
                "peak_memory_bytes": max(each.memory_bytes for each in seen) if len(seen) > 2 else None,
            }
        )

    def _note_bound(self, message: dict[str, Any], *, stated: bool) -> None:
        if "longest_s" in message:
            self._record["longest_task_s"] = message["longest_s"]
            self._record["total_task_s"] = message["total_s"]
            self._record["bound_stated"] = stated

    def _report_progress(self) -> None:
        """Let the command draw, while the host waits: nothing is drawn inside a round."""
        now = time.perf_counter()
        if now - self._progress_s >= _PROGRESS_S:
            self._progress_s = now
            self._channel.send({"progress": self._phase})
            if self._channel.receive() is None:
                raise CommandGone
            self._deadline_s += time.perf_counter() - now  # a stopped terminal is not the block's fault

    def _death(self) -> tuple[str, str]:
        """The outcome of a host that ended without its last word."""
        code = self._host.process.returncode
        if code < 0:
            known = {each.value: each.name for each in signal.Signals}
            name = known.get(-code, f"signal {-code}")
            return "killed", f"the measured process was ended by {name} ({self._phase}){last_words(self._host.tail)}"
        return "failed", f"the measured process exited with status {code} ({self._phase}){last_words(self._host.tail)}"

    def _end(self, outcome: str, reason: str) -> None:
        self._record["outcome"] = outcome
        self._record["reason"] = reason

    def _clear_up(self) -> None:
        """End what is left of the block; count what should not have been left."""
        in_time = self._record["outcome"] != "timed_out"
        deadline = time.monotonic() + (_LEAVE_S if in_time else 0)
        while self._host.process.poll() is None and time.monotonic() < deadline:
            _wait(self._host, self._channel, 0.01)  # drains what it still prints
        left = tree.await_end(self._kept, _LEAVE_S if in_time else 0)
        if left:
            ended = tree.end_descendants(self._kept)
            self._record["leaked_processes"] = ended if in_time else 0
        self._host.__exit__(None, None, None)

    def _finished_record(self) -> dict[str, Any]:
        hz = self._request["sample_hz"]
        return self._record | {
            "case": self._request["case"],
            "repetition": self._request["repetition"],
            "samples": self._sampler.columns(),
            "sampling": {
                "hz": hz,
                "due": self._sampler.due,
                "missed": self._sampler.missed,
                "late_p99_s": self._sampler.late_p99_s(),
                "cpu_s": time.process_time() - self._cpu_at_start_s,
                "cpu_method": tree.CPU_METHOD,
                "cpu_tick_s": tree.TICK_S,
                "memory_method": tree.MEMORY_METHOD,
            },
        }


def _environment(changes: dict[str, str | None]) -> dict[str, str]:
    """This process's variables with some set and some removed."""
    kept = {name: value for name, value in os.environ.items() if name not in changes}
    return kept | {name: value for name, value in changes.items() if value is not None}
