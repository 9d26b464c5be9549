"""Former names of arguments, which still work for one version and warn.

Nothing is imported for those who use none: hosts load this module with the decorators.
"""

from __future__ import annotations

from bench.errors import SourceError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, ParamSpec, TypeVar

    Parameters = ParamSpec("Parameters")
    Result = TypeVar("Result")


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
