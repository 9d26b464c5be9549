"""Results that are not worked out yet: whoever makes one has done nothing of the work but begin it.

Only protocols are asked for, since anything may be lazy: iterators, asynchronous iterators, and what is awaited.
"""

from __future__ import annotations

from _collections_abc import AsyncIterator, Awaitable, Coroutine, Generator, Iterator
from itertools import islice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

_MOST_CONTAINERS = 1000
"""That are looked into: a function does for its first inputs what it does for the others."""
_CONTAINERS = (list, tuple, dict)
_LOOPS = "have the function go through it, for instance with list()"


def laziness(kind: type) -> str:
    """What objects of this class are, such as `a generator`, where they are lazy; empty where they are not."""
    if issubclass(kind, Coroutine):
        return "a coroutine"
    if issubclass(kind, Generator):
        return "a generator"
    if issubclass(kind, AsyncIterator):
        return "an asynchronous iterator"
    if issubclass(kind, Awaitable):
        return "something to be awaited"
    if issubclass(kind, Iterator):
        return "an iterator"
    return ""


def refusal(results: Any) -> str:
    """Why a round's results are no results, in a line; empty where none of them is lazy.

    Args:
        results: a list with the result of each input. Lists, tuples and dicts in them are looked into.
    """
    if not isinstance(results, list):
        return ""
    waiting: list[tuple[int | None, Any]] = [(None, results)]
    for position, within in islice(waiting, _MOST_CONTAINERS):
        values = within.values() if isinstance(within, dict) else within
        kinds = set(map(type, values))
        if (lazy := _first_lazy(values, kinds)) is not None:
            place, what, kind = lazy
            return _said(place if position is None else position, what, kind, inside=position is not None)
        if any(issubclass(kind, _CONTAINERS) for kind in kinds):
            inner = ((place, each) for place, each in enumerate(values) if isinstance(each, _CONTAINERS))
            found = islice(inner, max(0, _MOST_CONTAINERS - len(waiting)))
            waiting.extend((place if position is None else position, each) for place, each in found)
    return ""


def _first_lazy(values: Iterable[Any], kinds: set[type]) -> tuple[int, str, type] | None:
    """Where the first lazy value is, what it is, and its class; `kinds` are the classes of all."""
    lazy = {kind: what for kind in kinds if (what := laziness(kind))}
    if not lazy:
        return None
    found = ((place, lazy[type(each)], type(each)) for place, each in enumerate(values) if type(each) in lazy)
    return next(found, None)


def _said(position: int, what: str, kind: type, *, inside: bool) -> str:
    name = f"{what} ({kind.__qualname__})" if what.rpartition(" ")[2] != kind.__name__ else what
    to_do = "await it in the function (`async def`)" if issubclass(kind, Awaitable) else _LOOPS
    if issubclass(kind, AsyncIterator):
        to_do = "have an `async def` go through it with `async for`"
    return (
        f"input {position} gave {'a result that holds ' if inside else ''}{name}: nothing of the work was done but its "
        f"creation; {to_do}"
    )
