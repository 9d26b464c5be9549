"""Whose turn it is, seen from a supervisor: its host holds still between windows until the command lets it go on.

So nothing is drawn while something is measured, and of the hosts of an ensemble one measures at a time. The block's clock stands
still meanwhile; what its processes use all the same is counted by itself.
"""

import time
from typing import TYPE_CHECKING, Any

from bench.accounting.account import Account
from bench.measure.supervisor.deadline import Deadline
from bench.measure.wire.requests import BlockRequest
from bench.processes.channel import Channel
from bench.processes.watching import CommandGone

if TYPE_CHECKING:
    from bench.measure.wire.words import Answer, Grant, Ready

LEAVE = "leave"
"""What the command answers where a block is to end and to leave no record."""
_PROGRESS_S = 0.25
_MOST_TASKS = 10_000
"""Of a round of several calls: each call has inputs of its own, all of them made before it begins."""


class LeftOut(Exception):  # noqa: N818 - a fact
    """The command would have the block end, and no record of it."""


class Turns:
    """The turns of one block."""

    def __init__(self, channel: Channel, account: Account, deadline: Deadline, request: BlockRequest) -> None:
        """None has come yet; `request` says whether the command grants them and how many rounds there are where it does not."""
        self._channel = channel
        self._account = account
        self._deadline = deadline
        self._are_granted = request.settings.turns
        self._rounds = request.rounds
        self._told_s = time.perf_counter()
        self.rested_s = 0.0
        """How long the block has held still since its first round: what it started may have gone on starting before."""
        self.rested_cpu_s: float | None = None
        """What it used meanwhile."""

    def begin(self, phase: str) -> None:
        """Wait for the first turn: to make inputs and to start the strategy.

        Raises:
            CommandGone: if the command is.
            LeftOut: if it would have the block end here.
        """
        if self._are_granted:
            self._hold({"turn": phase})

    def next_round(self, done: int, took_s: float, most_calls: int) -> "Grant":
        """How many `calls` the next round has, and how many are `untimed` before it; no calls where there is no other round.

        Args:
            done: rounds that were measured.
            took_s: what a call took in the last of them.
            most_calls: that the next may have.

        Raises:
            CommandGone, LeftOut: as above.
        """
        phase = self.name(done + 1)
        if self._are_granted:
            granted: Grant = self._hold({"turn": phase, "took_s": took_s, "most_calls": most_calls}, counts=done > 0)
            return granted
        if time.perf_counter() - self._told_s >= _PROGRESS_S:
            self._hold({"progress": phase})
        return {"calls": int(done < self._rounds), "untimed": 0}

    def end(self) -> None:
        """All is measured: others may go on while the host leaves."""
        if self._are_granted:
            word: Answer = {"leaving": True}
            self._channel.send(word)

    def name(self, number: int) -> str:
        """What the round of this number is called; they count from 1."""
        return f"round {number}" if self._are_granted else f"round {number} of {self._rounds}"

    def _hold(self, word: "Answer", *, counts: bool = False) -> Any:
        used_s = self._account.cpu_s()
        began_s = time.perf_counter()
        self._channel.send(word)
        answer = self._channel.receive()
        if answer is None:
            raise CommandGone
        if answer == LEAVE:
            raise LeftOut
        self._told_s = time.perf_counter()
        rested_s = self._told_s - began_s
        self._deadline.add(rested_s)  # others had their turns, or a terminal was stopped
        self._account.rested(rested_s)
        if counts:
            self.rested_s += rested_s
            self.rested_cpu_s = (self.rested_cpu_s or 0.0) + max(0.0, self._account.cpu_s() - used_s)
        return answer


def most_calls(work: "Ready") -> int:
    """How many calls a round may have, by what a host says of its work: one where a function of the workload's checks what calls give.

    It may look for what a call has left behind, and remove it.
    """
    return 1 if work["checks"] else max(1, _MOST_TASKS // max(1, work["tasks"]))
