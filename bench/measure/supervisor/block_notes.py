"""What is known of a block as it goes on: the fields of `bench.records.block.Block`, from what its host says and what its windows used."""

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bench.measure.wire.words import Found, GaveBack, Kept, Observed, Ready, TaskTimes, TimedAlone

GIL_IS_BACK = re.compile(rb"\(GIL\) has been enabled to load module '([^']{1,200})'")
"""What a free-threaded Python warns of, in whatever process of the block (`_PyImport_CheckGILState` of CPython's import.c)."""


class BlockNotes:
    """Those of one block. A field that nobody has told is not there."""

    def __init__(self) -> None:
        """Nothing is known."""
        self.fields: dict[str, Any] = {"outcome": None, "reason": "", "rounds": [], "calls": [], "cpu_waits_s": []}

    @property
    def is_over(self) -> bool:
        """Whether the block has an outcome."""
        return self.fields["outcome"] is not None

    @property
    def is_started(self) -> bool:
        """Whether its strategy is."""
        return "start" in self.fields

    @property
    def rounds(self) -> int:
        """How many have ended."""
        return len(self.fields["rounds"])

    @property
    def last_round_s(self) -> float:
        """What a call took in the last round; 0 before the first has ended."""
        return float(self.fields["rounds"][-1]["wall_s"] / self.fields["calls"][-1]) if self.rounds else 0.0

    def add_round(self, window: dict[str, Any], calls: int) -> None:
        """A round of so many calls."""
        self.fields["rounds"].append(window)
        self.fields["calls"].append(calls)

    def add_work(self, message: "Ready", setup_s: float) -> None:
        """What there is to do, when the host has come to it."""
        self.fields["tasks"] = message["tasks"]
        self.fields["payload_bytes"] = message["payload_bytes"]
        self.fields["setup_s"] = setup_s
        self._add_bound(message, stated=True)

    def add(self, message: "Observed | GaveBack | TimedAlone | Found | Kept") -> None:
        """What the host says between windows and after them."""
        match message["event"]:
            case "observed":
                for name in ("latencies", "fairness", "handed_over", "gil"):
                    self.fields[name] = message[name]
            case "result":
                self.fields["result"] = message["result"]
            case "alone":
                self._add_bound(message, stated=False)
            case "errand":
                self.fields["repeats"] = message["found"]
            case "kept":
                self.fields["kept_by_threads"] = message["threads"]

    def add_raised(self, kind: str) -> bool:
        """An exception, by its class; whether it is the first: one that comes of leaving the strategy is none of its own."""
        if "raised" in self.fields:
            return False
        self.fields["raised"] = kind
        return True

    def add_gil(self, module: bytes, *, stays_off: bool) -> None:
        """The module for which Python has turned the GIL on, if any: where it was to stay off, a block that went well has failed."""
        self.fields["gil_enabled_by"] = by = module.decode(errors="replace")
        if stays_off and self.fields["outcome"] == "ok" and (by or self.fields.get("gil") == "on"):
            why = f"to load the module {by}, which does not say that it can do without" if by else "meanwhile"
            self.end("failed", f"the GIL was to stay off, and Python turned it on {why}")

    def end(self, outcome: str, reason: str) -> None:
        """The outcome; the last one counts."""
        self.fields["outcome"] = outcome
        self.fields["reason"] = reason

    def _add_bound(self, message: "TaskTimes", *, stated: bool) -> None:
        if "longest_s" in message:
            self.fields["longest_task_s"] = message["longest_s"]
            self.fields["total_task_s"] = message["total_s"]
            self.fields["bound_stated"] = stated
