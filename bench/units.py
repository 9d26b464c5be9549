"""Seconds, bytes and ratios as text, and text as seconds. Everywhere else numbers are in SI base units.

A number is rounded here, where it is shown, and nowhere else.
"""

import math
import re

from bench.errors import UsageError

_TIME_STEPS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))
_SIZE_STEPS = ((1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB"), (1.0, "B"))
_RATE_STEPS = ((1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, ""))
_SECONDS_OF = {"": 1.0, "ms": 1e-3, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}


def significant(value: float, digits: int = 3) -> str:
    """`value` with so many significant digits and no exponent: 0.0123, 1.23, 12.3, 1234."""
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    decimals = digits - 1 - math.floor(math.log10(abs(value)))
    rounded = round(value, decimals)
    if rounded and math.floor(math.log10(abs(rounded))) > math.floor(math.log10(abs(value))):
        decimals -= 1  # 9.996 became 10.0: one decimal less keeps the digits
    return f"{rounded:.{max(decimals, 0)}f}"


def _stepped(value: float, steps: tuple[tuple[float, str], ...]) -> str:
    for step, unit in steps:
        if abs(value) >= step * 0.9995:
            return f"{significant(value / step)} {unit}"
    step, unit = steps[-1]
    return f"{significant(value / step)} {unit}"


def seconds(value: float | None) -> str:
    """A duration of `value` seconds for reading: `152 ms`, `2.04 s`; `–` where unknown."""
    if value is None:
        return "–"
    return "0 s" if value == 0 else _stepped(value, _TIME_STEPS)


def size(value: float | None) -> str:
    """`value` bytes for reading, in decimal units: `45.2 MB`; `–` where unknown."""
    if value is None:
        return "–"
    return "0 B" if value == 0 else _stepped(value, _SIZE_STEPS)


def ratio(value: float | None) -> str:
    """A ratio for reading: `1.94×`; `–` where unknown."""
    return "–" if value is None else f"{significant(value)}×"


def speed(value: float | None, digits: int = 2) -> str:
    """How many times as fast, as one says it, to so many digits: `1.8×`, `12× slower` of 0.0834, `2,100× slower`; `–` where unknown."""
    if value is None:
        return "–"
    if significant(value, digits) == (one := significant(1.0, digits)) or significant(1 / value, digits) == one:
        return f"{one}×"
    told = significant(max(value, 1 / value), digits)
    return f"{f'{int(told):,}' if told.isdigit() else told}×{' slower' if value < 1 else ''}"


def count(value: float | None) -> str:
    """A plain number for reading, three significant digits; `–` where unknown."""
    return "–" if value is None else significant(value)


def tally(value: float | None) -> str:
    """A number of things for reading, or the middle between two: `12`, `12.5`; `–` where unknown."""
    return "–" if value is None else f"{value:.1f}".removesuffix(".0")


def percent(value: float, digits: int = 3) -> str:
    """A share for reading, no more than so many significant digits: 0.02 is `2 %`."""
    return f"{value * 100:.{digits}g} %"


def of_a_core(cores: float) -> str:
    """CPU-seconds a second for reading: `98 % of a core`, `3.2 cores`."""
    return f"{100 * cores:.0f} % of a core" if cores < 1.05 else f"{significant(cores, 2)} cores"


def counted(number: int, one: str, many: str = "") -> str:
    """So many of something: `1 case`, `3 cases`."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def blocks_of(number: int, planned: int | None) -> str:
    """So many blocks, of so many where a plan says how many: `12 of 60 planned blocks`, `12 blocks`."""
    return counted(number, "block") if planned is None else f"{number} of {planned} planned blocks"


def are(counted: str, one: str = "is", many: str = "are") -> str:
    """A number of things with its verb: `1 block is`, `12 blocks are`."""
    return f"{counted} {verb(counted, one, many)}"


def verb(counted: str, one: str = "is", many: str = "are") -> str:
    """The word that a number of things takes: `is` for `1 block`, `are` for `1 of 60 planned blocks` and `12 blocks`."""
    return one if counted.startswith("1 ") and not counted.startswith("1 of ") else many


def rate(value: float | None) -> str:
    """So many a second, for reading: `812`, `12.3 k`, `4.56 M`; `–` where unknown."""
    return "–" if value is None else _stepped(value, _RATE_STEPS).strip()


def between(low: str, high: str) -> str:
    """`131–138 ms` of `131 ms` and `138 ms`: the unit once where it is the same."""
    number, _, unit = low.partition(" ")
    return f"{number}–{high}" if unit == high.partition(" ")[2] else f"{low}–{high}"


def parse_seconds(text: str) -> float:
    """Seconds in `text`: `90`, `90s`, `1.5m`, `250ms`, `1h`.

    Raises:
        UsageError: if `text` is no positive duration.
    """
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*", text)
    factor = _SECONDS_OF.get(match[2]) if match else None
    if match is None or factor is None or float(match[1]) <= 0:
        raise UsageError(f"{text!r} is not a duration; write 90, 90s, 1.5m or 250ms")
    return float(match[1]) * factor


def parse_ratio(text: str) -> float:
    """A share in `text`: 0.02 is `2%`, `2 %` or `0.02`. A number without `%` is below 1, so that 2 is not taken for 200 %.

    Raises:
        UsageError: if `text` is no share above 0 and below 10.
    """
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?|\.\d+)\s*(%?)\s*", text, re.ASCII)
    value = 0.0 if match is None else float(match[1]) / (100 if match[2] else 1)
    if match is None or not 0 < value < (10 if match[2] else 1):
        raise UsageError(f"{text!r} is not a share above 0; write 2% or 0.02")
    return value
