"""The commands by name, and how every one of them ends: its exit status, and errors in one line.

A command's module is imported when the command is used, so that the help appears at once.
"""

import importlib
import sys

import click

import bench
from bench.errors import UnknownNameError, UsageError
from bench.processes.ending import ended_by

_NAME = "python -m bench"
COMMANDS = {
    "all": "Measure everything, then make the report.",
    "run": "Measure workloads under strategies.",
    "report": "Make the report of a run that was measured.",
    "check": "Compare two revisions now: did the change make it slower?",
    "compare": "Compare stored runs, of this tool or of others.",
    "export": "Write a run as a file of another tool.",
    "history": "Show cases over many stored runs, and where they changed.",
    "prove-gate": "Show how often check is wrong, and how soon it is right.",
    "faults": "Put strategies through faults and show what they make of them.",
    "explain": "Tell what a word means (GIL, block, a finding), and what to do.",
    "tour": "Teach concurrency with a few measured lessons, and a page of them.",
    "list": "Show workloads, strategies and scales, and what is unavailable.",
    "doctor": "Show what this machine lets us measure, and how well.",
}


class LazyGroup(click.Group):
    """A group that knows its commands' names and summaries without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order of the table above, which is the order of use."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command's module and take the command from it."""
        if cmd_name not in COMMANDS:
            raise UnknownNameError("command", cmd_name, COMMANDS)
        command: click.Command = importlib.import_module(f"bench.cli.{cmd_name.replace('-', '_')}_command").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The table as it stands."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(bench.__version__, prog_name="concurrency-bench")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def cli(debug: bool) -> None:
    """Threads, processes or asyncio: which runs this work best on this machine, and what does it cost?

    What the GIL allows, and what a free-threaded Python gains, is measured here, not assumed.

    \b
    Examples:
      python -m bench run mine.py:f --inputs 1..40   which strategy suits my function?
      python -m bench all                  measure everything in about 8 minutes and make a report
      python -m bench all --quick          a first look, in about two minutes
      python -m bench run primes           one workload under every strategy
      python -m bench tour                 lessons on the GIL, locks, messages and more, in 3 minutes
      python -m bench check --base main mine.py   did my change make it slower?
      python -m bench faults               what strategies do when a task goes wrong
      python -m bench list                 what can be measured here
      python -m bench doctor               how well this machine lets us measure
      python -m bench explain GIL          what a word means

    Exit status: 0 good, 1 a regression, 2 wrong usage, 3 a measurement failed, 130 interrupted.
    """


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; give back the exit status."""
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        status = cli.main(arguments, prog_name=_NAME, standalone_mode=False)
        sys.stdout.flush()
        return status if isinstance(status, int) else 0
    except click.Abort:
        return ended_by(KeyboardInterrupt(), with_traceback=False)
    except click.ClickException as error:
        context = getattr(error, "ctx", None)
        click.echo(
            f"error: {error.format_message()} (see {context.command_path if context else _NAME} --help)", err=True
        )
        return UsageError.exit_status
    except BaseException as error:
        return ended_by(error, with_traceback="--debug" in arguments)
