"""One block, watched from outside: from the creation of its host to the end of the last of its processes.

It reads the account of the host's tree at the edges of phases and where a sample is due, ends everything at the time limit, and
makes sure that nothing of the block outlives it.
"""

import subprocess
import time
from collections.abc import Collection
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Literal

from bench.accounting.account import Account
from bench.accounting.descendants import await_end, descendants, end_descendants
from bench.accounting.kernel import die_with_parent, fix_addresses
from bench.accounting.layers import Layers
from bench.accounting.tree_snapshot import TreeSnapshot, self_report
from bench.measure.supervisor.block_notes import GIL_IS_BACK, BlockNotes
from bench.measure.supervisor.clock_check import ClocksDisagree, check_clock
from bench.measure.supervisor.closer_look import CloserLook
from bench.measure.supervisor.deadline import Deadline, why_over
from bench.measure.supervisor.fault_time import FaultTime
from bench.measure.supervisor.turns import LeftOut, Turns, most_calls
from bench.measure.wire.requests import BlockRequest, message_of
from bench.processes import scratch
from bench.processes.channel import Channel, ParentGone
from bench.processes.child import Child
from bench.processes.variables import environment_with
from bench.processes.watching import CommandGone, how_it_ended, wait

if TYPE_CHECKING:
    from bench.measure.wire.words import (
        Answer,
        Asking,
        Ended,
        Grant,
        Measured,
        Ready,
        Telling,
        Waits,
    )  # fmt: skip

LEAVE_S = 2.0
"""How long a host may take to leave after its last word, and its helpers after it."""
_POLL_S = 0.1


class BlockWatch:
    """One block; its host is started at once."""

    def __init__(
        self, request: BlockRequest, channel: Channel, layers: Layers, kept: Collection[int], folders: tuple[str, str]
    ) -> None:
        """Start the host.

        Args:
            kept: children of this process that do not belong to the block.
            folders: for the block's temporary files; and the shelf of `bench.processes.child`.
        """
        self._request = request
        self._channel = channel
        self._kept = list(kept)
        self._account = Account(layers, request.conditions.sampler, request.conditions.sample_hz, self._kept)
        used_s = self._account.cpu_s if request.fault else None
        self._deadline = Deadline(self._account.origin_s, request.conditions.time_limit_s, used_s)
        self._turns = Turns(channel, self._account, self._deadline, request)
        folder, shelf = folders
        self._fault = FaultTime() if request.fault else None
        self._noticed_at_s: float | None = None
        self._host = Child(
            "bench.measure.host.main",
            python=request.site.python,
            folder=request.site.folder,
            path=request.site.path,
            shelf=shelf,
            environment=environment_with(
                request.environment | {"TMPDIR": folder} | (self._fault.variable if self._fault else {})
            ),
            errors=subprocess.PIPE,
            before_exec=self._before_exec,
            sought=GIL_IS_BACK,
        )
        self._account.root(self._host.process.pid)
        self._account.read()
        self._snapshot: TreeSnapshot | None = None
        self._released_s = self._account.origin_s  # when the host was last let go on
        self._phase = "setting up"
        self._closer_look = CloserLook()
        self._calls, self._most_calls = 0, 1  # of the round that was granted last, and of any
        self._notes = BlockNotes()

    def _before_exec(self) -> None:
        die_with_parent()
        if self._request.settings.layout is not None:
            fix_addresses()
        self._account.before_exec()

    def run(self) -> "Answer":
        """Measure the block; its record has the fields of `bench.records.block.Block`. Another answer where the command leaves it out."""
        try:
            self._host.send(message_of(self._request))
            while not self._notes.is_over:
                try:
                    self._step()
                except ClocksDisagree as error:
                    self._notes.end("failed", str(error))
                except (CommandGone, ParentGone, LeftOut):
                    raise
                except Exception as error:  # no message of the host's: measured code wrote it
                    self._notes.end("failed", f"a message of the host made no sense: {error!r}")
            self._turns.end()
            self._host.close_input()
            self._clear_up()
            return {"block": self._finished_record()}
        except (CommandGone, LeftOut) as end:
            end_descendants(self._kept, self._account.watched.reaper.reap)
            if isinstance(end, LeftOut):
                return {"left": True}
            raise
        finally:
            self._account.close()
            if self._fault is not None:
                self._fault.close()
            watched = self._account.watched  # whoever was killed left its own
            scratch.forget({self._host.process.pid, *watched.reaper.cpu_s, *watched.seen})

    def _step(self) -> None:
        if self._closer_look.is_over():
            self._notes.end(*self._closer_look.give_up(self._host.process.pid))
            return
        if self._deadline.is_over() and not self._closer_look.has_begun:
            why = why_over(self._phase, self._deadline.lasted_s, self._notes.fields, self._request.rounds)
            self._notes.end("timed_out", why)
            return
        gone = self._host_is_gone()
        due_in_s = self._account.sample_clock.seconds_to_next()
        timeout_s = 0 if gone else min(_POLL_S, _POLL_S if due_in_s is None else due_in_s)
        messages = wait(self._host, self._channel, timeout_s)
        for message in messages:
            self._handle(message)
        if gone and not messages and not self._notes.is_over:
            self._noticed_at_s = self._noticed_at_s or time.perf_counter()
            self._notes.end(*how_it_ended(self._host, self._phase))
        self._account.sample()

    def _host_is_gone(self) -> bool:
        process = self._host.process
        if process.returncode is None:
            process.returncode = self._account.reap_root()
        return process.returncode is not None

    def _handle(self, message: "Asking | Telling") -> None:
        """Read the account where a window begins or ends, note what the host says, and let it go on."""
        fields = self._notes.fields
        match message["event"]:
            case "raised" | "leaving" | "ended" | "compared" | "kept":
                self._hear(message)
                return
            case "ready":
                self._most_calls = most_calls(message)
                self._notes.add_work(message, self._account.at_s(time.perf_counter()))
                self._begin("starting the strategy", message)
            case "started":
                fields["start"] = self._window("start", message)
            case "next":
                self._grant()
                return
            case "round":
                self._begin(self._phase, message)
            case "measured":
                self._notes.add_round(self._window(f"round {self._notes.rounds + 1}", message), self._calls)
                if self._request.settings.cpus:
                    fields["cpu_waits_s"].append(message["waited"])
                self._phase = "checking the results"
            case "stopping":
                self._begin("stopping the strategy", message)
            case "stopped":
                fields["stop"] = self._window("stop", message)
            case _:
                self._note(message)
        self._let_go()

    def _let_go(self, word: "Literal['go'] | Grant" = "go") -> None:
        self._released_s = time.perf_counter()
        self._host.send(word)

    def _grant(self) -> None:
        """Wait for the host's turn; say how many calls its round has, none where there is no other."""
        if not self._notes.is_started:
            self._turns.begin(self._phase)
            self._let_go()
            return
        done = self._notes.rounds
        grant = self._turns.next_round(done, self._notes.last_round_s, self._most_calls)
        self._calls = grant["calls"]
        self._phase = self._turns.name(done + 1)
        self._let_go(grant)

    def _note(self, message: "Asking") -> None:
        """What the host says between windows."""
        match message["event"]:
            case "phase":
                self._phase = message["name"]
            case "closer":
                self._phase = message["name"]
                self._closer_look.begin(message["limit_s"])
            case "observed" | "result" | "alone" | "errand":
                self._notes.add(message)

    def _hear(self, message: "Telling") -> None:
        """What the host says and waits for no answer, when it is about to leave above all."""
        match message["event"]:
            case "raised":
                self._note_raised(message["raised"], message["at"])
            case "leaving":
                self._phase = message["name"]
            case "compared":
                self._closer_look.hear(message)
            case "kept":
                self._notes.add(message)
            case "ended":
                if "raised" in message:
                    self._note_raised(message["raised"], message["at"])
                self._notes.end(str(message["outcome"]), message["reason"])

    def _note_raised(self, kind: str, at: float) -> None:
        if self._notes.add_raised(kind):
            self._noticed_at_s = at
            self._phase = f"stopping the strategy after it raised {kind}"

    def _begin(self, phase: str, message: "Waits | Ready") -> None:
        self._phase = phase
        self._snapshot = self._account.snapshot(self_report(self._host.process.pid, message), begins=True)

    def _window(self, name: str, message: "Ended | Measured") -> dict[str, Any]:
        """The window that began at the last snapshot and has ended now."""
        if self._snapshot is None:
            raise KeyError(name)
        check_clock(name, message["at"], message["seconds"], (self._released_s, time.perf_counter()))
        ended = self._account.snapshot(self_report(self._host.process.pid, message), begins=False)
        at_s = self._account.at_s(message["at"])
        return asdict(self._account.window(name, self._snapshot, ended, at_s, message["seconds"]))

    def _clear_up(self) -> None:
        """End what is left of the block; count what should not have been left."""
        record = self._notes.fields
        in_time = record["outcome"] != "timed_out"
        deadline = time.monotonic() + (LEAVE_S if in_time else 0)
        while not self._host_is_gone() and time.monotonic() < deadline:
            for message in wait(self._host, self._channel, 0.01):  # and drains what it still prints
                if message.get("event") == "kept":
                    self._hear(message)
        reap = self._reap
        left = await_end(self._kept, LEAVE_S if in_time else 0, reap)
        if left:
            own = 0 if self._host_is_gone() else 1
            ended = end_descendants(self._kept, reap)
            record["leaked_processes"] = max(0, ended - own)
            if stubborn := descendants(self._kept, reap):
                record["reason"] += f"; {len(stubborn)} of its processes could not be ended"
        self._host_is_gone()
        self._host.last_errors()
        self._notes.add_gil(self._host.found, stays_off=self._request.site.gil == "off")
        self._host.close()

    def _reap(self, pid: int) -> None:
        if pid == self._host.process.pid:
            self._host_is_gone()
        else:
            self._account.watched.reaper.reap(pid)

    def _finished_record(self) -> dict[str, Any]:
        finished = self._account.finish()
        return self._notes.fields | {
            "case": self._request.case,
            "repetition": self._request.repetition,
            "rested_s": self._turns.rested_s,
            "rested_cpu_s": self._turns.rested_cpu_s,
            "arm": self._request.arm,
            "noticed_s": self._noticed_s(),
            "compared": self._closer_look.compared,
            "whole": asdict(finished.window),
            "samples": asdict(finished.samples),
            "sampling": asdict(finished.sampling),
            "accounting": asdict(finished.accounting),
        }

    def _noticed_s(self) -> float | None:
        """From the fault, if there was one, to the strategy's telling of it."""
        happened_s = self._fault.at_s() if self._fault else None
        if happened_s is None or self._noticed_at_s is None:
            return None
        return max(0.0, self._noticed_at_s - happened_s)
