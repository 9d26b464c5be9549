"""What takes a plain loop over the inputs, when all is measured: the results are held against its, and its tasks are timed."""

from __future__ import annotations

from bench.measure.host.conversation import ask, ask_closer, tell
from bench.measure.host.inputs import make_inputs
from bench.measure.results import judge

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from bench.measure.wire.requests import BlockRequest
    from bench.plugins.registry import Workload
    from bench.processes.channel import Channel


def look_closer(request: BlockRequest, channel: Channel, workload: Workload, results: list[Any]) -> None:
    """What takes a plain loop over the inputs. All is measured by now: the supervisor ends what takes too long, and nothing is lost.

    Args:
        results: those of the last round, which are taken out of the list.
    """
    if judge.states_nothing(workload, request.scale) and (request.verifies or request.keeps):
        ask_closer(channel, "comparing the results with a plain loop's", request.compare_s)
        compare(request, channel, workload, results.pop())
    results.clear()
    if request.times_alone and judge.can_be_timed_alone(workload):
        ask_closer(channel, "running the tasks one by one", request.alone_s)
        inputs = make_inputs(workload, request)
        ask(channel, {"event": "alone", **judge.timed_alone(workload.task, inputs, request.alone_s)})


def compare(request: BlockRequest, channel: Channel, workload: Workload, results: Any) -> None:
    """Keep the results as those of a plain loop, or hold them against those."""
    from bench.measure.results import plain_loop

    if request.keeps:
        assert request.plain is not None, "or they are not to be kept"
        plain_loop.keep(request.plain, results, request.compare_s)
        return
    rounds = request.conditions.fresh_rounds or 1

    def note(compared: int, suspect: str = "") -> None:
        tell(channel, {"event": "compared", "compared": compared // rounds, "suspect": suspect})

    pace = plain_loop.Pace(request.compare_s)
    close, path = request.conditions.close, request.plain

    def make() -> Any:
        return inputs_of_all(workload, request, rounds)

    plain_loop.Comparison(workload.task, make, results, pace, note, close, may_release=True).run(path)


def inputs_of_all(workload: Workload, request: BlockRequest, rounds: int) -> Any:
    """The inputs of so many rounds, one after another."""
    if rounds == 1:
        return make_inputs(workload, request)
    return [each for number in range(rounds) for each in make_inputs(workload, request, number)]
