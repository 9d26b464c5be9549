"""Measures how often `history` sees changes that are none, and changes that are, and writes it into docs/history.md.

    python -m benchmarks.history_rates [--short] [--write FILE]      about 10 minutes on two cores

Series are simulated: nothing is timed, and the same seed gives the same numbers on any machine. Each table goes between
`<!-- table: NAME -->` and `<!-- end -->`. `--short` only shows that everything works.
"""

import argparse
import math
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing import Pool
from pathlib import Path

from bench.analysis.changes import ALPHA, changes, fewest_runs, runs_after
from benchmarks.accounting_report import put

SPREAD = 0.02
"""Between runs: the standard deviation of normal noise, in logarithms; the others have the same scale."""
TOLERANCE = 0.02
LENGTHS = (10, 20, 50, 100)
STEPS = (0.05, 0.10)
NEAR = 1
"""A change that is found so many runs beside its place is found."""
FALSE_SERIES, DEPENDENT_SERIES, TRUE_SERIES = 4000, 300, 150
SHORT = 40
Noise = Callable[[random.Random, int], list[float]]


def autocorrelated(part: float) -> Noise:
    """AR(1): each run has so large a part of the deviation of the one before."""

    def draw(drawing: random.Random, n: int) -> list[float]:
        found = [drawing.gauss()]
        while len(found) < n:
            found.append(part * found[-1] + math.sqrt(1 - part**2) * drawing.gauss())
        return found

    return draw


NOISES: dict[str, Noise] = {
    "normal": lambda drawing, n: [drawing.gauss() for _ in range(n)],
    "skewed (exponential)": lambda drawing, n: [drawing.expovariate(1) for _ in range(n)],
    "heavy-tailed (Student's t, 2 degrees)": lambda drawing, n: [
        drawing.gauss() / math.sqrt(drawing.gammavariate(1, 1)) for _ in range(n)
    ],
    "bimodal (a fifth of the runs 5 sd slower)": lambda drawing, n: [
        drawing.gauss() + 5 * (drawing.random() < 0.2) for _ in range(n)
    ],
}
DEPENDENT: dict[str, Noise] = {
    "AR(1) 0.3: not independent": autocorrelated(0.3),
    "AR(1) 0.6: not independent": autocorrelated(0.6),
}
NOISES |= DEPENDENT


@dataclass(frozen=True)
class Kind:
    """Series to simulate."""

    noise: str
    n: int
    tolerance: float
    step: float = 0.0
    at: int = 0
    """The first run after the step."""
    until: int = sys.maxsize
    """The first run after its end."""


def found_in(task: tuple[Kind, int]) -> list[int]:
    """Where changes are found in one series."""
    kind, number = task
    drawing = random.Random(f"{kind} {number}")
    deviations = NOISES[kind.noise](drawing, kind.n)
    level = math.log1p(kind.step)
    values = [
        math.exp(SPREAD * each + (level if kind.at <= run < kind.until else 0)) for run, each in enumerate(deviations)
    ]
    return [each.at for each in changes(values, kind.tolerance)]


def simulate(pool: "Pool", kind: Kind, series: int) -> list[list[int]]:
    return pool.map(found_in, [(kind, number) for number in range(series)], chunksize=10)


def false_alarms(pool: "Pool", series: int) -> Iterator[str]:
    """Series without a change, any change counts; a tolerance would only lower the rates."""
    yield f"| noise between runs | {' | '.join(f'{n} runs' for n in LENGTHS)} |"
    yield "|---|" + "---:|" * len(LENGTHS)
    for noise in NOISES:
        drawn = min(series, DEPENDENT_SERIES) if noise in DEPENDENT else series
        rates = [sum(map(bool, simulate(pool, Kind(noise, n, tolerance=0.0), drawn))) / drawn for n in LENGTHS]
        yield f"| {noise} | {' | '.join(f'{100 * each:.2f} %' for each in rates)} |"
    sd = 100 * math.sqrt(ALPHA * (1 - ALPHA) / series)
    yield ""
    yield (
        f"{series} series each, {min(series, DEPENDENT_SERIES)} of those that are not independent. Goal for independent "
        f"runs: at most {100 * ALPHA:g} %; so many series show a true {100 * ALPHA:g} % as "
        f"{max(0, 100 * ALPHA - 2 * sd):.2f} to {100 * ALPHA + 2 * sd:.2f} %."
    )


def power(pool: "Pool", series: int) -> Iterator[str]:
    """Series with a step: found at its place, and what else is found."""
    yield "| step | runs | in the middle | 5 before the end | 3 before the end | more than one change seen, in the middle |"
    yield "|---:|---:|---:|---:|---:|---:|"
    for step in STEPS:
        for n in LENGTHS:
            places = [n // 2, n - 5, n - 3]
            results = [simulate(pool, Kind("normal", n, TOLERANCE, step, at), series) for at in places]
            hits = [_share(_hit(found, at) for found in each) for each, at in zip(results, places, strict=True)]
            extra = _share(len(found) > 1 for found in results[0])
            yield f"| +{100 * step:g} % | {n} | {' | '.join(hits)} | {extra} |"
    yield ""
    yield (
        f"{series} series each, normal noise of {100 * SPREAD:g} % between runs, tolerance {100 * TOLERANCE:g} %; found is "
        f"what lies at most {NEAR} run beside its place."
    )


def mended(pool: "Pool", series: int) -> Iterator[str]:
    """A step that is taken back later: both its ends have to be found."""
    yield "| step | taken back after | found, of 50 runs |"
    yield "|---:|---:|---:|"
    for step in STEPS:
        for length in (3, 5, 10, 20):
            first = (50 - length) // 2
            results = simulate(pool, Kind("normal", 50, TOLERANCE, step, first, first + length), series)
            both = _share(_hit(found, first) and _hit(found, first + length) for found in results)
            yield f"| +{100 * step:g} % | {length} runs | {both} |"


def needed(pool: "Pool", series: int) -> Iterator[str]:
    """How many runs have to lie after a change; counted, not simulated."""
    fewest = fewest_runs()
    yield "| runs in all | runs after the change, at least |"
    yield "|---:|---:|"
    yield f"| below {fewest} | none is found |"
    starts = [n for n in range(fewest, 101) if n == fewest or runs_after(n) != runs_after(n - 1)]
    for n, following in zip(starts, [*starts[1:], None], strict=True):
        yield f"| {f'{n} to {following - 1}' if following else f'{n} and more'} | {runs_after(n)} |"


def _hit(found: Sequence[int], at: int) -> bool:
    return any(abs(each - at) <= NEAR for each in found)


def _share(hits: Iterator[bool]) -> str:
    known = list(hits)
    return f"{100 * sum(known) / len(known):.0f} %"


TABLES = {
    "false-alarms": (false_alarms, FALSE_SERIES),
    "power": (power, TRUE_SERIES),
    "mended": (mended, TRUE_SERIES),
    "needed": (needed, 0),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--short", action="store_true", help="as little as shows that it works")
    parser.add_argument("--write", type=Path, metavar="FILE", help="also put the tables into this page")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(TABLES)} (all)")
    wanted = parser.parse_args()
    with Pool() as pool:
        for name in wanted.names or TABLES:
            began = time.monotonic()
            table, series = TABLES[name]
            text = "\n".join(table(pool, min(series, SHORT) if wanted.short else series)) + "\n"
            print(f"## {name}\n\n{text}", flush=True)
            print(f"{name}: {time.monotonic() - began:.0f} s", file=sys.stderr)
            if wanted.write:
                wanted.write.write_text(put(wanted.write.read_text(), name, text))


if __name__ == "__main__":
    main()
