"""Cases over many runs, for the terminal and for programs: the latest value, and where the level changed."""

import json
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from bench import units
from bench.analysis.changes import fewest_runs, runs_after
from bench.analysis.estimates import LEVEL
from bench.analysis.history import ChangePoint, History, Machine, Point, Series
from bench.plugins.names import plain
from bench.quantities import COMPARED
from bench.report.verdicts.verdict_words import percent, value

_FACTS_FIRST = ("cpu", "cores", "python")
_FACTS_TOLD = {"cpu": ("", ""), "cores": ("", " cores"), "python": ("", ""), "os": ("", ""), "gil": ("GIL ", "")}
"""What stands before a fact and behind it; its name before others."""
_MANY_RUNS = 100
_WORSE, _BETTER = "bold red", "green"


def terminal_table(found: History) -> list[RenderableType]:
    """A row for each case and machine; then the machines, what is left out, and by which rule changes are found."""
    parts: list[RenderableType] = [Text(headline(found), style="bold"), Text(), _table(found), Text()]
    if any(each.changes for each in found.series):
        parts += [_change_points(found), Text()]
    parts += [Text(f"{each.label}: {machine(each)}", style="dim") for each in found.machines]
    parts += [Text(f"note: {plain(each)}", style="yellow") for each in found.notes]
    return [*parts, Text(rule(found), style="dim")]


def headline(found: History) -> str:
    """How many cases changed, in a sentence."""
    changed = sum(bool(each.changes) for each in found.series)
    unjudged = sum(bool(each.unjudged) for each in found.series)
    cases = len({(each.case, each.tool) for each in found.series})
    what = f"{COMPARED[found.quantity].words.short} of {units.counted(cases, 'case')} over "
    what += units.counted(found.runs, "run")
    if len(found.machines) > 1:
        what += f" on {len(found.machines)} machines, each by itself"
    if unjudged == len(found.series):
        return f"{what}: {found.series[0].unjudged} to see a change"
    return f"{what}: {changed or 'none'} changed" + (f", {unjudged} cannot be judged yet" if unjudged else "")


def finding(series: Series) -> str:
    """What became of a case on its machine, in a few words."""
    if series.changes:
        last = series.changes[-1]
        more = f", the last of {len(series.changes)} changes" if len(series.changes) > 1 else ""
        return (
            f"{percent(last.ratio)} {COMPARED[series.quantity].words.short} since {when(series.points[last.at])}{more}"
        )
    n = len(series.points)
    return f"{series.unjudged} (n = {n})" if series.unjudged else f"no change in {n} runs"


def when(point: Point) -> str:
    """The day of a run, and the commit it measured: `2026-11-03 (1a2b3c4d5)`."""
    commit = short_commit(point)
    return f"{point.at:%Y-%m-%d}" + (f" ({commit})" if commit else "")


def short_commit(point: Point) -> str:
    """Nine letters of the commit, and a `+` where it had changes."""
    return plain(point.commit[:9] + ("+" if point.commit.endswith("+") else ""))


def machine(found: Machine) -> str:
    """All that is known of a machine, in one line."""
    order = [*_FACTS_FIRST, *(each for each in found.facts if each not in _FACTS_FIRST)]
    named = {name: found.facts[name] for name in order if name in found.facts}
    around = ((_FACTS_TOLD.get(name, (f"{name} ", "")), text) for name, text in named.items())
    return plain(", ".join(f"{before}{text}{behind}" for (before, behind), text in around)) or "nothing is known of it"


def rule(found: History) -> str:
    """By what changes are found, in one line."""
    fewest = fewest_runs(found.alpha)
    after = (runs_after(fewest, found.alpha), runs_after(_MANY_RUNS, found.alpha))
    return (
        f"Change points: permutation test, at most {units.percent(found.alpha)} false alarms a case where runs are independent; "
        f"changes below {units.percent(found.tolerance)} are none. Seen from {fewest} runs on, and not before {after[1]} runs lie "
        f"after the change ({after[0]} of {fewest})."
    )


def as_json(found: History) -> str:
    """Everything of the record for a program, in the quantity's SI unit, times in ISO 8601."""
    document = {
        "quantity": found.quantity,
        "unit": COMPARED[found.quantity].unit,
        "tolerance": found.tolerance,
        "alpha": found.alpha,
        "runs": found.runs,
        "machines": [{"label": each.label, "facts": each.facts} for each in found.machines],
        "series": [_record(each) for each in found.series],
        "notes": found.notes,
    }
    return json.dumps(document, indent=2)


def _record(series: Series) -> dict[str, Any]:
    return {
        "case": series.case,
        "name": series.name,
        "tool": series.tool,
        "machine": series.machine.label,
        "latest": _point(series.latest),
        "since_change": series.since_change,
        "changes": [
            {
                **_place(series.points[each.at]),
                "ratio": each.ratio,
                "before": each.before,
                "after": each.after,
                "p": each.p,
            }
            for each in series.changes
        ],
        "unjudged": series.unjudged,
        "newest_needed": series.newest_needed,
        "points": [_point(each) for each in series.points],
    }


def _place(point: Point) -> dict[str, Any]:
    return {"run": point.run, "at_utc": point.at.isoformat(), "commit": point.commit}


def _point(point: Point) -> dict[str, Any]:
    each = point.value
    return {**_place(point), "value": each.centre, "low": each.low, "high": each.high, "blocks": each.n}


def _table(found: History) -> Table:
    table = _columns(found, "runs", f"latest ({units.percent(LEVEL)} interval)", "since change", "last change")
    for each in found.series:
        since = "–" if each.since_change is None else percent(each.since_change)
        table.add_row(*_who(found, each), str(len(each.points)), _latest(each), since, _last_change(each))
    return table


def _change_points(found: History) -> Table:
    table = _columns(found, "change", "first run", "commit", "level before → after")
    for series in found.series:
        for each in series.changes:
            point = series.points[each.at]
            table.add_row(
                *_who(found, series),
                _change(each),
                f"{point.at:%Y-%m-%d}",
                short_commit(point) or "–",
                levels(series, each),
            )
    return table


def _columns(found: History, *headings: str) -> Table:
    """A table with the case and, where there are several, the machine before other columns."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("case", overflow="fold")
    if len(found.machines) > 1:
        table.add_column("machine", no_wrap=True)
    for number, heading in enumerate(headings):
        table.add_column(heading, justify="left" if number else "right", overflow="fold")
    return table


def _who(found: History, series: Series) -> list[str]:
    return [plain(series.name), *([series.machine.label] if len(found.machines) > 1 else [])]


def _latest(series: Series) -> str:
    estimate = series.latest.value
    shown = value(series.quantity, estimate.centre)
    if estimate.low is None or estimate.high is None:
        return shown
    return f"{shown} ({units.between(value(series.quantity, estimate.low), value(series.quantity, estimate.high))})"


def _last_change(series: Series) -> Text:
    if not series.changes:
        return Text(series.unjudged or "none", style="dim")
    last = series.changes[-1]
    return Text.assemble(_change(last), f" {series.points[last.at].at:%Y-%m-%d}")


def _change(change: ChangePoint) -> Text:
    return Text(percent(change.ratio), style=_WORSE if change.ratio > 1 else _BETTER)


def levels(series: Series, change: ChangePoint) -> str:
    """The level before and after a change: `1.02 s → 1.12 s`."""
    return f"{value(series.quantity, change.before)} → {value(series.quantity, change.after)}"
