"""Interpreters of one process, each with a lock of its own."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent import futures
from contextlib import contextmanager

from bench.errors import Unavailable
from bench.plugins.registry import strategy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_REFUSALS = ("does not support loading in subinterpreters", "cannot load module more than once per process")
"""What Python says of an extension module that is for the main interpreter only, and what numpy says itself."""


@strategy(
    "interpreter_pool",
    isolation="interpreter",
    unavailable="" if hasattr(futures, "InterpreterPoolExecutor") else "needs Python 3.14",
    aliases=("InterpreterPoolExecutor", "subinterpreters", "concurrent.futures.InterpreterPoolExecutor"),
)
@contextmanager
def interpreter_pool(workers: int) -> Iterator[Callable[..., list[Any]]]:
    """`concurrent.futures.InterpreterPoolExecutor.map`; it starts its interpreters in the first round."""
    pool_class: Any = vars(futures)["InterpreterPoolExecutor"]  # not among the names of older versions
    # a new interpreter does not know where this one looks for modules
    with pool_class(workers, initializer=exec, initargs=(f"import sys; sys.path[:] = {sys.path!r}",)) as pool:

        def call(task: Callable[[Any], Any], inputs: Sequence[Any]) -> list[Any]:
            try:
                return list(pool.map(task, inputs))
            except Exception as error:
                refusal = _refusal(error)
                if refusal:
                    raise Unavailable(f"a module cannot be loaded in a subinterpreter: {refusal}") from error
                raise

        yield call


def _refusal(error: BaseException | None) -> str:
    """The line, in an exception or one that led to it, that says that a module is for the main interpreter only."""
    while error is not None:
        for line in str(error).splitlines():
            if any(each in line for each in _REFUSALS):
                return line.strip().removeprefix("ImportError: ")
        error = error.__cause__ or error.__context__
    return ""
