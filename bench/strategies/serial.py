"""One after another in the measured process itself: what every speed-up is relative to."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from bench.registry import strategy


@strategy("serial", isolation="none")
@contextmanager
def serial() -> Iterator[Callable[..., list[Any]]]:
    """One task after another in a plain loop."""
    yield _run_in_order


def _run_in_order(task: Callable[[Any], Any], inputs: Sequence[Any]) -> list[Any]:
    return [task(each) for each in inputs]
