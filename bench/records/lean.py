"""Frozen records for what measured processes load: as `dataclass(frozen=True, slots=True)`, which imports `inspect`, `ast` and `re`.

Those take as long as all else that a host needs before it can run a strategy. Standard library only.
"""

from __future__ import annotations

from types import MappingProxyType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, TypeVar, dataclass_transform

    Class = TypeVar("Class", bound=type)
else:

    def dataclass_transform(**_):  # noqa: ANN003, ANN201
        """Tells type checkers; nothing here."""
        return lambda function: function


NOTHING: Mapping[str, Any] = MappingProxyType({})
"""An empty mapping, as a default of fields."""


@dataclass_transform(frozen_default=True)
def record(kind: Class) -> Class:
    """A class whose annotated names are its fields, in their order; what they are set to there is their default.

    One is equal to itself alone: they hold functions.
    """
    names = tuple(kind.__annotations__)
    defaults = {each: vars(kind)[each] for each in names if each in vars(kind)}

    def fill(self: Any, *values: Any, **named: Any) -> None:
        given = dict(zip(names, values, strict=False))
        if len(values) > len(names) or named.keys() & given.keys() or named.keys() - set(names):
            raise TypeError(f"{kind.__name__} has the fields {', '.join(names)}, each once")
        given = defaults | given | named
        if missing := [each for each in names if each not in given]:
            raise TypeError(f"{kind.__name__} needs {', '.join(missing)}")
        for name, value in given.items():
            object.__setattr__(self, name, value)

    def refuse(_: Any, name: str, __: Any) -> None:
        raise AttributeError(f"{kind.__name__} is frozen: {name} stays as it is")

    def shown(self: Any) -> str:
        return f"{kind.__name__}({', '.join(f'{each}={getattr(self, each)!r}' for each in names)})"

    kept = {name: value for name, value in vars(kind).items() if name not in {*names, "__dict__", "__weakref__"}}
    own = {"__slots__": names, "__init__": fill, "__setattr__": refuse, "__repr__": shown}
    return type(kind)(kind.__name__, kind.__bases__, kept | own)
