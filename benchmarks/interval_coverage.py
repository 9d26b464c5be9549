"""Measures how often intervals miss what they are of, when one looked on the way and stopped, and how wide they are.

    python -m benchmarks.interval_coverage [--write FILE]      a minute

Streams are simulated: nothing is timed, and the same seed gives the same numbers on any machine. Each table goes between
`<!-- table: NAME -->` and `<!-- end -->` of docs/estimates.md.
"""

import argparse
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.analysis.estimates import median_estimate
from bench.analysis.looks import LOOKS, miss
from bench.analysis.signed_rank import interval_rank
from benchmarks.accounting_report import put

Floats = NDArray[np.float64]
Random = np.random.Generator
Stream = Callable[[Random, int, int], Floats]
"""Draws values: one line of an array for each pair of blocks, so many streams beside each other."""
TRIALS, SEED = 40_000, 1
AT = tuple(n for n, _ in LOOKS if n <= 60)
"""The looks that are simulated: a run of so many blocks is a long one."""
_LEVEL_SD, _MEMORY = 0.05, 0.9
"""Of the machine's level, in logs: an AR(1) process from one turn to the next, with this correlation of neighbours."""
_SD = 0.05
"""Of the noise of a block, in logs."""


def _normal(random: Random, shape: tuple[int, int]) -> Floats:
    return random.normal(0, _SD, shape)


def _lognormal(random: Random, shape: tuple[int, int]) -> Floats:
    """What delays is added to the time, and a lot of it seldom."""
    return np.log1p(0.05 * random.lognormal(0, 1, shape))


def _exponential(random: Random, shape: tuple[int, int]) -> Floats:
    return random.exponential(_SD, shape)


def _bimodal(random: Random, shape: tuple[int, int]) -> Floats:
    """Three of ten blocks are slower by 8 %."""
    return random.normal(0, 0.01, shape) + math.log(1.08) * (random.random(shape) < 0.3)


def _levels(random: Random, shape: tuple[int, int]) -> Floats:
    """The machine's level at each turn."""
    found = np.empty(shape)
    found[0] = random.normal(0, _LEVEL_SD, shape[1])
    for turn in range(1, shape[0]):
        step = random.normal(0, _LEVEL_SD * math.sqrt(1 - _MEMORY**2), shape[1])
        found[turn] = _MEMORY * found[turn - 1] + step
    return found


def _differences(one: Callable[..., Floats], other: Callable[..., Floats]) -> Stream:
    return lambda random, pairs, trials: one(random, (pairs, trials)) - other(random, (pairs, trials))


def _in_turns(levels: Callable[..., Floats]) -> Stream:
    """Differences of neighbours on a machine whose level moves, which of them comes first being drawn."""

    def drawn(random: Random, pairs: int, trials: int) -> Floats:
        level = levels(random, (2 * pairs, trials))
        order = random.choice((-1.0, 1.0), (pairs, trials))
        noise = _normal(random, (pairs, trials)) - _normal(random, (pairs, trials))
        return noise + order * (level[::2] - level[1::2])

    return drawn


def _drift(_: Random, shape: tuple[int, int]) -> Floats:
    """A third slower at the end than at the beginning."""
    return np.broadcast_to(np.linspace(0, math.log(4 / 3), shape[0])[:, None], shape)


def _widening(random: Random, pairs: int, trials: int) -> Floats:
    """Noise that becomes four times as large on the way."""
    return random.normal(0, np.geomspace(_SD, 4 * _SD, pairs)[:, None], (pairs, trials))


def _narrowing(random: Random, pairs: int, trials: int) -> Floats:
    return _widening(random, pairs, trials)[::-1]


def _with_memory(random: Random, n: int, trials: int) -> Floats:
    found = random.normal(0, 1, (n, trials))
    for block in range(1, n):
        found[block] = 0.5 * found[block - 1] + math.sqrt(0.75) * found[block]
    return found


PAIRED: dict[str, Stream] = {
    "normal": _differences(_normal, _normal),
    "skewed: lognormal delays": _differences(_lognormal, _lognormal),
    "skewed: exponential delays": _differences(_exponential, _exponential),
    "bimodal": _differences(_bimodal, _bimodal),
    "drifting: a third slower at the end": _in_turns(_drift),
    "autocorrelated: AR(1), 0.9": _in_turns(_levels),
}
"""Log ratios of two arms with noise of one shape: what a table's ratios are made of."""
BEYOND: dict[str, Stream] = {
    "noise four times as large at the end": _widening,
    "noise a quarter as large at the end": _narrowing,
    "only one arm has lognormal delays": _differences(_lognormal, _normal),
    "only one arm has exponential delays": _differences(_exponential, _normal),
    "only one arm is bimodal": _differences(_bimodal, _normal),
    "a time by itself, lognormal delays": lambda random, n, trials: _lognormal(random, (n, trials)),
    "a time by itself, exponential delays": lambda random, n, trials: _exponential(random, (n, trials)),
    "a time by itself, bimodal": lambda random, n, trials: _bimodal(random, (n, trials)),
    "a time by itself, AR(1), 0.5 from block to block": _with_memory,
}
"""Streams that break what the intervals take for granted: symmetry, one distribution, independence."""


@dataclass(frozen=True, slots=True)
class Missed:
    """Shares of the streams in which the interval at the stop missed."""

    narrow: float
    """Stopping at the first look whose interval is half as wide as that of the median stream at the first look, or the last."""
    last: float
    """Stopping at the last look."""
    random: float
    """Stopping at a look that was drawn."""
    worst: float
    """Stopping at a look that missed, if there is one."""
    settled: float
    """Of eight blocks that were settled beforehand, with all of the 5 % for them."""
    unspent: float
    """Stopping at a look that missed, if each look took 5 % for itself."""


def missed(draw: Stream, trials: int = TRIALS, seed: int = SEED) -> Missed:
    """What happens to so many streams."""
    random = np.random.default_rng(seed)
    centre = _pseudomedian(draw, random)
    values = draw(random, AT[-1], trials) - centre
    beyond = np.array([_misses(values[:n], miss(n, fixed=False)) for n in AT])
    unspent = np.array([_misses(values[:n], miss(n, fixed=True)) for n in AT])
    widths = np.array([_widths(values[:n], miss(n, fixed=False)) for n in AT if n <= 20])
    narrow = widths <= np.median(widths[0]) / 2
    stop = np.where(narrow.any(axis=0), narrow.argmax(axis=0), len(AT) - 1)
    streams = np.arange(trials)
    return Missed(
        float(beyond[stop, streams].mean()),
        float(beyond[-1].mean()),
        float(beyond[random.integers(0, len(AT), trials), streams].mean()),
        float(beyond.any(axis=0).mean()),
        float(_misses(values[:8], miss(8, fixed=True)).mean()),
        float(unspent.any(axis=0).mean()),
    )


def _misses(values: Floats, error: float) -> NDArray[np.bool_]:
    """Whether 0 lies outside of the interval: as many Walsh averages above it as below tell."""
    n = len(values)
    above = sum((values[: each + 1] > -values[each]).sum(axis=0) for each in range(n))
    rank, _ = interval_rank(n, error)
    total = n * (n + 1) // 2
    return np.asarray((above < rank) | (above > total - rank))


def _widths(values: Floats, error: float) -> Floats:
    """Of the intervals."""
    one, other = np.triu_indices(len(values))
    sums = np.sort((values[one] + values[other]) / 2, axis=0)
    rank, _ = interval_rank(len(values), error)
    return np.asarray(sums[-rank] - sums[rank - 1])


def _pseudomedian(draw: Stream, random: Random) -> float:
    """Of the distribution of a stream's values: the median of means of two that are independent."""
    one, other = (draw(random, 2, 2_000_000)[0] for _ in range(2))
    return float(np.median((one + other) / 2))


def coverage_table(streams: dict[str, Stream], trials: int = TRIALS) -> str:
    """The shares in percent, in markdown."""
    lines = _head("stream", "narrow enough", "last look", "drawn look", "worst look", "8, settled", "worst, 5 % each")
    for name, draw in streams.items():
        found: Any = missed(draw, trials)
        shares = (found.narrow, found.last, found.random, found.worst, found.settled, found.unspent)
        lines.append(f"| {name} | {' | '.join(f'{100 * each:.1f} %' for each in shares)} |")
    return "\n".join(lines) + "\n"


def width_table(trials: int = 4000) -> str:
    """Half of the median interval of normal values, in their standard deviations, in markdown."""
    values = np.random.default_rng(SEED).normal(0, 1, (max(WIDTHS_AT), trials))
    lines = _head("blocks", "median, order statistics", "signed rank, settled", "signed rank, looks", "its error")
    for n in WIDTHS_AT:
        medians = [median_estimate(each.tolist()) for each in values[:n, :500].T]
        halves = [float(np.median([((each.high or 0) - (each.low or 0)) / 2 for each in medians]))]
        halves += [float(np.median(_widths(values[:n], miss(n, fixed=fixed)))) / 2 for fixed in (True, False)]
        error = f"{100 * (1 - interval_rank(n, miss(n, fixed=False))[1]):.2f} %"
        look = n if n in dict(LOOKS) else f"{n} (no look)"
        lines.append(f"| {look} | {' | '.join(f'{each:.2f}' for each in halves)} | {error} |")
    return "\n".join(lines) + "\n"


def _head(*names: str) -> list[str]:
    return [f"| {' | '.join(names)} |", "|---|" + "--:|" * (len(names) - 1)]


WIDTHS_AT = (6, 7, 8, 9, 10, 12, 16, 20, 34, 60)
TABLES: dict[str, Callable[[], str]] = {
    "widths": width_table,
    "paired": lambda: coverage_table(PAIRED),
    "beyond": lambda: coverage_table(BEYOND),
}


def main() -> None:
    """Print the tables, and put them into the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", type=Path, metavar="FILE", help="also put the tables into this page")
    wanted = parser.parse_args()
    for name, make in TABLES.items():
        text = make()
        print(text)
        if wanted.write:
            page = wanted.write.read_text(encoding="utf-8")
            wanted.write.write_text(put(page, name, text), encoding="utf-8")


if __name__ == "__main__":
    main()
