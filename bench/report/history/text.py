"""Cases over many runs, for the terminal and for programs: the latest value, and where the level changed."""

from collections.abc import Iterator
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from bench import units
from bench.analysis.changes import fewest_runs, runs_after
from bench.analysis.estimates import INTERVAL
from bench.analysis.history import ChangePoint, History, Machine, Point, Series
from bench.plugins.names import sanitized
from bench.quantities import COMPARED
from bench.report.kit.folded_table import folded
from bench.report.kit.json_text import json_text
from bench.report.kit.table import UNKNOWN, Cell, Column, styled, texts
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
    parts += [Text(f"note: {sanitized(each)}", style="yellow") for each in found.notes]
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
    return sanitized(point.commit[:9] + ("+" if point.commit.endswith("+") else ""))


def machine(found: Machine) -> str:
    """All that is known of a machine, in one line."""
    order = [*_FACTS_FIRST, *(each for each in found.facts if each not in _FACTS_FIRST)]
    named = {name: found.facts[name] for name in order if name in found.facts}
    around = ((_FACTS_TOLD.get(name, (f"{name} ", "")), text) for name, text in named.items())
    return (
        sanitized(", ".join(f"{before}{text}{behind}" for (before, behind), text in around)) or "nothing is known of it"
    )


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
    return json_text(document)


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


def _table(found: History) -> RenderableType:
    following = f"latest ({INTERVAL})", "since change", "last change"
    columns = [*_names(found), Column("runs"), *(Column(each, kind="text") for each in following)]
    return folded(texts(columns, ([*_who(found, each), *_standing(each)] for each in found.series)))


def _standing(series: Series) -> Iterator[str | Cell]:
    yield str(len(series.points))
    yield _latest(series)
    yield UNKNOWN if series.since_change is None else percent(series.since_change)
    yield _last_change(series)


def _change_points(found: History) -> RenderableType:
    following = "first run", "commit", "level before → after"
    columns = [*_names(found), Column("change"), *(Column(each, kind="text") for each in following)]
    rows = ([*_who(found, each), *_changed(each, change)] for each in found.series for change in each.changes)
    return folded(texts(columns, rows))


def _changed(series: Series, change: ChangePoint) -> Iterator[str | Cell]:
    point = series.points[change.at]
    yield Cell(percent(change.ratio), style=_style(change))
    yield f"{point.at:%Y-%m-%d}"
    yield short_commit(point) or UNKNOWN
    yield levels(series, change)


def _names(found: History) -> list[Column]:
    """The case and, where there are several, the machine."""
    machines = [Column("machine", kind="name")] if len(found.machines) > 1 else []
    return [Column("case", kind="text"), *machines]


def _who(found: History, series: Series) -> list[str]:
    return [sanitized(series.name), *([series.machine.label] if len(found.machines) > 1 else [])]


def _latest(series: Series) -> str:
    estimate = series.latest.value
    shown = value(series.quantity, estimate.centre)
    if estimate.low is None or estimate.high is None:
        return shown
    return f"{shown} ({units.between(value(series.quantity, estimate.low), value(series.quantity, estimate.high))})"


def _last_change(series: Series) -> Cell:
    if not series.changes:
        return Cell(series.unjudged or "none", style="dim")
    last = series.changes[-1]
    return styled((percent(last.ratio), _style(last)), (f" {series.points[last.at].at:%Y-%m-%d}", ""))


def _style(change: ChangePoint) -> str:
    return _WORSE if change.ratio > 1 else _BETTER


def levels(series: Series, change: ChangePoint) -> str:
    """The level before and after a change: `1.02 s → 1.12 s`."""
    return f"{value(series.quantity, change.before)} → {value(series.quantity, change.after)}"
