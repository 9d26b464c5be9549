"""Writes the folder of a tour: one page that needs no other file, and the charts beside it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import bench
from bench.analysis.estimates import INTERVAL
from bench.analysis.faults import fault_table
from bench.analysis.groups import Group
from bench.analysis.summary import Summary
from bench.analysis.tour.taught import Taught, measured
from bench.plugins.names import sanitized
from bench.records.block import Outcome
from bench.records.run import Run
from bench.report.charts import GROUP_CHARTS
from bench.report.drawing import pictures
from bench.report.drawing.chart import Chart
from bench.report.drawing.pictures import Picture
from bench.report.faults.chart import fault_grids
from bench.report.kit import words
from bench.report.kit.folder import fresh_folder
from bench.report.kit.results import Results, results_of
from bench.report.run import page
from bench.report.run.build import INDEX, safe
from bench.report.tour import words as said
from bench.report.tour.code import listings

_RANKING = "ranking"
CHARTS = {"cold": "phases"}
"""The kind of a lesson's chart, where it is no ranking."""


def build_page(lessons: Sequence[Taught], folder: Path) -> Path | None:
    """Make `folder/<first run>-tour/` with index.html and each lesson's chart.

    Args:
        lessons: all that were asked for.
        folder: holds the reports of all runs.

    Returns:
        The path of index.html; None where no lesson was measured.

    Raises:
        StorageError: if the folder cannot be written.
    """
    runs = [run for _, _, run in measured(lessons)]
    if not runs:
        return None
    target = folder / f"{safe(runs[0].header.id)}-tour"
    with fresh_folder(target) as fresh:
        drawn = pictures.draw(
            [partial(_chart, lesson, path, run) for lesson, path, run in measured(lessons)], fresh, png=False
        )
        (fresh / INDEX).write_text(html(lessons, drawn), encoding="utf-8")
    return target / INDEX


def html(lessons: Sequence[Taught], drawn: Sequence[Picture]) -> str:
    """The page. Each picture has the name of its lesson; at least one lesson was measured."""
    by_name = {each.name: each for each in drawn}
    header = next(run.header for _, _, run in measured(lessons))
    return page.template("tour.html.j2", autoescape=True).render(
        lessons=[_shown(each, by_name.get(each.lesson.name)) for each in lessons],
        machine=words.machine(header.environment),
        python=words.python(header),
        started=f"{header.started_utc[:16].replace('T', ' ')} UTC",
        interval=INTERVAL,
        busy=said.busy(lessons),
        tool=bench.__version__,
    )


def _shown(lesson: Taught, picture: Picture | None) -> dict[str, Any]:
    """What the page shows of a lesson."""
    own = lesson.lesson
    return {
        "name": own.name,
        "title": own.title,
        "sentence": said.sentence(lesson),
        "behind": said.behind(lesson),
        "notes": list(said.notes(lesson)),
        "picture": picture,
        "listings": listings(own),
        "again": said.again(own),
        "following": said.following(own),
        "file": None if lesson.path is None else sanitized(lesson.path.name),
    }


def _chart(lesson: Taught, path: Path, run: Run) -> Chart | None:
    """The chart of a lesson, with its name; None where there is nothing to draw."""
    if lesson.lesson.is_of_a_fault:
        found = next(fault_grids(run, fault_table(run)), None)
    else:
        results = results_of(path, run)
        draw = GROUP_CHARTS[CHARTS.get(lesson.lesson.name, _RANKING)][1]
        found = _drawn(draw, results, results.groups[0])
    return None if found is None else replace(found, name=lesson.lesson.name)


def _drawn(draw: Callable[[Results, Group], Chart | None], results: Results, group: Group) -> Chart | None:
    """The chart of a group but for demonstrations in which nothing went wrong, which are there to be compared with alone."""
    shown = replace(group, cases=[each for each in group.cases if not _is_idle(each)])
    return draw(results, shown) if shown.ranked else None


def _is_idle(summary: Summary) -> bool:
    return summary.demonstration and summary.outcome is Outcome.OK
