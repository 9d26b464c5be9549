"""`--resume`, of commands that measure: what goes with it."""

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
    context = click.get_current_context()
    given = {name for name in context.params if context.get_parameter_source(name) is ParameterSource.COMMANDLINE}
    others = sorted(given - {*taken}) + [each for each in words if not is_source(each)]
    if others:
        away = ", ".join(each.replace("_", "-") for each in others)
        raise UsageError(f"--resume finishes a run as it was planned; take away {away}")
