"""The layers of accounting as facts: which of them work here, and what each is good for."""

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import psutil

from bench.accounting.descendants import why_blind
from bench.accounting.kernel import be_prompt
from bench.accounting.layers import probe
from bench.doctor.rights import DELEGATE
from bench.doctor.system import System
from bench.records.diagnosis import Fact, State

GROUP = "accounting"


@dataclass(frozen=True, slots=True)
class _Layer:
    topic: str
    meaning: str
    hint: str


_LAYERS = {
    "cgroup": _Layer(
        "CPU by control group", "all processes, however short they live and however they end: exact", DELEGATE
    ),
    "cgroup memory": _Layer(
        "memory by control group", "the peak itself, spikes included, each page once; cache of files counts too", DELEGATE
    ),
    "wait4": _Layer(
        "wait4", "CPU, faults and context switches of a whole block, of all processes that somebody waits for",
        "Linux has it: run there, or in a virtual machine with it",
    ),
    "ledger": _Layer(
        "ledger", "CPU of rounds and of the series, living processes to the nanosecond",
        "Linux has it (CONFIG_PROC_CHILDREN), with /proc mounted",
    ),
    "psutil": _Layer(
        "psutil", "what was last seen of each process, in ticks: a lower bound that works everywhere",
        "mount all of /proc, without subset=pid; else reinstall psutil for this Python",
    ),
}  # fmt: skip


def layers(_: System) -> Iterator[Fact]:
    """Every layer, the best first."""
    found = probe()
    absent = dict(found.absent)
    if found.places.memory is None:
        absent["cgroup memory"] = found.places.why_no_memory or found.places.why_no_cpu
    if reason := why_blind():
        absent["psutil"] = reason
    more = {
        "cgroup": f", version {found.places.cpu.version}" if found.places.cpu else "",
        "cgroup memory": f", version {found.places.memory.version}" if found.places.memory else "",
        "psutil": f", {psutil.__version__} on {sys.platform}",
    }
    for name, layer in _LAYERS.items():
        reason = absent.get(name, "")
        yield Fact(
            GROUP, layer.topic, reason or f"works{more.get(name, '')}",
            State.ABSENT if reason else State.GOOD, layer.meaning, layer.hint if reason else "",
            needed=name == "psutil",
        )  # fmt: skip


def promptness(_: System) -> Iterator[Fact]:
    """How soon the sampler is woken while all cores are busy."""
    scheduling = _tried_in_a_fork()
    if scheduling == "normal":
        yield Fact(
            GROUP, "waking in time", scheduling, State.LIMITED, "while all cores are busy, samples are late or missed",
            "run as root, or allow it a real-time priority: ulimit -r 1 (rtprio in limits.conf)",
        )  # fmt: skip
    else:
        late = "by less than a tick" if scheduling == "real time" else "by some ticks while many processes are busy"
        yield Fact(GROUP, "waking in time", scheduling, State.GOOD, f"samples are late {late}")


def _tried_in_a_fork() -> str:
    """What `be_prompt` says, which changes the process that asks for good."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(write, be_prompt().encode())
        finally:
            os._exit(0)
    os.close(write)
    with open(read, "rb") as stream:
        said = stream.read().decode()
    os.waitpid(child, 0)
    return said or "normal"


LOOKS = {"layers": layers, "waking in time": promptness}
