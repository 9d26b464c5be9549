"""What real trials of the gate gave, as a table of markdown."""

import statistics
from collections.abc import Iterator, Sequence

from bench.analysis.estimates import share_estimate
from bench.store.trials import TOOLS, Trial

_ANSWERS = ("slower", "faster", "no change")


def trial_table(trials: Sequence[Trial]) -> str:
    """A row for each tool and each kind of trial, those of one kind together."""
    lines = [
        "| head does | neighbours | tool | trials | slower | faster | no change | says slower (95 %) | time to answer, median (90 %) |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    return "\n".join([*lines, *_rows(trials)])


def _rows(trials: Sequence[Trial]) -> Iterator[str]:
    for loaded, effect in sorted({(each.loaded, each.effect) for each in trials}):
        for tool in TOOLS:
            own = [each for each in trials if (each.tool, each.effect, each.loaded) == (tool, effect, loaded)]
            if own:
                change = f"{effect:.0%} more" if effect else "the same"
                yield f"| {change} | {'yes' if loaded else 'no'} | `{TOOLS[tool]}` | {_cells(own)} |"


def _cells(own: Sequence[Trial]) -> str:
    counts = [sum(each.answer == answer for each in own) for answer in _ANSWERS]
    share = share_estimate(counts[0], len(own))
    walls_s = sorted(each.wall_s for each in own)
    late_s = walls_s[min(len(walls_s) - 1, round(0.9 * len(walls_s)))]
    times = f"{statistics.median(walls_s):.0f} s ({late_s:.0f} s)"
    return " | ".join(
        [str(len(own)), *map(str, counts), f"{share.centre:.0%} ({share.low:.0%} … {share.high:.0%})", times]
    )


def machines(trials: Sequence[Trial]) -> str:
    """Where and when they were made, and the load of the machine when they began."""
    places = "; ".join(dict.fromkeys(each.machine for each in trials))
    days = sorted({each.day for each in trials})
    loads = {
        loaded: statistics.median(each.load_1m for each in trials if each.loaded is loaded)
        for loaded in sorted({each.loaded for each in trials})
    }
    told = ", ".join(f"{load:.1f} {'with' if loaded else 'without'} neighbours" for loaded, load in loads.items())
    return f"{places}; {' to '.join(dict.fromkeys((days[0], days[-1])))}; load before a trial, median: {told}"
