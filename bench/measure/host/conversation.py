"""What a host says to its supervisor. Where it asks, it stops until it is answered: the supervisor reads the counters meanwhile."""

from __future__ import annotations

from bench.processes.pristine import os, resource, time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from bench.measure.wire.words import Asking, Grant, Leaves, Raised, Telling, Used
    from bench.processes.channel import Channel

USED = ("ru_utime", "ru_stime", "ru_minflt", "ru_majflt", "ru_nvcsw", "ru_nivcsw")
"""In the order of `bench.accounting.reaping.Used`, which a host does not load."""


def raised(error: BaseException) -> Raised:
    """Which exception came, and when."""
    return {"event": "raised", "raised": type(error).__name__, "at": time.perf_counter()}


def left(outcome: str, reason: str = "", error: BaseException | None = None) -> Leaves:
    """How the block ended: with an outcome, its reason, and the exception that the supervisor has to know of."""
    ended: Leaves = {"event": "ended", "outcome": outcome, "reason": reason}
    return ended if error is None else {**raised(error), **ended}


def tell(channel: Channel, message: Telling) -> None:
    """Tell the supervisor what it does not answer."""
    channel.send(message)


def ask(channel: Channel, message: Asking) -> Any:
    """Tell the supervisor, wait until it has read its counters, and give back its answer; leave if it is gone."""
    channel.send({**message, **own_use()})
    answer = channel.receive()
    if answer is None:
        os._exit(1)  # noqa: SLF001 - that is its name
    return answer


def ask_closer(channel: Channel, name: str, limit_s: float) -> None:
    """Say that all is measured, and what is done next, for so long at most."""
    ask(channel, {"event": "closer", "name": name, "limit_s": limit_s})


def ask_turn(channel: Channel) -> Grant:
    """Hold still until the next round is granted."""
    grant: Grant = ask(channel, {"event": "next"})
    return grant


def own_use() -> Used:
    """What this process and the children it waited for have used: finer than what can be seen of it from outside."""
    if not hasattr(resource, "getrusage"):
        return {"own": [], "children": []}
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return {"own": [getattr(own, name) for name in USED], "children": [getattr(children, name) for name in USED]}
