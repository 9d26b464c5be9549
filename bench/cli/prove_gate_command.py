"""`prove-gate`: how often the gate is wrong, how soon it is right, and what other tools say to the same question."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import click

from bench import bounds
from bench.cli.files import save_chart, write_whole
from bench.cli.numbers import Whole
from bench.cli.progress import RunProgress
from bench.errors import UsageError
from bench.plugins.names import sanitized
from bench.proof.trials import conduct, wanted
from bench.store import trials


@click.command("prove-gate")
@click.option(
    "--simulated",
    type=Whole(0),
    default=10_000,
    show_default=True,
    help="Simulated runs of each kind; 0 for none.",
)
@click.option(
    "--checks",
    type=Whole(0),
    default=40,
    show_default=True,
    help="Real checks of identical code, with neighbours and without.",
)
@click.option(
    "--changed",
    type=Whole(0),
    default=30,
    show_default=True,
    help="Real checks of code made 5 % slower, and 20 %.",
)
@click.option(
    "--peers",
    type=Whole(0),
    default=20,
    show_default=True,
    help="In how many of each pyperf and pytest-benchmark are asked too.",
)
@click.option(
    "--load",
    type=click.Choice(["both", "none", "only"]),
    default="both",
    show_default=True,
    help="Whether there are trials with neighbours that use every CPU half of the time.",
)
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    default=Path("results/gate-proof.jsonl"),
    show_default=True,
    help="Where real trials are kept; those there are not made again.",
)
@click.option(
    "--chart", type=click.Path(path_type=Path), metavar="FILE", help="A picture (.svg, .png) of the real trials."
)
@click.option("--write", type=click.Path(path_type=Path), metavar="FILE",
              help="A page of markdown that gets the tables; it keeps what is above and below them.")  # fmt: skip
def command(
    simulated: int, checks: int, changed: int, peers: int, load: str, data: Path, chart: Path | None, write: Path | None
) -> None:
    """Prove the gate on simulated streams and with real checks on this machine. This takes hours; nothing else may run.

    Real trials are kept one by one, so a proof can be interrupted and goes on where it was.

    \b
    Examples:
      python -m bench prove-gate --write docs/gate.md
      python -m bench prove-gate --simulated 300 --checks 2 --changed 2 --peers 1
      python -m bench prove-gate --simulated 0 --checks 0 --changed 0
    """
    page = None if write is None else _page(write)
    with RunProgress() as progress:
        kinds = [each for each in wanted(checks, changed, peers) if load == "both" or each.loaded is (load == "only")]
        conduct(kinds, trials.read(data), partial(trials.append, data), progress.line)
        from bench.report.evidence.gate_proof import simulated_text
        from bench.report.evidence.gate_trials import proof_text
        from bench.report.kit import terminal  # only now: nothing of the report is loaded while measuring

        done = trials.read(data)
        text = proof_text(done, simulated_text(simulated, progress.say))
        if chart is not None and done:
            _draw(done, chart)
    if write is None or page is None:
        terminal.show_text(text)
        return
    before, after = page
    write_whole(write, f"{before}{_BEGIN}\n{text}\n{_END}{after}", "--write")
    terminal.show_text(str(write))


def _draw(done: Sequence[trials.Trial], path: Path) -> None:
    from bench.report.evidence.chart import proof_chart

    save_chart(proof_chart(done), path)


_BEGIN, _END = "<!-- prove-gate begins -->", "<!-- prove-gate ends -->"


def _page(path: Path) -> tuple[str, str]:
    """What stands before and after the tables.

    Raises:
        UsageError: if the page has no place for them.
    """
    try:
        with bounds.opened(path) as file:
            read = file.read(bounds.LONGEST_FILE_BYTES + 1)
        text = read.decode()
    except OSError as error:
        raise UsageError(f"--write {sanitized(str(path))}: {error.strerror}; it names a page that is there") from None
    except ValueError:
        raise UsageError(
            f"--write {sanitized(str(path))}: it is not UTF-8 text; it names a page that is there"
        ) from None
    if len(read) > bounds.LONGEST_FILE_BYTES:
        raise UsageError(f"--write {bounds.said_of_length(sanitized(str(path)), 'page')}")
    before, begin, rest = text.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not begin or not end:
        raise UsageError(f"--write {path}: the page lacks the lines {_BEGIN} and {_END}")
    return before, after
