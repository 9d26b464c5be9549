"""What `check` and `compare` take alike: shares such as `2%` or `0.02`, and quantities."""

import click

from bench.cli.values import Listed, Share
from bench.errors import UnknownNameError, UsageError
from bench.quantities import COMPARED


def _quantities(_: click.Context, __: click.Parameter, value: list[str]) -> list[str]:
    """Quantities that can be compared, each once."""
    for each in value:
        if each not in COMPARED:
            raise UnknownNameError("quantity", each, COMPARED)
    return list(dict.fromkeys(value))


def _below_one(_: click.Context, __: click.Parameter, value: float) -> float:
    """An error rate."""
    if value >= 1:
        raise UsageError(f"--alpha is how often a verdict may be false, such as 1%, not {value:g}")
    return value


quantity_option = click.option(
    "--quantity",
    type=Listed(),
    default=["time"],
    show_default="time",
    callback=_quantities,
    help=f"What is compared: {', '.join(COMPARED)}.",
)
alpha_option = click.option(
    "--alpha",
    type=Share(),
    default=0.01,
    show_default="1%",
    callback=_below_one,
    help="Maximum false-alarm rate: how often identical code gets any false verdict, for each run that is compared with a base.",
)
