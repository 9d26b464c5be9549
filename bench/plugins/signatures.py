"""What functions take: what registering asks of them, several arguments in one, and the former names of the decorators' own arguments.

Without `inspect`, which takes longer to import than all else that a host needs, and without `warnings` where none is due.
Plain functions are looked at here, in `contextlib.contextmanager`'s wrapping or none; `inspect` is asked of anything else.
"""

from __future__ import annotations

from types import FunctionType

from bench.errors import SourceError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, ParamSpec, TypeVar

    Parameters = ParamSpec("Parameters")
    Result = TypeVar("Result")

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


class Starred:
    """A function of several arguments as one of one, as `itertools.starmap` and `Pool.starmap` call it; it pickles if the function does."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.__doc__ = function.__doc__

    def __call__(self, arguments: Any) -> Any:
        """What the function gives for a list of arguments, or a dictionary of named ones.

        Raises:
            UsageError: for anything else.
        """
        if isinstance(arguments, dict):
            return self.function(**arguments)
        if isinstance(arguments, list):
            return self.function(*arguments)
        kind = type(arguments).__name__
        raise UsageError(
            f"--star takes inputs that are lists of arguments or objects of named ones, not of type {kind}"
        )


def is_coroutine_function(function: Any) -> bool:
    """As `inspect.iscoroutinefunction` says."""
    if isinstance(function, Starred):
        function = function.function
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


def also_as(**names: str) -> Callable[[Callable[Parameters, Result]], Callable[Parameters, Result]]:
    """Have a function take arguments by their former names, too.

    Args:
        names: by each former name, the one to write. The signature shows these alone.
    """

    def extend(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
        def extended(*arguments: Parameters.args, **named: Parameters.kwargs) -> Result:
            for former in [each for each in named if each in names]:
                _rename(named, former, names[former], function.__name__)
            return function(*arguments, **named)

        for attribute in ("__module__", "__name__", "__qualname__", "__doc__"):
            setattr(extended, attribute, getattr(function, attribute))
        extended.__wrapped__ = function  # type: ignore[attr-defined]
        return extended

    return extend


def _rename(named: dict[str, Any], former: str, name: str, function: str) -> None:
    """Take an argument by its name of today, with a warning at the line that called the extended function.

    Raises:
        SourceError: where it is given by both.
    """
    import warnings

    if name in named:
        raise SourceError(f"{function} got {name} and also {former}, which is its former name; write {name} alone")
    warnings.warn(
        f"the argument {former} of {function} is called {name} now; write {name}, {former} will go",
        DeprecationWarning,
        stacklevel=3,
    )
    named[name] = named.pop(former)
