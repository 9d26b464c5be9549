"""`map`: a task for each of many inputs. The job is the inputs, the results are a list in their order."""

from __future__ import annotations

from bench.errors import WrongResult
from bench.patterns.pattern import Pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any


def check(_: Callable[[Any], Any], inputs: Sequence[Any], results: Sequence[Any]) -> None:
    """There is a result for each input."""
    if len(results) != len(inputs):
        raise WrongResult(f"{len(results)} results came back for {len(inputs)} inputs")


PATTERN = Pattern(
    name="map",
    unit="tasks",
    baseline="serial",
    summary="a task for each of many inputs",
    amount=len,
    check=check,
)
