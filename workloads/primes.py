"""CPU-bound work in pure Python, which holds the interpreter lock all the time."""

from random import Random

from bench import workload

RANGES = 32


def ranges(limit: int, _: Random) -> list[tuple[int, int]]:
    """The numbers below `limit` in ranges of one length; the later ones take longer."""
    step = limit // RANGES
    return [(start, start + step) for start in range(0, step * RANGES, step)]


@workload(
    inputs=ranges,
    scales={"quick": 96_000, "standard": 192_000, "article": 1_600_000},
    combine=sum,
    expect={"quick": 9_252, "standard": 17_326, "article": 121_127},  # tests count them again with a sieve
)
def primes(bounds: tuple[int, int]) -> int:
    """Count primes by trial division, in pure Python."""
    return sum(map(is_prime, range(*bounds)))


def is_prime(number: int) -> bool:
    """Whether `number` is prime, by dividing it by the odd numbers up to its root."""
    if number < 4 or number % 2 == 0:
        return number in (2, 3)
    divisor = 3
    while divisor * divisor <= number:
        if number % divisor == 0:
            return False
        divisor += 2
    return True
