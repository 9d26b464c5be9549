"""Values of options that are more than text and numbers: durations, shares, and several of something."""

from typing import Any

import click

from bench import units
from bench.errors import UsageError
from bench.plugins.names import sanitized
from bench.store.lines import LONGEST_S


class Duration(click.ParamType[float]):
    """A duration such as `90`, `90s` or `4m`."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Seconds."""
        try:
            found = value if isinstance(value, float) else units.parse_seconds(value)
        except UsageError as error:
            self.fail(str(error), param, ctx)
        if not 0 < found < LONGEST_S:  # nor NaN
            self.fail(f"it is {found:g} s; it must be above 0 and below {LONGEST_S:g} s", param, ctx)
        return found


class Tolerance(click.ParamType[float]):
    """A share above 0 and below 1, such as `1e-9`."""

    name = "share"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The share."""
        try:
            found = float(value)
        except ValueError:
            found = 0.0
        if not 0 < found < 1:
            self.fail(f"it is a share above 0 and below 1, such as 1e-9, not {value!r}", param, ctx)
        return found


class Share(click.ParamType[float]):
    """A share above 0 such as `2%` or `0.02`, as a fraction."""

    name = "share"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The fraction."""
        if isinstance(value, float):
            return value
        try:
            return units.parse_ratio(value)
        except UsageError as error:
            self.fail(str(error), param, ctx)


class Listed(click.ParamType[list[str]]):
    """Values divided by commas."""

    name = "a,b,…"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> list[str]:
        """The values, spaces around them removed."""
        if isinstance(value, list):
            return value
        values = [each.strip() for each in value.split(",") if each.strip()]
        return values or self.fail("it is empty", param, ctx)


class Switch(Listed):
    """`on`, `off` or both."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> list[str]:
        """The values."""
        found = super().convert(value, param, ctx)
        if others := set(found) - {"on", "off"}:
            self.fail(f"it takes on, off or on,off, not {sanitized(min(others), 60)!r}", param, ctx)
        return found
