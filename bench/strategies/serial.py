"""One after another in the measured process itself: what every speed-up of a `map` is relative to."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from bench.registry import strategy
from bench.signatures import is_coroutine_function


@strategy("serial", isolation="none", offers=("coroutines",))
@contextmanager
def serial() -> Iterator[Callable[..., list[Any]]]:
    """One task after another in a plain loop; coroutines are awaited one after another."""
    yield _run_in_order


def _run_in_order(task: Callable[[Any], Any], inputs: Sequence[Any]) -> list[Any]:
    if is_coroutine_function(task):
        return list(one_after_another(task, inputs))
    return [task(each) for each in inputs]


def one_after_another(task: Callable[[Any], Any], inputs: Iterable[Any]) -> Iterator[Any]:
    """The result of each input, made when it is asked for; a coroutine function runs in one event loop."""
    if not is_coroutine_function(task):
        yield from map(task, inputs)
        return
    import asyncio  # a plain function is measured without it

    with asyncio.Runner() as runner:
        for each in inputs:
            yield runner.run(task(each))
