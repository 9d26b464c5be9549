"""The evidence for the gate as markdown: what it says of simulated streams, whose truth is known, beside other rules."""

from collections.abc import Callable, Iterator, Sequence

from bench import units
from bench.analysis.estimates import SURELY
from bench.analysis.simulation import ALPHA, CASES, MOST_PAIRS, TOLERANCE, OtherRule, Simulation, simulate
from bench.report.kit.markdown import table_text
from bench.report.kit.table import Column, texts

_SEED = 1


def simulated_text(runs: int, say: Callable[[str], None]) -> str:
    """Simulate, and show what came of it; empty for no runs.

    Args:
        runs: of each kind of stream without a change.
        say: told what is going on.
    """
    return simulated_tables(list(simulate(runs, _SEED, say))) if runs else ""


def simulated_tables(records: Sequence[Simulation | OtherRule]) -> str:
    """A table each of false alarms, of changes that were seen, and of other rules; what there is no record of is left out."""
    gate = [each for each in records if isinstance(each, Simulation)]
    parts = (
        _table(_FALSE, _FALSE_HEADINGS, map(_false_cells, (each for each in gate if each.changed == each.cases > 1))),
        _table(
            _POWER, _POWER_HEADINGS, map(_power_cells, (each for each in gate if not each.changed == each.cases > 1))
        ),
        _table(_OTHERS, _OTHERS_HEADINGS, (_others_cells(each) for each in records if isinstance(each, OtherRule))),
    )
    return "\n\n".join(filter(None, parts))


_FALSE = (
    f"Runs of {CASES} cases, none of them changed by more than the tolerance of {units.percent(TOLERANCE)}. Stated: no more "
    f"than {units.percent(ALPHA)} of such runs get a false alarm. A head that is slower by the tolerance itself is the "
    "hardest there is."
)
_FALSE_HEADINGS = (
    "stream", "head", "runs", "with a false alarm", f"share is below ({SURELY})", "cases equivalent",
    "inconclusive", "pairs to decide, median (90 %)",
)  # fmt: skip
_POWER = (
    f"Runs in which one case is changed; up to {MOST_PAIRS} pairs of blocks. The tolerance itself is no change: there, no "
    "verdict is true, and `inconclusive` is right."
)
_POWER_HEADINGS = (
    "stream", "head", "cases", "runs", "regressed", "improved", "equivalent", "inconclusive", "runs with a false alarm",
    "pairs to decide, median (90 %)",
)  # fmt: skip
_OTHERS = (
    f"Rules of other tools on such streams of {CASES} cases, measured as one measures with these tools: the base of all "
    "cases, then the head of all. Each arm has as many rounds as in the median of the pairs that the gate takes to decide "
    "where the code is the same."
)
_OTHERS_HEADINGS = (
    "stream", "head", "rule", "rounds of an arm", "runs", "cases called slower", "called faster", "runs with any",
)  # fmt: skip


def _table(title: str, headings: Sequence[str], rows: Iterator[Sequence[str]]) -> str:
    """Empty without rows."""
    made = texts([Column(each, kind="text") for each in headings], rows)
    return f"{title}\n\n{table_text(made)}" if made.rows else ""


def _false_cells(each: Simulation) -> tuple[str, ...]:
    shares = map(units.percent, (each.bound, each.equivalent, each.inconclusive))
    return each.kind, _head(each.effect), f"{each.runs:,}", str(each.false_runs), *shares, _pairs(each)


def _power_cells(each: Simulation) -> tuple[str, ...]:
    shares = map(units.percent, (each.regressed, each.improved, each.equivalent, each.inconclusive))
    false = str(each.false_runs)
    return each.kind, _head(each.effect), str(each.cases), f"{each.runs:,}", *shares, false, _pairs(each)


def _others_cells(each: OtherRule) -> tuple[str, ...]:
    shares = map(units.percent, (each.slower, each.faster, each.runs_with_any))
    return each.kind, _head(each.effect), each.rule, str(each.rounds), f"{each.runs:,}", *shares


def _head(effect: float) -> str:
    return f"{units.percent(effect)} slower" if effect else "the same"


def _pairs(each: Simulation) -> str:
    return "–" if each.pairs_median is None else f"{each.pairs_median:g} ({each.pairs_90th})"
