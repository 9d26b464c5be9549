"""What registering asks of a function, without `inspect`, which takes longer to import than all else that a host needs.

Plain functions are looked at here, in `contextlib.contextmanager`'s wrapping or none; `inspect` is asked of anything else.
"""

from __future__ import annotations

from types import FunctionType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

NO_DEFAULT = object()
_IS_COROUTINE = 0x80
"""`inspect.CO_COROUTINE`."""


def parameters(function: Any) -> tuple[dict[str, Any], set[str]]:
    """What a function can be given by position and by name, each with its default or `NO_DEFAULT`, and what by name alone."""
    inner: Any = function
    while type(inner) is FunctionType and "__wrapped__" in vars(inner) and "__signature__" not in vars(inner):
        inner = vars(inner)["__wrapped__"]
    code = inner.__code__ if type(inner) is FunctionType and "__signature__" not in vars(inner) else None
    if code is None or code.co_posonlyargcount:
        return _inspected(function)
    taken = code.co_varnames[: code.co_argcount]
    defaults = (NO_DEFAULT,) * len(taken) + (inner.__defaults__ or ())
    by_name_alone = code.co_varnames[code.co_argcount :][: code.co_kwonlyargcount]
    return dict(zip(taken, defaults[len(defaults) - len(taken) :], strict=True)), set(by_name_alone)


def _inspected(function: Any) -> tuple[dict[str, Any], set[str]]:
    from inspect import signature

    found = signature(function).parameters.values()
    taken = {
        each.name: NO_DEFAULT if each.default is each.empty else each.default
        for each in found
        if each.kind is each.POSITIONAL_OR_KEYWORD
    }
    return taken, {each.name for each in found if each.kind is each.KEYWORD_ONLY}


def is_coroutine_function(function: Any) -> bool:
    """As `inspect.iscoroutinefunction` says."""
    if type(function) is FunctionType and not vars(function):  # `inspect` knows attributes that say so
        return bool(function.__code__.co_flags & _IS_COROUTINE)
    from inspect import iscoroutinefunction

    return iscoroutinefunction(function)


def first_line(function: Any) -> str:
    """Of its docstring; empty where it has none."""
    if type(function) is FunctionType:
        return (function.__doc__ or "").strip().partition("\n")[0].expandtabs().rstrip()
    from inspect import getdoc

    return (getdoc(function) or "").partition("\n")[0]
