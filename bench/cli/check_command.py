"""`check`: the gate. Did a change make it slower?"""

import os
import shlex
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import click

from bench import units
from bench.cli.comparison_options import Outputs, comparison_options
from bench.cli.declared import given_conditions
from bench.cli.options import (
    DEFAULT_TIME_LIMIT_S,
    SEED,
    TIME_LIMIT_S,
    case_options,
    named_options,
    numbers_of_workers,
    results_option,
    with_options,
)
from bench.cli.progress import RunProgress
from bench.cli.resume_option import check_alone, given_beside
from bench.cli.shares import alpha_option, quantity_option
from bench.cli.side_options import side_options, told_apart
from bench.cli.values import Duration, Listed
from bench.errors import EditedError, UsageError
from bench.measure.engine.agenda import FRESH_ROUNDS
from bench.measure.plan.cases import Selection
from bench.processes.interruption import EXIT_STATUS
from bench.records.conditions import Conditions
from bench.sessions.arms import Sides, from_here
from bench.sessions.check import check
from bench.sessions.gate_plan import CheckRequest, Tolerances
from bench.sessions.progress import Progress
from bench.sessions.recording import Measured
from bench.sessions.resume_check import Again, resume_check
from bench.sessions.suite_check import check_suite
from bench.store.runs import find

_WITH_RESUME = {
    "resume", "results", "words", "suite", "strategy", "inputs", "setup", "python", "base_python", "head_python", "budget",
    "as_json", "markdown", "junit", "github",
}  # fmt: skip
_WITH_SUITE = {
    "suite", "base", "head", "setup", "python", "base_python", "head_python", "across", "tolerance", "alpha", "budget",
    "quantity", "time_limit", "results", "resume", "as_json", "markdown", "junit", "github", "accept",
}  # fmt: skip
_TOLERANCE = 0.02
_SAMPLE_HZ = 20.0
"""Where memory is compared: what the kernel keeps no peak of is sampled."""


def _words_of_pytest(_: click.Context, __: click.Parameter, value: str | None) -> list[str]:
    """What pytest is given, as a shell divides it."""
    try:
        words = shlex.split(value or "")
    except ValueError as error:
        raise UsageError(f"--pytest {value!r}: {str(error).lower()}") from None
    if value is not None and not words:
        raise UsageError("--pytest is empty; give it what pytest is given: tests/bench")
    return words


@click.command("check")
@click.argument("words", nargs=-1, metavar="[SELECTION]…")
@click.option(
    "--pytest",
    "suite",
    metavar="ARGUMENTS",
    callback=_words_of_pytest,
    help="Compare the benchmarks of a pytest-benchmark suite: tests/bench, or several arguments of pytest in quotes.",
)
@side_options
@click.option("--across", is_flag=True, help="Compare even where the two interpreters differ.")
@click.option(
    "--tolerance",
    multiple=True,
    metavar="[CASE=]SHARE",
    help="Smaller changes count as no change (2%); of some cases: 'name*=5%'.",
)
@alpha_option
@click.option(
    "--budget", type=Duration(), help="Time for the whole command (a minute for each case, half of it with --pytest)."
)
@quantity_option
@click.option(
    "--strategy",
    type=Listed(),
    multiple=True,
    callback=lambda _, __, value: [each for group in value for each in group],
    help="Strategies, or files that define them (a plain loop).",
)
@click.option("--scale", help="Scale of the workloads (standard).")
@with_options(case_options)
@click.option("--seed", type=SEED, default=1, show_default=True, help="Decides inputs.")
@click.option("--time-limit", type=Duration(), help="For one block (60s).")
@results_option
@click.option("--resume", metavar="RUN", help="Finish a check that was cut: a run file, or the start of a run's id.")
@comparison_options  # fmt: skip
def command(
    words: Sequence[str],
    suite: list[str],
    sides: Sides,
    across: bool,
    tolerance: Sequence[str],
    alpha: float,
    budget: float | None,
    quantity: list[str],
    strategy: Sequence[str],
    scale: str | None,
    inputs: str | None,
    fresh_inputs: bool,
    time_limit: float | None,
    results: Path,
    resume: str | None,
    outputs: Outputs,
    **cases: Any,
) -> int:
    """Compare two revisions, or two interpreters, now and on this machine: did the change make it slower?

    SELECTION names your own code: FILE.py, FILE.py:function or package.module:function; --pytest names a suite that uses
    pytest-benchmark. Both sides are measured in pairs of fresh processes that take turns, until each case is decided or the
    time is spent.

    \b
    Examples:
      python -m bench check --base main benchmarks/mine.py
      python -m bench check --base origin/main mypackage.core:parse --inputs paths.jsonl
      python -m bench check --base origin/main --pytest tests/bench
      python -m bench check --base HEAD~1 mine.py:resize --inputs 1..100 --strategy serial,process_pool
      python -m bench check --base v1.2 suite.py --setup 'make venv' --python .venv/bin/python
      python -m bench check mine.py --base-python old/bin/python --head-python new/bin/python
      python -m bench check --base main suite.py --quantity time,cpu,memory --tolerance 3% --tolerance 'io_*=10%'
      python -m bench check mypackage.core:parse --inputs paths.jsonl --resume 20261120T2231

    Exit status: 0 good, 1 a case regressed, 2 wrong usage, 3 a case failed or cannot be compared, 130 interrupted.
    """
    if suite:
        _check_suite_alone(words, quantity)
    if resume is not None:
        check_alone(_WITH_RESUME, [*words, *strategy])
        again = Again([*words, *strategy], _absolute(inputs), sides.setup, sides.pythons, outputs.files, suite, budget)
        return _shown(partial(resume_check, find(results, resume), again), outputs)
    request = CheckRequest(
        tolerances=_tolerances(tolerance),
        words=_here(words, sides),
        conditions=_conditions(time_limit, scale, quantity, fresh_inputs, given_conditions(cases)),
        selection=_selection(_here(strategy, sides), scale, **cases),
        sides=told_apart(sides, words or suite, outputs.files),
        inputs=_absolute(inputs),
        quantities=quantity,
        alpha=alpha,
        budget_s=budget,
        accepted=sorted(outputs.accepted),
        across=across,
        results=results,
        suite=suite,
    )
    return _shown(partial(check_suite if suite else check, request), outputs)


def _check_suite_alone(words: Sequence[str], quantities: Sequence[str]) -> None:
    """Nothing was given that says how functions are measured, where a suite says it itself.

    Raises:
        UsageError: where something was.
    """
    if words:
        raise UsageError(f"--pytest measures a suite, and {words[0]} is another selection; check one of the two")
    if [*quantities] != ["time"]:
        raise UsageError("--pytest compares times: pytest-benchmark measures nothing else; take away --quantity")
    if others := given_beside(_WITH_SUITE):
        raise UsageError(f"--pytest leaves to the suite how it is measured; take away {', '.join(others)}")


def _shown(checking: Callable[[Progress], Measured], outputs: Outputs) -> int:
    """Measure, and show the verdicts; give back the exit status."""
    with RunProgress() as progress:
        checked = checking(progress)
    from bench.cli.showing import show_check  # only now: nothing of the report is loaded while measuring

    status = show_check(checked.path, outputs)
    if checked.edited:
        return EditedError.exit_status
    return EXIT_STATUS if checked.interrupted else status


def _here(words: Sequence[str], sides: Sides) -> Sequence[str]:
    """Words of the command as the sides load them: in checkouts, where this folder has its place in each."""
    return words if sides.base is None else [from_here(each) for each in words]


def _selection(
    strategies: Sequence[str],
    scale: str | None,
    workers: Sequence[str] | None,
    start_method: Sequence[str] | None,
    chunk_size: Sequence[str] | None,
    options: Sequence[str],
) -> Selection:
    """What is measured of the workloads that are named."""
    return Selection(
        strategies=strategies,
        scale=scale,
        workers=numbers_of_workers(workers),
        options=named_options(options, {"start_method": start_method, "chunk_size": chunk_size}),
    )


def _conditions(
    time_limit_s: float | None,
    scale: str | None,
    quantities: Sequence[str],
    fresh_inputs: bool,
    given: dict[str, Any],
) -> Conditions:
    """What holds for every block; those in `given` mean what they say."""
    sample_hz = _SAMPLE_HZ if "memory" in quantities else 0.0
    limit_s = time_limit_s or TIME_LIMIT_S.get(scale or "", DEFAULT_TIME_LIMIT_S)
    fresh_rounds = FRESH_ROUNDS if fresh_inputs else 0
    return Conditions(budget_s=None, time_limit_s=limit_s, sample_hz=sample_hz, fresh_rounds=fresh_rounds, **given)


def _tolerances(texts: Sequence[str]) -> Tolerances:
    """The tolerance of all cases, and those of some."""
    shared, own = _TOLERANCE, []
    for text in texts:
        pattern, _, share = text.rpartition("=")
        value = units.parse_ratio(share)
        if pattern:
            own.append((pattern, value))
        else:
            shared = value
    return Tolerances(shared, own)


def _absolute(inputs: str | None) -> str | None:
    """Both sides get the same file."""
    return os.path.realpath(inputs) if inputs is not None and os.path.exists(inputs) else inputs
