"""How well a run knows its ratios: `python -m benchmarks.precision RUN.jsonl [...]`. Measures nothing; reads what was stored."""

import math
import statistics
import sys
from pathlib import Path

from bench.analysis.summary import summarise
from bench.store.runs import read


def said_of(path: Path) -> str:
    """The cases with an interval, half of its width in logarithms for all but bases, and the share of the time spent in rounds."""
    run = read(path)
    found = [each.speedup for each in summarise(run) if each.speedup and each.speedup.n]
    known = sorted(
        math.log(each.high / each.low) / 2
        for each in found
        if each.low is not None and each.high is not None and each.low < each.high
    )
    rounds_s = sum(each.wall_s for block in run.blocks for each in block.rounds)
    wall_s = run.ending.wall_s if run.ending else math.nan
    bases = sum(each.low == each.high == 1 for each in found)
    return (
        f"{path.name}: {len(found)} cases, {bases} of them bases; {len(known)} ratios with an interval, half widths "
        f"{statistics.median(known):.3f} in the median, {known[int(0.9 * len(known))]:.3f} in the widest tenth; "
        f"{rounds_s / wall_s:.0%} of {wall_s:.0f} s in rounds"
    )


if __name__ == "__main__":
    for each in sys.argv[1:]:
        print(said_of(Path(each)))
