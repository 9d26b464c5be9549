"""The supervisor, but that it samples in half of a block's rounds, so that neighbours in time can be compared.

Two blocks of the same case differ by the luck of their memory's layout and by what else the machine did meanwhile; two
rounds of a block do not.
"""

from bench.accounting.sample_clock import SampleClock
from bench.measure.supervisor import main as supervisor
from bench.measure.supervisor.block_watch import BlockWatch

_begin = BlockWatch._begin  # noqa: SLF001 - where a round begins


def is_sampled(repetition, number):
    """Whether round `number`, the cold one being 0, is sampled: two are and two are not, and the next block begins the other way."""
    return (number // 2 + repetition) % 2 == 0


def begin(watch, phase, message):
    request, number = watch._request, watch._notes.rounds  # noqa: SLF001
    on = is_sampled(request.repetition, number)
    watch._account.sample_clock = SampleClock(request.conditions.sample_hz if on else 0)  # noqa: SLF001
    _begin(watch, phase, message)


def main():
    BlockWatch._begin = begin  # noqa: SLF001
    supervisor.main()
