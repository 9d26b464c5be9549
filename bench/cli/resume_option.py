"""What goes with options that stand for others: `--resume`, of commands that measure, and `--pytest`."""

from collections.abc import Collection, Sequence

import click
from click.core import ParameterSource

from bench.errors import UsageError
from bench.plugins.sources import is_source


def check_alone(taken: Collection[str], words: Sequence[str]) -> None:
    """Nothing else was given than goes with `--resume`: sources of the user's own are named again, and what is in `taken`.

    Args:
        taken: names of parameters.
        words: that name workloads and strategies.

    Raises:
        UsageError: where something was.
    """
    others = [*given_beside(taken), *(each for each in words if not is_source(each))]
    if others:
        raise UsageError(f"--resume finishes a run as it was planned; take away {', '.join(others)}")


def given_beside(taken: Collection[str]) -> list[str]:
    """What the user gave besides these parameters, as it is called without its dashes."""
    context = click.get_current_context()
    given = {name for name in context.params if context.get_parameter_source(name) is ParameterSource.COMMANDLINE}
    return [each.replace("_", "-") for each in sorted(given - {*taken})]
