"""What of two collections without an order has no equal in the other, by the digests of the values."""

from collections import Counter
from typing import Any

from bench.measure.results.digest import Incomparable, digest


def left_over(one: list[Any], other: list[Any]) -> tuple[list[Any], list[Any]]:
    """What of each has no equal in the other.

    Raises:
        ValueError: if something has no digest; the message says why.
    """
    try:
        here, there = ([(digest(each), each) for each in values] for values in (one, other))
    except Incomparable as error:
        raise ValueError(str(error)) from None
    only_one = Counter(each for each, _ in here) - Counter(each for each, _ in there)
    only_other = Counter(each for each, _ in there) - Counter(each for each, _ in here)
    return _of_count(here, only_one), _of_count(there, only_other)


def _of_count(values: list[tuple[str, Any]], count: Counter[str]) -> list[Any]:
    kept = []
    for key, each in values:
        if count[key] > 0:
            count[key] -= 1
            kept.append(each)
    return kept
