"""What a workload needs before it is measured, such as a server or a folder of pictures, in a process of its own.

It is a child of the supervisor and no part of the measured tree. It lives until the supervisor closes its input.
"""

from __future__ import annotations

from bench.measure.host.inputs import generator, opened
from bench.measure.results.explain import explain
from bench.plugins import sources
from bench.processes.channel import Channel, ParentGone

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bench.measure.wire.requests import WorkRequest
    from bench.measure.wire.words import Yielded


def main() -> None:
    """Enter the workload's preparation, send what it yields, and leave it when the parent says so or is gone."""
    channel = Channel()
    message = channel.receive()
    if message is None:
        return
    request: WorkRequest = opened(message)
    try:
        workload = sources.load_workload(request.workload_source, request.workload, star=request.conditions.star)
        if workload.prepare is None:
            say(channel, {"prepared": None})
            return
        with workload.prepare(workload.scales[request.scale], generator(request)) as prepared:
            say(channel, {"prepared": prepared})
            channel.receive()
    except ParentGone:
        pass
    except BaseException as error:  # a preparation is measured code's neighbour: anything may come
        say(channel, {"error": explain(error)})


def say(channel: Channel, word: Yielded) -> None:
    """Say what came of it."""
    channel.send(word)
