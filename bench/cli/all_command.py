"""`all`: measure everything, then report."""

from pathlib import Path
from typing import Any

import click

from bench.cli.forms import Form, form_options
from bench.cli.options import measuring_options, reports_option, run_request
from bench.cli.progress import RunProgress
from bench.sessions.recording import exit_status
from bench.sessions.run import measure
from bench.store.runs import check_writable


@click.command("all")
@measuring_options
@reports_option
@form_options
def command(reports: Path, form: Form, **options: Any) -> int:
    """Measure every workload under every strategy, show the tables, and make the report.

    The last line printed is the path of the report.

    \b
    Examples:
      python -m bench all
      python -m bench all --quick
      python -m bench all --budget 10m --workers 1,2,4
    """
    request = run_request((), **options)
    if form == "tables":
        check_writable(reports, "--reports")
    with RunProgress() as progress:
        measured = measure(request, progress)
    from bench.cli.showing import show  # only now: nothing of the report is loaded while measuring

    show(measured.path, form=form, reports=reports if form == "tables" and not measured.interrupted else None)
    return exit_status(measured)
