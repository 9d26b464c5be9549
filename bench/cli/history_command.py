"""`history`: cases over many stored runs, and where they changed. What reads, reckons and draws is loaded when used."""

import os
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bench.cli.files import save_chart
from bench.cli.values import Listed, Share
from bench.errors import RunFileError, UsageError
from bench.plugins.names import sanitized
from bench.quantities import COMPARED
from bench.report.kit import terminal
from bench.store.asv_file import NO_RESULTS

if TYPE_CHECKING:
    from bench.analysis.history import History, Series
    from bench.analysis.stored import StoredRun

_RESULTS = Path("results")
_CHARTS = Path("reports") / "history"
_RUN_FILES = (".jsonl", ".json", ".json.gz")
_PICTURES = ("png", "svg")


@click.command("history")
@click.argument("words", metavar="[CASE-PATTERN | FILE | FOLDER]...", nargs=-1)
@click.option(
    "--results",
    type=click.Path(path_type=Path),
    show_default="results, where no file is named",
    help="Folder of run files.",
)
@click.option("--workload", type=Listed(), default=[], help="Workloads, or patterns of their names (all).")
@click.option("--strategy", type=Listed(), default=[], help="Strategies, or patterns of their names (all).")
@click.option(
    "--case",
    "cases",
    multiple=True,
    metavar="PATTERN",
    help="Cases: a name, key or workload, a pattern such as 'primes*', or a part of a name; as a word does.",
)
@click.option(
    "--quantity", type=click.Choice(list(COMPARED)), default="time", show_default=True, help="What to look at."
)
@click.option("--tolerance", type=Share(), default=0.02, show_default="2%", help="Smaller changes count as no change.")
@click.option("--json", "as_json", is_flag=True, help="Print the series as JSON.")
@click.option("--chart", is_flag=False, flag_value=str(_CHARTS), type=click.Path(path_type=Path),
              metavar="[FILE.svg|FILE.png|FOLDER]", help=f"Draw a chart a case, into {_CHARTS} if not said where.")  # fmt: skip
def command(
    words: Sequence[str],
    results: Path | None,
    workload: Sequence[str],
    strategy: Sequence[str],
    cases: Sequence[str],
    quantity: str,
    tolerance: float,
    as_json: bool,
    chart: Path | None,
) -> None:
    """Show cases over all stored runs: the latest value, and the runs at which the level changed.

    A word that is a file or a folder is read: run files, and JSON of pytest-benchmark, pyperf, hyperfine 2, asv and Google
    Benchmark. Other words choose cases. Runs of different machines, interpreters or tools are never mixed. The last lines printed are the paths of the
    charts.

    \b
    Examples:
      python -m bench history
      python -m bench history primes --strategy 'process*' --chart
      python -m bench history .benchmarks --case 'test_parse*' --tolerance 5%
      python -m bench history --quantity memory --json | jq '.series[] | select(.changes != [])'
    """
    paths = [Path(each) for each in words if os.path.exists(each)]
    patterns = [*cases, *(_pattern(each) for each in words if not os.path.exists(each))]
    from bench.analysis.history import history
    from bench.report.history.text import as_json as to_json
    from bench.report.history.text import terminal_table
    from bench.selection import CaseFilter

    places = [*([results] if results else []), *paths] or [_RESULTS]
    found = history(_load(places), quantity, CaseFilter(patterns, workload, strategy), tolerance)
    if chart is not None and chart.suffix:
        _check_one_case(chart, found)
    if as_json:
        terminal.show_text(to_json(found))
    else:
        for each in terminal_table(found):
            terminal.show(each)
    if chart is not None:
        for path in _draw(found, chart):
            click.echo(str(path), err=as_json)


def _pattern(word: str) -> str:
    if word.endswith(_RUN_FILES):
        raise UsageError(f"there is no file {sanitized(word)}")
    return word


def _load(places: Sequence[Path]) -> "list[StoredRun]":
    """All runs of some files and folders; a file that does not read is named in a warning.

    Raises:
        RunFileError: if there is none.
    """
    from bench.analysis.loading import load

    runs = []
    for path in dict.fromkeys(each.resolve() for place in places for each in _run_files(place)):
        try:
            runs.append(load(path))
        except RunFileError as error:
            click.echo(f"warning: left out: {sanitized(str(error))}", err=True)
    if not runs:
        where = ", ".join(sanitized(str(each)) for each in places)
        raise RunFileError(f"no run can be read from {where}; make one with: python -m bench run")
    return runs


def _run_files(place: Path) -> list[Path]:
    if not os.path.isdir(place):
        return [place] if os.path.exists(place) else []
    return sorted(
        each
        for each in place.rglob("*")
        if each.name.endswith(_RUN_FILES) and each.name not in NO_RESULTS and each.is_file()
    )


def _by_case(found: "History") -> "Iterator[list[Series]]":
    """The series of each case, one a machine."""
    ordered = sorted(found.series, key=lambda each: (each.name, each.case, each.tool))
    for _, series in groupby(ordered, key=lambda each: (each.case, each.tool)):
        yield list(series)


def _check_one_case(chart: Path, found: "History") -> None:
    """A file holds one chart, of a kind that can be drawn.

    Raises:
        UsageError: if it should hold more, or another.
    """
    if chart.suffix[1:] not in _PICTURES:
        raise UsageError(f"--chart draws .svg and .png, not {chart.suffix!r}")
    if (count := len(list(_by_case(found)))) > 1:
        raise UsageError(f"--chart {chart} has room for one case, and {count} fit; choose one, or give a folder")


def _draw(found: "History", target: Path) -> Iterator[Path]:
    """Write the charts; give back the path of each, of the PNG where a folder gets both kinds.

    Raises:
        StorageError: if they cannot be written.
    """
    from bench.report.history.chart import history_chart

    for series in _by_case(found):
        chart = history_chart(found, series)
        if target.suffix:
            yield save_chart(chart, target)
        else:
            yield [save_chart(chart, target / f"{chart.name}.{kind}") for kind in reversed(_PICTURES)][-1]
