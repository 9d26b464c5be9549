"""How often each tool says that the head differs: where it does, and where it does not."""

from collections.abc import Sequence

import bench
from bench.analysis.estimates import INTERVAL, share_estimate
from bench.report.drawing import theme
from bench.report.drawing.chart import Chart, row_axes
from bench.report.evidence.gate_trials import change, kinds
from bench.store.trials import TOOLS, Trial

_TINTS = {"check": "#3f90da", "pyperf": "#bd1f01", "pytest-benchmark": "#94a4a2"}
_MARKS = {"check": "o", "pyperf": "s", "pytest-benchmark": "^"}


def proof_chart(trials: Sequence[Trial]) -> Chart:
    """A dot and an interval for each tool and kind of trial: how often it called a change, in either direction."""
    rows = [(kind, tool, own) for kind, tools in kinds(trials) for tool, own in tools.items()]
    title = _told(trials)
    with theme.applied():
        figure = theme.blank(title, _footer(trials))
        names = [f"{change(effect, loaded=loaded)} · {tool}" for (loaded, effect), tool, _ in rows]
        axes = row_axes(figure, names)
        for row, (_, tool, own) in enumerate(rows):
            found = share_estimate(sum(each.answer != "no change" for each in own), len(own))
            assert found.low is not None and found.high is not None
            axes.plot([found.low, found.high], [row, row], color=_TINTS[tool], lw=5, solid_capstyle="butt", alpha=0.7)
            axes.plot(found.centre, row, _MARKS[tool], ms=12, color=_TINTS[tool], mec="white")
            axes.text(1.015, row, _counts(own), transform=axes.get_yaxis_transform(), va="center")
        for row in range(1, len(rows)):
            if rows[row][0] != rows[row - 1][0]:
                axes.axhline(row - 0.5, color=theme.SOFT, lw=1)
        axes.set_xlim(-0.02, 1.02)
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
        axes.set_xlabel("trials in which the tool calls a change: none where the code is the same, all where it is not")
        figure.text(0.02, 0.815, f"● share of trials     ▬ {INTERVAL} (Clopper-Pearson)", color=theme.SOFT, va="bottom")
    listed = "; ".join(f"{name}: {_counts(own)}" for name, (_, _, own) in zip(names, rows, strict=True))
    return Chart("gate", title, f"Dot chart of how often each tool calls a change. {listed}.", figure)


def _told(trials: Sequence[Trial]) -> str:
    """The finding: the calls of each tool that are false."""
    parts = []
    for tool in TOOLS:
        same = [each for each in trials if each.tool == tool and not each.effect]
        if same:
            parts.append(f"{tool} {sum(each.answer != 'no change' for each in same)} of {len(same)}")
    return f"Identical code called changed: {', '.join(parts) or 'not tried'}"


def _counts(own: Sequence[Trial]) -> str:
    slower, faster = (sum(each.answer == answer for each in own) for answer in ("slower", "faster"))
    return f"{slower} slower, {faster} faster of {len(own)}" if faster else f"{slower} slower of {len(own)}"


def _footer(trials: Sequence[Trial]) -> str:
    days = sorted({each.day for each in trials})
    return " · ".join(
        (
            f"concurrency-bench {bench.__version__}",
            "; ".join(dict.fromkeys(each.machine for each in trials)),
            f"{len(trials)} trials, other tools given the time that check took",
            f"{days[0]} to {days[-1]}" if len(days) > 1 else days[0],
        )
    )
