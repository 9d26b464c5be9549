"""`tour`: lessons on concurrency for teachers, measured now, that end in one page."""

from collections.abc import Sequence
from pathlib import Path

import click

from bench.analysis.tour.lessons import LESSONS, SCALE
from bench.cli.options import TIME_LIMIT_S, reports_option, results_option
from bench.cli.progress import RunProgress
from bench.cli.values import Duration, Listed
from bench.processes import interruption
from bench.sessions.tour import TourRequest, take
from bench.store.runs import check_writable

_BUDGET_S, _QUICK_BUDGET_S = 180.0, 80.0


@click.command("tour")
@click.option("--lesson", "lessons", type=Listed(), default=[], help=f"Lessons: {', '.join(LESSONS)} (all).")
@click.option("--quick", is_flag=True, help="In at most 80 seconds; intervals are wider.")
@click.option("--budget", type=Duration(), help="Time for the whole tour (3m; 80s with --quick).")
@results_option
@reports_option
def command(lessons: Sequence[str], quick: bool, budget: float | None, results: Path, reports: Path) -> int:
    """Measure a few lessons on concurrency on this machine, and make a page of them to teach with.

    The GIL, waiting, lost updates and locks, Queue and Pipe, what a Manager costs, a hung pool, cold and warm pools: each
    with a sentence that follows from what was measured, its chart, the code that was measured, and the command that
    measures it alone. The last line printed is the path of the page. Run files are stored as those of `run` are.

    Ctrl-C keeps what is finished, and makes the page of that.

    \b
    Examples:
      python -m bench tour
      python -m bench tour --quick
      python -m bench tour --lesson gil,locks
    """
    check_writable(reports, "--reports")
    tour = take(
        TourRequest(
            lessons=lessons,
            budget_s=budget or (_QUICK_BUDGET_S if quick else _BUDGET_S),
            time_limit_s=TIME_LIMIT_S[SCALE],
            results=results,
        ),
        RunProgress,
    )
    from bench.cli.showing import show_tour  # only now: nothing of the report is loaded while measuring

    show_tour(tour, reports)
    if tour.interrupted:
        return interruption.EXIT_STATUS
    return 3 if tour.has_failed else 0
