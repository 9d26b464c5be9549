"""Work that computes first and then waits, as a service does that prepares a request and waits for the reply.

Only the computing holds the interpreter lock, so this shows what threads gain where half of a task is waiting.
"""

import time
from collections.abc import Sequence
from random import Random

from bench import workload

WAIT_S = 0.005
LEAST_COUNT, MOST_COUNT = 140_000, 180_000
"""Numbers to look at, about 5 ms of pure Python on a processor of 2023."""

Request = tuple[int, int]


def requests(tasks: int, rng: Random) -> list[Request]:
    """(first number, how many), both even."""
    return [(2 * rng.randrange(500_000), 2 * rng.randrange(LEAST_COUNT // 2, MOST_COUNT // 2)) for _ in range(tasks)]


def expected(inputs: Sequence[Request]) -> list[int]:
    """Half of each: of 2k and 2k + 1, which differ in the last bit alone, exactly one has an odd number of ones."""
    return [count // 2 for _, count in inputs]


async def counting_and_waiting(request: Request) -> int:
    """The same as the task, in an event loop: the counting keeps the loop busy, the waiting does not."""
    import asyncio  # the other strategies are measured without it

    counted = count_odd(*request)
    await asyncio.sleep(WAIT_S)
    return counted


# "cpu" would claim that no more workers than cores can help, and they do, in the waiting; "unknown" would leave it to
# whether a serial round keeps a core busy for a little more or a little less than half of the time. What "io" gives is
# too low where the cores are the limit, and never too high.
@workload(
    inputs=requests,
    scales={"quick": 5, "standard": 14, "article": 200},
    bound="io",
    expect=expected,
    coroutine=counting_and_waiting,
)
def mixed(request: Request) -> int:
    """Count in pure Python for about 5 ms, then wait 5 ms as if for a reply."""
    counted = count_odd(*request)
    time.sleep(WAIT_S)
    return counted


def count_odd(first: int, count: int) -> int:
    """How many of `count` numbers from `first` on have an odd number of ones in binary."""
    return sum(number.bit_count() & 1 for number in range(first, first + count))
