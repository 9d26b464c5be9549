"""What real trials of the gate gave, as a table of markdown."""

import statistics
from collections.abc import Iterator, Sequence

from bench import units
from bench.analysis.estimates import INTERVAL, share_estimate
from bench.report.kit.markdown import table_text
from bench.report.kit.table import Cell, Column, texts
from bench.store.trials import TOOLS, Trial

Kind = tuple[bool, float]
"""Whether there were neighbours, and how much more the head does."""
_ANSWERS = ("slower", "faster", "no change")
_HEADINGS = (
    "head does", "tool", "trials", *_ANSWERS, f"says slower ({INTERVAL})", "longest answer", "median answer",
)  # fmt: skip


def proof_text(trials: Sequence[Trial], simulated: str) -> str:
    """The whole of the evidence."""
    parts = [f"## Real checks\n\n{machines(trials)}\n\n{trial_table(trials)}"] if trials else []
    if simulated:
        parts.append(f"## Simulated streams\n\n{simulated}")
    return "\n\n".join(parts)


def trial_table(trials: Sequence[Trial]) -> str:
    """A row for each tool and each kind of trial, those of one kind together."""
    return table_text(texts([Column(each, kind="text") for each in _HEADINGS], _rows(trials)))


def kinds(trials: Sequence[Trial]) -> Iterator[tuple[Kind, dict[str, list[Trial]]]]:
    """The trials of each kind by tool, those without neighbours first, the smaller change first."""
    for loaded, effect in sorted({(each.loaded, each.effect) for each in trials}):
        own = {
            tool: [each for each in trials if (each.tool, each.effect, each.loaded) == (tool, effect, loaded)]
            for tool in TOOLS
        }
        yield (loaded, effect), {tool: each for tool, each in own.items() if each}


def change(effect: float, *, loaded: bool) -> str:
    """What a kind of trial is, for people."""
    return (f"{effect:.0%} more" if effect else "the same") + (", busy machine" if loaded else "")


def _rows(trials: Sequence[Trial]) -> Iterator[Sequence[str | Cell]]:
    for (loaded, effect), tools in kinds(trials):
        for tool, own in tools.items():
            yield [change(effect, loaded=loaded), Cell(TOOLS[tool], is_code=True), *_cells(own)]


def _cells(own: Sequence[Trial]) -> Iterator[str]:
    counts = [sum(each.answer == answer for each in own) for answer in _ANSWERS]
    yield from map(str, (len(own), *counts))
    share = share_estimate(counts[0], len(own))
    yield f"{share.centre:.0%} ({share.low:.0%} … {share.high:.0%})"
    walls_s = [each.wall_s for each in own]
    yield units.seconds(max(walls_s))
    yield units.seconds(statistics.median(walls_s))


def machines(trials: Sequence[Trial]) -> str:
    """Where and when they were made, and how busy the machine was when they began."""
    places = "; ".join(dict.fromkeys(each.machine for each in trials))
    days = sorted({each.day for each in trials})
    loads = {
        loaded: statistics.median(each.load_1m for each in trials if each.loaded is loaded)
        for loaded in sorted({each.loaded for each in trials})
    }
    told = ", ".join(f"{load:.1f} {'with' if loaded else 'without'} neighbours" for loaded, load in loads.items())
    return f"{places}; {' to '.join(dict.fromkeys((days[0], days[-1])))}; load before a trial, median: {told}."
