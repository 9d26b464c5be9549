"""`run`: measure a selection and show its tables."""

from collections.abc import Mapping, Sequence
from typing import Any

import click

from bench.cli.forms import Form, form_options
from bench.cli.options import interpreters_of, measuring_options, run_request
from bench.cli.progress import RunProgress
from bench.cli.resume_option import check_alone
from bench.sessions.recording import Measured, exit_status
from bench.sessions.resume_run import resume as resume_run
from bench.sessions.run import measure
from bench.store.runs import find

_WITH_RESUME = {
    "resume", "results", "as_json", "as_csv", "selection", "workload", "strategy", "inputs", "pythons", "gil", "jit",
}  # fmt: skip


@click.command("run")
@click.argument("selection", nargs=-1)
@measuring_options
@click.option("--resume", metavar="RUN", help="Finish a run that was cut: a run file, or the start of a run's id.")
@form_options
def command(selection: tuple[str, ...], resume: str | None, form: Form, **options: Any) -> int:
    """Measure workloads under strategies, and show a table of each.

    SELECTION names workloads, or patterns such as 'p*'; all of them if there is none. A file or package.module:function
    of your own works too.

    \b
    Examples:
      python -m bench run primes
      python -m bench run primes --strategy serial,process_pool --workers 1,2 --scale quick
      python -m bench run thumbnails --start-method fork,spawn --budget 90s
      python -m bench run matrix --option blas_threads=1,default
      python -m bench run mine.py:resize --inputs paths.jsonl
      python -m bench run primes --csv > primes.csv
      python -m bench run --resume 20261120T2231
      python -m bench run mine.py:resize --inputs paths.jsonl --resume 20261120T2231
    """
    with RunProgress() as progress:
        if resume:
            measured = _resumed(resume, selection, options, progress)
        else:
            measured = measure(run_request(selection, **options), progress)
    from bench.cli.showing import show  # only now: nothing of the report is loaded while measuring

    show(measured.path, form=form)
    return exit_status(measured)


def _resumed(run: str, selection: Sequence[str], options: Mapping[str, Any], progress: RunProgress) -> Measured:
    """The rest of a run. Sources of the user's own and inputs are named again; no other option goes with it.

    Raises:
        UsageError: where one is given.
    """
    words = [*selection, *options["workload"], *(each for group in options["strategy"] for each in group)]
    check_alone(_WITH_RESUME, words)
    return resume_run(find(options["results"], run), words, options["inputs"], progress, interpreters_of(dict(options)))
