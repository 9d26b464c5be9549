"""Tasks that do next to nothing, with a megabyte going in or coming out: what is left is what moving it costs.

A thread hands over a reference. To a process the bytes are pickled, written into a pipe, read and unpickled.
"""

import zlib
from random import Random

from bench import WrongResult, workload

SIZE_BYTES = 1_000_000
TASKS = {"quick": 16, "standard": 40, "article": 256}


def blobs(tasks: int, rng: Random) -> list[bytes]:
    """Eight random bytes over and over, different ones for each task: a megabyte of random ones takes two milliseconds to make."""
    return [repeated(each) for each in numbers(tasks, rng)]


def numbers(tasks: int, rng: Random) -> list[int]:
    """What the results are made of: eight bytes each."""
    return [rng.getrandbits(63) for _ in range(tasks)]


@workload(inputs=blobs, scales=TASKS, expect=lambda inputs: [zlib.crc32(each) for each in inputs])
def big_inputs(blob: bytes) -> int:
    """Take 1 MB of bytes and give their CRC-32: what it costs to hand inputs over."""
    # every bit counts in it, and it is the cheapest that is so: 0.14 ms a megabyte, against 0.45 ms for pickling
    return zlib.crc32(blob)


def check(inputs: list[int], results: list[bytes]) -> None:
    """Every byte is there."""
    for number, found in zip(inputs, results, strict=True):
        if found != repeated(number):
            raise WrongResult(f"the {len(found)} bytes for {number} are not its 8 bytes {SIZE_BYTES // 8} times over")


@workload(inputs=numbers, scales=TASKS, check=check)
def big_results(number: int) -> bytes:
    """Take a number and give 1 MB of bytes: what it costs to hand results back."""
    return repeated(number)


def repeated(number: int) -> bytes:
    """The eight bytes of a number over and over: made in 10 µs, and different for each number."""
    return number.to_bytes(8, "big") * (SIZE_BYTES // 8)
