"""The options that `run` and `all` share, and what they mean together."""

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import click

from bench.accounting.layers import ORDER
from bench.accounting.reading import proc_missing
from bench.cli.declared import declared, given_conditions
from bench.cli.numbers import Number, Whole
from bench.cli.values import Duration, Listed, Share, Switch, Tolerance
from bench.errors import UsageError
from bench.measure.engine.agenda import FRESH_ROUNDS
from bench.measure.plan.cases import Selection
from bench.plugins import sources
from bench.plugins.names import sanitized
from bench.records.conditions import Conditions
from bench.sessions.again import STDIN
from bench.sessions.interpreters import Wanted
from bench.sessions.run_request import PRECISION, RunRequest

Function = TypeVar("Function", bound=Callable[..., Any])
QUICK_BUDGET_S = 84.0
"""Leaves time in a minute and a half for starting up and for the report."""
TIME_LIMIT_S = {"quick": 20.0, "article": 1800.0}
DEFAULT_TIME_LIMIT_S = 60.0
SEED = Whole(-(2**63), 2**63 - 1)
_MOST_DIGITS = 6
"""Of a number of workers: more than any machine has."""
_MOST_IN_A_RANGE = 256
"""Numbers of workers, each of which is a case."""


def _from_stdin(context: click.Context, _: click.Parameter, value: str | None) -> str | None:
    """What `--inputs` was given; of `-` a file that holds it, because every process that measures reads the inputs anew."""
    if value != "-":
        return value
    content = sys.stdin.buffer.read()
    if not content.strip():
        raise UsageError("--inputs -: standard input holds no inputs; write one JSON value a line")
    path = Path(context.with_resource(TemporaryDirectory(prefix="bench-inputs-")), STDIN)
    path.write_bytes(content)
    return str(path)


def _sampler(_: click.Context, __: click.Parameter, value: str) -> str:
    if value == "proc" and (missing := proc_missing()):
        raise UsageError(f"--sampler proc does not work here: {missing}; use --sampler psutil")
    return value


_KINDS: dict[str, dict[str, Any]] = {
    "seed": {"type": SEED},
    "duration": {"type": Duration()},
    "frequency": {"type": Number(0, 1000)},
    "sampler": {"type": click.Choice(["auto", "proc", "psutil"]), "callback": _sampler},
    "layer": {"type": click.Choice(ORDER)},
    "tolerance": {"type": Tolerance()},
}
"""Values that are more than their type says."""
results_option = click.option(
    "--results",
    type=click.Path(path_type=Path),
    default=Path("results"),
    show_default=True,
    help="Folder of run files.",
)
reports_option = click.option(
    "--reports", type=click.Path(path_type=Path), default=Path("reports"), show_default=True, help="Folder of reports."
)
case_options = (
    click.option("--workers", type=Listed(), help="Numbers of workers, such as 1,2 or 1..4 (the CPUs it may use)."),
    click.option("--start-method", type=Listed(), help="How processes start: fork, spawn, forkserver."),
    click.option("--chunk-size", type=Listed(), help="Tasks handed to a pool's worker at a time."),
    click.option("--option", "options", multiple=True, metavar="NAME=VALUE", help="Any other option `list` shows."),
    click.option(
        "--inputs",
        metavar="FILE|A..B|JSON|-",
        callback=_from_stdin,
        help='Inputs of your function: a file of JSON lines, 1..100, 1,2,3, \'["a","b"]\', or standard input.',
    ),
    *declared(_KINDS, of_cases=True),
    click.option(
        "--fresh-inputs",
        is_flag=True,
        help="Each round of a block gets inputs it has not seen (all get the same ones).",
    ),
)
"""Of cases, wherever they are measured."""
_OPTIONS = (
    click.option("--strategy", type=Listed(), multiple=True, help="Strategies, or files that define them; all for all (those that matter)."),
    click.option("--pattern", type=Listed(), help="Patterns of work: map, stream, share, sync, serve, start (all)."),
    click.option("--python", "pythons", type=Listed(), metavar="PYTHONS", help="Interpreters by version or path, with names perhaps: 3.13,3.13t,new=/path (this one)."),
    click.option("--gil", type=Switch(), metavar="on,off", help="With the GIL, without, or both, where a build can do without."),
    click.option("--jit", type=Switch(), metavar="on,off", help="With the JIT, without, or both, where a build has one."),
    click.option("--scale", help="Scale of the workloads: quick, standard, article (standard)."),
    *case_options,
    click.option("--workload", multiple=True, metavar="SOURCE", help="Your own: FILE.py or package.module:function."),
    click.option("--quick", is_flag=True, help="Scale quick, in at most a minute and a half; where nothing is named, variants are left out."),
    click.option("--budget", type=Duration(), help="Time for the whole run, such as 90s (55s for a workload that is named, 455s for all)."),
    click.option("--blocks", type=Whole(1), help="Blocks of each case, instead of a budget."),
    click.option("--precision", type=Share(), help="Until the ends of each ratio's interval are so near to its middle (5% of what is named)."),
    click.option("--rounds", type=Whole(2), help="Rounds in each block, the cold one included."),
    *declared(_KINDS, of_cases=False),
    results_option,
    click.option("--identify", is_flag=True, help="Record host name, user and folder in the run file."),
)  # fmt: skip


def measuring_options(function: Function) -> Function:
    """Give a command all options of a measurement, in the order above."""
    return with_options(_OPTIONS)(function)


def with_options(options: Sequence[Callable[[Any], Any]]) -> Callable[[Function], Function]:
    """Gives a command these options, in their order."""

    def decorate(function: Function) -> Function:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


def run_request(
    words: Sequence[str],
    *,
    strategy: Sequence[Sequence[str]],
    pattern: Sequence[str] | None,
    scale: str | None,
    workers: Sequence[str] | None,
    start_method: Sequence[str] | None,
    chunk_size: Sequence[str] | None,
    options: Sequence[str],
    workload: Sequence[str],
    inputs: str | None,
    quick: bool,
    budget: float | None,
    blocks: int | None,
    rounds: int | None,
    time_limit: float | None,
    fresh_inputs: bool,
    **given: Any,
) -> RunRequest:
    """What the options mean together; those in `given` mean what they say, and are fields of what is asked for or of its conditions.

    Raises:
        UsageError: where they contradict each other or a value does not read.
    """
    strategies = [each for group in strategy for each in group]
    selection = Selection(
        workloads=words or workload,
        strategies=strategies,
        patterns=pattern or (),
        scale=(scale := _scale(scale, quick=quick)),
        workers=numbers_of_workers(workers),
        options=named_options(options, {"start_method": start_method, "chunk_size": chunk_size}),
    )
    if given["precision"] is None and (words or workload):
        given["precision"] = PRECISION
    once = selection.is_article and budget is None  # a round may take minutes
    rounds = rounds or (2 if once else FRESH_ROUNDS if fresh_inputs else None)
    return RunRequest(
        sources=list(dict.fromkeys([*workload, *filter(sources.is_source, (*words, *strategies))])),
        selection=selection,
        interpreters=interpreters_of(given),
        inputs=inputs,
        repetitions=blocks or (1 if once else None),
        rounds=rounds,
        conditions=Conditions(
            budget_s=QUICK_BUDGET_S if quick and budget is None else budget,
            time_limit_s=time_limit or TIME_LIMIT_S.get(scale or "", DEFAULT_TIME_LIMIT_S),
            fresh_rounds=(rounds or 0) if fresh_inputs else 0,
            **given_conditions(given),
        ),
        is_first_look=quick and not (words or workload or strategies or pattern),
        **given,
    )


def interpreters_of(given: dict[str, Any]) -> Wanted:
    """What options ask for of interpreters; they are taken out of what is given."""
    return Wanted(*(given.pop(name, None) or () for name in ("pythons", "gil", "jit")))


def _scale(scale: str | None, *, quick: bool) -> str | None:
    if quick and scale not in (None, "quick"):
        raise UsageError(f"--quick is the scale quick, and --scale asks for {scale!r}; give one of them")
    return "quick" if quick else scale


def numbers_of_workers(words: Sequence[str] | None) -> list[int]:
    """The numbers that words such as `1`, `4` and `1..4` mean.

    Raises:
        UsageError: for a word that is none, or an empty range.
    """
    found: list[int] = []
    for word in words or ():
        first, dots, last = word.partition("..")
        ends = [positive("--workers", each) for each in ((first, last) if dots else (word,))]
        if ends[-1] < ends[0]:
            raise UsageError(f"--workers {word} is empty: its first number is above its last")
        if ends[-1] - ends[0] >= _MOST_IN_A_RANGE:
            raise UsageError(
                f"--workers {word} is more than {_MOST_IN_A_RANGE} numbers; name the ones that matter, such as 1,2,4,8"
            )
        found += range(ends[0], ends[-1] + 1)
    return list(dict.fromkeys(found))


def positive(option: str, text: str) -> int:
    """A whole number above 0.

    Raises:
        UsageError: for anything else.
    """
    if not text.isdecimal() or not text.strip("0"):
        raise UsageError(f"{option} takes whole numbers above 0, not {sanitized(text, 60)!r}")
    if len(text) > _MOST_DIGITS:
        raise UsageError(f"{option} takes numbers of at most {_MOST_DIGITS} digits, not {sanitized(text, 60)!r}")
    return int(text)


def named_options(pairs: Sequence[str], named: Mapping[str, Sequence[str] | None]) -> dict[str, list[str]]:
    """The values of each option: of those written as NAME=VALUE, and of those that have an option of their own.

    Raises:
        UsageError: for a pair that is none.
    """
    found = {name: list(values) for name, values in named.items() if values}
    for pair in pairs:
        name, equals, values = pair.partition("=")
        if not equals or not values:
            raise UsageError(f"--option takes NAME=VALUE, not {pair!r}")
        found.setdefault(name, []).extend(values.split(","))
    return found
