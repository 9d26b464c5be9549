"""Values of options that are numbers: each says what it takes where it gets something else."""

import re
from typing import Any

import click

from bench.plugins.names import sanitized

_WHOLE = re.compile(r"[+-]?[0-9]{1,19}", re.ASCII)
"""Longer ones are no number of anything that is measured."""


class Whole(click.ParamType[int]):
    """A whole number within bounds."""

    name = "n"

    def __init__(self, low: int, high: int = 10**9) -> None:
        """Of the lowest and the highest that it may be."""
        self._low, self._high = low, high

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number."""
        if isinstance(value, int):
            return value
        text = value.strip()
        if not _WHOLE.fullmatch(text) or not self._low <= int(text) <= self._high:
            self.fail(f"a whole number from {self._low} to {self._high}, not {sanitized(text, 60)!r}", param, ctx)
        return int(text)


class Number(click.ParamType[float]):
    """A number within bounds, which NaN is not."""

    name = "number"

    def __init__(self, low: float, high: float) -> None:
        """Of the lowest and the highest that it may be."""
        self._low, self._high = low, high

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The number."""
        try:
            found = float(value)
        except ValueError:
            found = float("nan")
        if not self._low <= found <= self._high:
            self.fail(f"a number from {self._low:g} to {self._high:g}, not {sanitized(str(value), 60)!r}", param, ctx)
        return found
