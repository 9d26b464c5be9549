"""Which layers of accounting there are here, the best first, and why the others are not.

A layer that is absent leaves its work to the next; what then is unknown or only bounded is said in every record.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from bench.accounting.control_groups import Places, find_places, sweep
from bench.accounting.kernel import adopt_orphans, be_prompt, is_subreaper
from bench.accounting.reading import proc_missing

ORDER = ("cgroup", "wait4", "ledger", "psutil")
"""From the most exact to the one that is everywhere."""
_NOWHERE = Places(None, None)


@dataclass(frozen=True, slots=True)
class Layers:
    """What may be used."""

    places: Places = _NOWHERE
    wait4: bool = False
    ledger: bool = False
    absent: Mapping[str, str] = field(default_factory=dict)
    """The others, each with the reason."""
    scheduling: str = "normal"
    """How promptly this process is woken; see `bench.accounting.kernel.be_prompt`."""


def probe(best: str = "cgroup") -> Layers:
    """Find out what works in this process; `best` is the highest layer that may be used."""
    allowed = ORDER[ORDER.index(best) :]
    absent = {each: f"not asked for: --accounting {best}" for each in ORDER if each not in allowed}
    places = _NOWHERE
    if "cgroup" in allowed:
        places = find_places()
        sweep()
        if reason := places.why_no_cpu:
            absent["cgroup"] = reason
        if places.cpu and places.why_no_memory:
            absent["cgroup memory"] = places.why_no_memory
    if "wait4" in allowed and not is_subreaper():
        absent["wait4"] = "this system gives orphans to another process, whose rusage we do not see"
    if "ledger" in allowed and (reason := proc_missing()):
        absent["ledger"] = reason
    return Layers(places, "wait4" not in absent, "ledger" not in absent, absent)


def engage(best: str = "cgroup", *, prompt: bool = True) -> Layers:
    """Make this process one that measures, for good: it adopts orphans. What it may use.

    Args:
        best: the highest layer that may be used.
        prompt: whether it is woken in time for samples, before all processes that are not.
    """
    adopt_orphans()
    layers = probe(best)
    return replace(layers, scheduling=be_prompt()) if prompt else layers
