"""One after another in the measured process itself: what every speed-up of a `map` is relative to."""

from __future__ import annotations

from bench.plugins.registry import strategy
from bench.plugins.signatures import is_coroutine_function

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from typing import Any


@strategy("serial", isolation="none", provides=("coroutines",), aliases=("loop", "sequential"))
def serial() -> AbstractContextManager[Callable[..., list[Any]]]:
    """One task after another in a plain loop; coroutines are awaited one after another."""
    return _Nothing()


class _Nothing:
    """Nothing is started and nothing stopped. No `contextmanager`: that would be all that a host imports for this strategy."""

    def __enter__(self) -> Callable[..., list[Any]]:
        return run_in_order

    def __exit__(self, *_: object) -> None:
        return None


def run_in_order(task: Callable[[Any], Any], inputs: Sequence[Any]) -> list[Any]:
    """A round."""
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
