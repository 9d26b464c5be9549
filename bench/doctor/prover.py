"""Proves in a process of its own, which stays small: children begin with what their parent held, and tools count it."""

import dataclasses
import subprocess
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from bench.accounting.command import Measured, Unwanted, measure_command
from bench.accounting.kernel import adopt_orphans
from bench.accounting.layers import Layers, probe
from bench.errors import MeasurementError
from bench.machine.guardian import adopting, guard
from bench.measure.results.explain import explain
from bench.processes import interruption
from bench.processes.channel import Channel, ParentGone
from bench.processes.child import Child
from bench.records.diagnosis import Proof

Progress = Callable[[str], None]


def prove(progress: Progress) -> Iterator[Proof]:
    """All proofs, as they are made; takes about a minute.

    Raises:
        MeasurementError: if the accounting itself fails.
    """
    import msgspec

    with (
        adopting(),
        interruption.held(),
        # what it measures may complain of its end, to nobody's use
        Child("bench.doctor.prover", errors=subprocess.DEVNULL, before_exec=guard, lenient=True) as child,
    ):
        child.send({"do": "prove"})
        while (answer := child.receive()) is not None:
            child.send({"go": "on"})
            if "ended" in answer:
                return
            if "error" in answer:
                raise MeasurementError(f"proving stopped: {answer['error']}")
            proof = msgspec.convert(answer["proof"], Proof)
            progress(f"proof {answer['number']} of {answer['of']}: {proof.program}, {proof.asked}")
            yield proof
    raise MeasurementError("the process that proves ended unexpectedly")


def layers_here(found: Layers) -> tuple[list[str], list[str]]:
    """The layers that are there for CPU and for memory, best first."""
    there = {
        "cgroup": found.places.cpu is not None,
        "wait4": found.wait4,
        "ledger": found.ledger,
        "psutil": True,
    }
    memory = there | {
        "cgroup": found.places.memory is not None,
        "wait4": False,
    }  # nothing of memory is learnt by waiting
    return [each for each, here in there.items() if here], [each for each, here in memory.items() if here]


def main() -> None:
    """The child: prove, and send each proof when it is made."""
    from bench.doctor.proving import how_many, proofs

    channel = Channel()
    channel.receive()
    adopt_orphans()
    try:
        cpu_layers, memory_layers = layers_here(probe())
        of = how_many(cpu_layers, memory_layers)
        for number, proof in enumerate(
            proofs(partial(_measure, channel.request_descriptor), cpu_layers, memory_layers), start=1
        ):
            channel.send({"proof": dataclasses.asdict(proof), "number": number, "of": of})
            if channel.receive() is None:
                return
        channel.send({"ended": True})
    except (ParentGone, Unwanted):
        return
    except Exception as error:  # it goes on one line to who asked
        channel.send({"error": explain(error)})


def _measure(unwanted: int, command: Sequence[str], layer: str) -> Measured:
    return measure_command(command, best=layer, unwanted=unwanted)
